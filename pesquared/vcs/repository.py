"""The user's repository as a run sees it: a snapshot to begin with, attempts as commits, branches and notes."""

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pesquared.core.edits import StaleEdit, apply_edits
from pesquared.core.proposal import Edit
from pesquared.errors import UsageError
from pesquared.vcs.discovery import Location, closed_git, drivers, locate, user_git
from pesquared.vcs.git import Git
from pesquared.vcs.refs import Refs
from pesquared.vcs.revisions import Revisions
from pesquared.vcs.snapshot import Snapshot, private_index, take_snapshot
from pesquared.vcs.tree import Entry, list_tree, write_blobs
from pesquared.vcs.writer import TreeWriter

KEPT_HEADERS = (b"tree ", b"parent ", b"author ", b"committer ")


class GitRepository:
    """A repository with a working tree, opened by ``GitRepository.open``."""

    def __init__(self, git: Git, location: Location, filters: tuple[str, ...], branch_prefix: str) -> None:
        self.prefix = location.prefix
        self.top = location.top
        self._git = git
        self._location = location
        self._filters = filters
        self._refs = Refs(git, location.common_dir, branch_prefix)

    @classmethod
    def open(
        cls, codebase: Path, branch_prefix: str = "pesq", environ: Mapping[str, str] = os.environ
    ) -> "GitRepository":
        """Opens the repository in which ``codebase``, a folder, lies.

        Raises:
            UsageError: git is missing or too old, there is no repository or nothing in it to work on, it belongs
                to another user, or a branch stands in the way of our prefix.
        """
        git = user_git(codebase, environ)
        location = locate(git)
        return cls(closed_git(git, location), location, drivers(git, "filter"), branch_prefix)

    @property
    def codebase(self) -> Path:
        """The code base in the user's checkout; it is only ever read."""
        return self.top / self.prefix

    def snapshot(self) -> Snapshot:
        """The working tree as it is, as a commit; see ``take_snapshot``.

        Raises:
            UsageError: the repository ignores the code base.
        """
        taken = take_snapshot(self._git, self._location, self._filters)
        inside = f"{taken.commit}:{self.prefix}" if self.prefix else f"{taken.commit}^{{tree}}"
        if self._git.attempt("cat-file", "-e", inside)[0] != 0:
            raise UsageError(
                f"{self.codebase} is empty or ignored by the repository at {self.top}",
                "take it out of .gitignore, or make it a repository of its own: git init",
            )
        return taken

    @property
    def revisions(self) -> Revisions:
        """The commits that users name."""
        return Revisions(self._git, self.prefix)

    def commit_edits(self, parent: str, edits: tuple[Edit, ...], message: str) -> str:
        """Commits the edits on top of ``parent``; files keep their modes. Returns the commit.

        Raises:
            StaleEdit: an edit does not fit the file as ``parent`` has it, or names no regular file below the
                code base.
        """
        by_path: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            by_path[edit.path].append(edit)
        records = b"".join(self._edited(parent, path, found) for path, found in by_path.items())
        with private_index(self._git) as private:
            private.run("read-tree", parent)
            private.run("update-index", "-z", "--index-info", stdin=records)
            tree = private.line("write-tree")
        return self._git.line("commit-tree", tree, "-p", parent, stdin=_encoded(message))

    def reword(self, commit: str, message: str) -> str:
        """The same tree, parents, people and dates with another message; returns the new commit."""
        header, _, _ = self._git.run("cat-file", "commit", commit).partition(b"\n\n")
        kept = [line for line in header.split(b"\n") if line.startswith(KEPT_HEADERS)]
        body = b"\n".join(kept) + b"\n\n" + _encoded(message)
        return self._git.line("hash-object", "-t", "commit", "-w", "--stdin", stdin=body)

    def set_branch(self, name: str, commit: str) -> None:
        """See ``Refs.set_branch``."""
        self._refs.set_branch(name, commit)

    def delete_branch(self, name: str) -> None:
        """See ``Refs.delete_branch``."""
        self._refs.delete_branch(name)

    def add_note(self, commit: str, text: str) -> None:
        """See ``Refs.add_note``."""
        self._refs.add_note(commit, text)

    def read(self, commit: str, path: str) -> bytes:
        """A file's bytes in a commit; ``path`` is relative to the code base.

        Raises:
            StaleEdit: there is no such file.
        """
        return self._git.run("cat-file", "blob", self._record(commit, path)[1])

    def tracks(self, commit: str, path: str) -> bool:
        """Is ``path``, relative to the code base, a regular file of the commit?"""
        try:
            self._record(commit, path)
        except StaleEdit:
            return False
        return True

    def ignored_files(self, limit: int) -> tuple[str, ...]:
        """At most ``limit`` files of the code base's checkout that git ignores, relative to the code base."""
        found: list[bytes] = []
        rest = b""
        listing = self._git.within(self.codebase)
        with listing.stream("ls-files", "-z", "--others", "--ignored", "--exclude-standard") as output:
            while len(found) < limit and (chunk := output.read(1 << 16)):
                *complete, rest = (rest + chunk).split(b"\0")
                found += complete
        return tuple(os.fsdecode(path) for path in found[:limit])

    def tree(self, commit: str) -> dict[str, Entry]:
        """All entries of a commit by path, relative to the repository's root."""
        return list_tree(self._git, commit)

    def write(self, entries: tuple[Entry, ...], writer: TreeWriter) -> None:
        """Writes the entries' content, as git stores it, below the writer's folder."""
        write_blobs(self._git, entries, writer)

    def _edited(self, parent: str, path: str, edits: list[Edit]) -> bytes:
        """The index record of a file with its edits made."""
        mode, blob = self._record(parent, path)
        source = self._git.run("cat-file", "blob", blob)
        edited = self._git.line("hash-object", "-w", "--stdin", "--no-filters", stdin=apply_edits(source, edits))
        return os.fsencode(f"{mode} {edited}\t{self._whole(path)}\0")

    def _record(self, commit: str, path: str) -> tuple[str, str]:
        """Mode and object of a regular file."""
        listed = self._git.line(
            "--literal-pathspecs", "ls-tree", "-z", "--full-tree", "--", commit, self._whole(path)
        )
        mode, _, blob = listed.partition("\t")[0].partition(" blob ")
        if mode not in {"100644", "100755"}:
            raise StaleEdit(f"{path!r} is not a regular file of the code base in {commit}")
        return mode, blob

    def _whole(self, path: str) -> str:
        parts = path.split("/")
        if "\0" in path or not all(parts) or {".", "..", ".git"} & set(parts):
            raise StaleEdit(f"{path!r} is not a path below the code base")
        return str(PurePosixPath(self.prefix, path))


def _encoded(message: str) -> bytes:
    return message.replace("\0", "").encode("utf-8", "replace")
