"""What we write into the user's repository beside objects: branches below one prefix, and notes."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pesquared.errors import UsageError
from pesquared.vcs.git import Git

NOTES = "refs/notes/pesquared"
NO_LOCKS = {errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL}  # what file systems without flock(2) answer


class Refs:
    """The refs of one repository that are ours.

    Args:
        git: with the repository's paths set.
        common_dir: the repository's folder, shared by its worktrees.
        prefix: first part of all our branches' names.

    Raises:
        UsageError: the prefix cannot stand in a branch's name, or a branch is in its way.
    """

    def __init__(self, git: Git, common_dir: Path, prefix: str) -> None:
        self._git = git
        self._common_dir = common_dir
        self._prefix = prefix
        self._require_name(f"{prefix}/run")
        self._require_free()

    def set_branch(self, name: str, commit: str) -> None:
        """Creates or moves a branch below the prefix.

        Raises:
            UsageError: the name lies elsewhere, is not a branch's name, or the branch is checked out somewhere.
        """
        ref = self._own(name)
        with self._locked():
            self._require_free()
            if self._target(ref) != commit:
                self._require_not_checked_out(ref)
                self._git.run("update-ref", ref, commit)

    def delete_branch(self, name: str) -> None:
        """Removes a branch below the prefix; one that does not exist is fine.

        Raises:
            UsageError: as for ``set_branch``.
        """
        ref = self._own(name)
        with self._locked():
            if self._target(ref):
                self._require_not_checked_out(ref)
                self._git.run("update-ref", "-d", ref)

    def add_note(self, commit: str, text: str) -> None:
        """Attaches ``text``, byte for byte, to a commit; replaces an earlier note on it."""
        blob = self._git.line(
            "hash-object", "-w", "--stdin", "--no-filters", stdin=text.encode("utf-8", "replace")
        )
        with self._locked():
            self._git.run("notes", f"--ref={NOTES}", "add", "-f", "-C", blob, commit)

    def _own(self, name: str) -> str:
        if not name.startswith(f"{self._prefix}/"):
            raise UsageError(f"the branch {name!r} is not below {self._prefix!r}, so it is not ours to change")
        self._require_name(name)
        return f"refs/heads/{name}"

    def _require_name(self, name: str) -> None:
        # As in ``git check-ref-format --branch``, a leading dash is refused: it reads like an option.
        if name.startswith("-") or self._git.attempt("check-ref-format", f"refs/heads/{name}")[0] != 0:
            raise UsageError(f"{name!r} cannot be a branch's name", "choose another --branch-prefix, such as pesq")

    def _require_free(self) -> None:
        parts = self._prefix.split("/")
        for length in range(1, len(parts) + 1):
            branch = "/".join(parts[:length])
            if self._target(f"refs/heads/{branch}"):
                raise UsageError(
                    f"a branch named {branch!r} exists, and git allows no branches below another branch",
                    "choose another name with --branch-prefix",
                )

    def _require_not_checked_out(self, ref: str) -> None:
        # Moving the branch under a checkout would turn its files into uncommitted changes.
        where = self._git.line("for-each-ref", "--format=%(worktreepath)", ref)
        if where:
            raise UsageError(
                f"{ref.removeprefix('refs/heads/')!r} is checked out in {where}", "switch to another branch"
            )

    def _target(self, ref: str) -> str:
        status, commit, _ = self._git.attempt("rev-parse", "--verify", "--quiet", ref)
        return os.fsdecode(commit).strip() if status == 0 else ""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The folder itself is locked: a lock file would be one more thing left in the user's repository.
        folder = os.open(self._common_dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno not in NO_LOCKS:  # git's own lock of each ref remains
                    raise
            yield
        finally:
            os.close(folder)
