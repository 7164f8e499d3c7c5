"""Changes that git was told to overlook: ``git update-index --assume-unchanged`` and ``--skip-worktree``.

A snapshot holds such files as they are staged, like any commit of the user's would. Whoever changed one and wants
it measured must be told.
"""

import os
from pathlib import Path

from pesquared.vcs.git import Git


def overlooked(private: Git, top: Path, *, apart: list[bytes]) -> list[str]:
    """The files marked so that differ from what is staged, relative to ``top``.

    Args:
        private: git with an index of its own, in which the marks are removed; to be thrown away afterwards.
        top: the repository's root.
        apart: submodules and files of content filters, of which git cannot tell here whether they changed.
    """
    listed = private.run("ls-files", "-v", "-z").split(b"\0")[:-1]
    left_out = set(apart)
    marked = [
        record[2:]
        for record in listed
        if (record[:1].islower() or record[:1] == b"S") and record[2:] not in left_out
    ]
    # One that is absent is part of a sparse checkout.
    there = [path for path in marked if os.path.lexists(os.path.join(os.fsencode(top), path))]  # noqa: PTH118
    if not there:
        return []
    staged = private.run("ls-files", "-z", "--stage").split(b"\0")[:-1]
    wanted = set(there)
    # Entered anew they bear no mark and no times, so that git compares contents: one of the same size, changed
    # within a tick of the clock, would pass for unchanged.
    anew = b"".join(record + b"\0" for record in staged if record.split(b"\t", 1)[1] in wanted)
    private.run("update-index", "-z", "--index-info", stdin=anew)
    private.attempt("update-index", "-q", "--ignore-submodules", "--refresh")  # 1: some differ
    changed = private.run("diff-files", "-z", "--name-only", "--no-ext-diff", "--ignore-submodules=all")
    return sorted(map(os.fsdecode, set(changed.split(b"\0")).intersection(there)))
