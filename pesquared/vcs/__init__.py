"""Git: snapshots of the code base, attempts as commits on branches, notes, and the trees that are built.

The user's checkout is only ever read. What is written into the repository is objects, branches below our prefix
and ``refs/notes/pesquared``; commits are made by plumbing, with private indexes that live outside the repository.
"""
