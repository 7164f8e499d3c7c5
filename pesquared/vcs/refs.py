"""What we write into the user's repository beside objects: branches below one prefix, notes, a record of branches.

``refs/pesquared/written/<branch>`` remembers where we put a branch. A branch that stands elsewhere has been moved
by somebody, and is theirs from then on. ``refs/pesquared/base/<run>`` holds a living run's snapshot. Both keep
what a run needs from ``git gc``, whatever becomes of the branches meanwhile.
"""

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pesquared.errors import UsageError
from pesquared.vcs.git import Git, GitError
from pesquared.vcs.occupied import HEADS, occupied

NOTES = "refs/notes/pesquared"
WRITTEN = "refs/pesquared/written/"
BASE = "refs/pesquared/base/"
TRIES = 5  # at the notes, which somebody else may be writing at the same time
NO_LOCKS = {errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL}  # what file systems without flock(2) answer


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a branch is."""

    commit: str = ""  # "" where there is none
    checked_out: str = ""  # the folder
    written: str = ""  # where we put it
    busy: str = ""  # what somebody is doing with it


class Refs:
    """The refs of one repository that are ours.

    Args:
        git: with the repository's paths set; sees only the repository's own objects.
        common_dir: the repository's folder, shared by its worktrees.
        prefix: first part of all our branches' names.

    Raises:
        UsageError: the prefix cannot stand in a branch's name, or a branch is in its way.
    """

    def __init__(self, git: Git, common_dir: Path, prefix: str) -> None:
        self._git = git
        self._common_dir = common_dir
        self._prefix = prefix
        self.left_alone: dict[str, str] = {}  # branch → why it does not show what the run has come to
        self._require_name(f"{prefix}/run")
        self._require_free()

    def set_branch(self, name: str, commit: str) -> None:
        """Creates or moves a branch below the prefix.

        One that somebody has checked out or moved is left alone, and named in ``left_alone``; the record moves.

        Raises:
            UsageError: the name lies elsewhere or is not a branch's name, or a branch stands in its way.
        """
        self._require_ours(name)
        with self._locked():
            now = self.standing(name)
            changes = [_change(WRITTEN + name, commit)]
            if now.commit != commit and not self._is_theirs(name, now):
                changes.append(_change(HEADS + name, commit, now.commit))
            elif now.written == commit:
                return
            try:
                self._update(changes)
            except GitError:
                self._require_name(name)
                self._require_free()  # a branch of the prefix's name may have been made meanwhile
                raise

    def delete_branch(self, name: str) -> None:
        """Removes a branch below the prefix; one that is not there is fine, one that is not ours any more stays.

        Raises:
            UsageError: as for ``set_branch``.
        """
        self._require_ours(name)
        self._require_name(name)
        with self._locked():
            now = self.standing(name)
            changes = [deletion(WRITTEN + name, now.written)] if now.written else []
            if now.commit and not self._is_theirs(name, now):
                changes.append(deletion(HEADS + name, now.commit))
            if changes:
                self._update(changes)

    def set_base(self, run: str, commit: str) -> None:
        """Keeps the commit, and all that it stands on, for as long as the run lives."""
        with self._locked():
            self._update([_change(BASE + run, commit)])

    def drop_base(self, run: str) -> None:
        """The run is over."""
        with self._locked():
            kept = self.target(BASE + run)
            if kept:
                self._update([deletion(BASE + run, kept)])

    def set_notes(self, make: Callable[[str], str]) -> None:
        """Moves the notes' ref to what ``make`` makes of where it stands ("" for nowhere)."""
        with self._locked():
            for left in reversed(range(TRIES)):
                tip = self.target(NOTES)
                try:
                    self._update([_change(NOTES, make(tip), tip)])
                except GitError:
                    if left == 0 or self.target(NOTES) == tip:
                        raise
                else:
                    return

    def standing(self, name: str) -> Standing:
        """Where a branch is, and where we put it."""
        found = list_refs(self._git, HEADS + name, WRITTEN + name)
        commit, where = found.get(HEADS + name, ("", ""))
        busy = occupied(self._common_dir).get(HEADS + name, "") if commit else ""
        return Standing(commit, where, found.get(WRITTEN + name, ("", ""))[0], busy)

    def target(self, ref: str) -> str:
        """Where a ref points; "" if there is none."""
        status, commit, _ = self._git.attempt("rev-parse", "--verify", "--quiet", ref)
        return os.fsdecode(commit).strip() if status == 0 else ""

    def _is_theirs(self, name: str, now: Standing) -> bool:
        if now.checked_out:  # moving it would turn the files of that checkout into uncommitted changes
            self.left_alone[name] = f"it is checked out in {now.checked_out}"
        elif now.busy:
            self.left_alone[name] = now.busy
        elif now.commit and now.commit != now.written:
            self.left_alone[name] = "somebody has moved it"
        else:
            return False
        return True

    def _require_ours(self, name: str) -> None:
        if not name.startswith(f"{self._prefix}/"):
            raise UsageError(f"the branch {name!r} is not below {self._prefix!r}, so it is not ours to change")

    def _require_name(self, name: str) -> None:
        # As in ``git check-ref-format --branch``, a leading dash is refused: it reads like an option.
        if name.startswith("-") or self._git.attempt("check-ref-format", f"refs/heads/{name}")[0] != 0:
            raise UsageError(f"{name!r} cannot be a branch's name", "choose another --branch-prefix, such as pesq")

    def _require_free(self) -> None:
        parts = self._prefix.split("/")
        for length in range(1, len(parts) + 1):
            branch = "/".join(parts[:length])
            if self.target(f"refs/heads/{branch}"):
                raise UsageError(
                    f"a branch named {branch!r} exists, and git allows no branches below another branch",
                    "choose another name with --branch-prefix",
                )

    def _update(self, changes: list[bytes]) -> None:
        update_refs(self._git, changes)

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self._common_dir)


@contextmanager
def locked(common_dir: Path) -> Iterator[None]:
    """Keeps others of us away from a repository's refs."""
    # The folder itself is locked: a lock file would be one more thing left in the user's repository.
    folder = os.open(common_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in NO_LOCKS:  # git's own lock of each ref remains
                raise
        yield
    finally:
        os.close(folder)


def list_refs(git: Git, *patterns: str, options: tuple[str, ...] = ()) -> dict[str, tuple[str, str]]:
    """Ref → commit, and the folder in which it is checked out, "" for none."""
    listed = git.line("for-each-ref", "--format=%(refname) %(objectname) %(worktreepath)", *options, *patterns)
    # The name of a folder may hold newlines.
    records = [record.split(" ", 2) for record in re.split(r"\n(?=refs/)", listed) if record]
    return {ref: (commit, where) for ref, commit, where in records}


def update_refs(git: Git, changes: list[bytes]) -> None:
    """All changes (see ``deletion``) or none."""
    git.run("update-ref", "-z", "--stdin", stdin=b"".join(changes))


def _change(ref: str, new: str, old: str | None = None) -> bytes:
    """Moves a ref; ``old`` says where it must stand now: "" nowhere, None anywhere."""
    before = "0" * len(new) if old == "" else old or ""
    return b"update %s\0%s\0%s\0" % (os.fsencode(ref), new.encode("ascii"), before.encode("ascii"))


def deletion(ref: str, old: str) -> bytes:
    """Removes a ref that stands at ``old``."""
    return b"delete %s\0%s\0" % (os.fsencode(ref), old.encode("ascii"))
