"""Writing files into a tree that is not trusted: never through a link, whatever a build has left in the way.

A build may have replaced a folder by a link to somewhere else. So each folder on the way is opened relative to the
one above it without following links, and what is not a folder there is replaced by one.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

from pesquared.errors import PesquaredError

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Owner = tuple[int, int]  # user id, group id


class WorkspaceError(PesquaredError):
    """A tree cannot be written, copied or removed."""


class TreeWriter:
    """Writes below ``root``, which is created; a context manager.

    Args:
        root: the folder; its parent is trusted.
        stamp_ns: modification time of all that is written, in ns since the epoch.
        owner: whom the files are given to; None leaves them to the user who runs this.
    """

    def __init__(self, root: Path, stamp_ns: int, owner: Owner | None = None) -> None:
        self._root = root
        self._stamp = (stamp_ns, stamp_ns)
        self._owner = owner
        self._fd = -1

    def __enter__(self) -> Self:
        with suppress(FileExistsError):
            self._root.mkdir(mode=0o755)
            if self._owner:
                os.chown(self._root, *self._owner, follow_symlinks=False)
        self._fd = os.open(self._root, FOLDER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    @contextmanager
    def file(self, path: str, *, executable: bool) -> Iterator[BinaryIO]:
        """A new file to be written, in place of whatever is there."""
        with self._above(path) as (folder, name):
            self._clear(folder, name, path)
            descriptor = os.open(name, CREATE, 0o600, dir_fd=folder)
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                if self._owner:
                    os.chown(descriptor, *self._owner)
                os.fchmod(descriptor, 0o755 if executable else 0o644)
                os.utime(descriptor, ns=self._stamp)

    def link(self, path: str, target: bytes) -> None:
        """A symbolic link, in place of whatever is there."""
        with self._above(path) as (folder, name):
            self._clear(folder, name, path)
            os.symlink(target, os.fsencode(name), dir_fd=folder)
            if self._owner:
                os.chown(name, *self._owner, dir_fd=folder, follow_symlinks=False)
            os.utime(name, ns=self._stamp, dir_fd=folder, follow_symlinks=False)

    def folder(self, path: str) -> None:
        """A folder; one that is there stays as it is."""
        with self._above(path) as (above, name):
            os.close(self._enter(above, name))

    def remove(self, path: str) -> None:
        """Removes what is at ``path``, and the folders above that are empty then."""
        parts = path.split("/")
        folders = [os.dup(self._fd)]
        try:
            for part in parts[:-1]:
                folders.append(os.open(part, FOLDER, dir_fd=folders[-1]))
            self._clear(folders[-1], parts[-1], path)
            for folder, name in zip(folders[-2::-1], parts[-2::-1], strict=True):
                os.rmdir(name, dir_fd=folder)
        except OSError:
            # A folder is missing, is a link by now, or is not empty: nothing of ours is left to remove.
            return
        finally:
            for folder in folders:
                os.close(folder)

    @contextmanager
    def _above(self, path: str) -> Iterator[tuple[int, str]]:
        """The folder in which ``path`` stands, as a descriptor, and the last part of the path."""
        *above, name = path.split("/")
        folder = os.dup(self._fd)
        try:
            for part in above:
                inner = self._enter(folder, part)
                os.close(folder)
                folder = inner
            yield folder, name
        finally:
            os.close(folder)

    def _enter(self, above: int, name: str) -> int:
        try:
            return os.open(name, FOLDER, dir_fd=above)
        except OSError:  # not there, or a file or a link: then a folder takes its place
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=above)
        os.mkdir(name, 0o755, dir_fd=above)
        if self._owner:
            os.chown(name, *self._owner, dir_fd=above, follow_symlinks=False)
        return os.open(name, FOLDER, dir_fd=above)

    def _clear(self, folder: int, name: str, path: str) -> None:
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                remove_tree(self._root / path)
            else:
                os.unlink(name, dir_fd=folder)


def copy_tree(source: Path, target: Path) -> None:
    """Copies a tree with modes, links and all times to ``target``, which does not exist.

    By cp(1): it takes about half the time of ``shutil.copytree``, shares blocks where the file system can, and
    copes with pipes and with folders nested deeper than Python's stack.

    Raises:
        WorkspaceError: a file cannot be read, or the disk is full.
    """
    _run("cp", "-a", "--reflink=auto", "-T", "--", str(source), str(target))


def remove_tree(path: Path) -> None:
    """Removes a tree; folders that a build has made read-only are no obstacle.

    Raises:
        WorkspaceError: something in it belongs to somebody else.
    """
    try:
        _run("rm", "-rf", "--", str(path))
    except WorkspaceError:
        # Folders only: a file may be a hard link to one elsewhere. Each is opened before find(1) goes into it.
        _run("find", str(path), "-type", "d", "!", "-perm", "-700", "-exec", "chmod", "u+rwx", "{}", ";")
        _run("rm", "-rf", "--", str(path))


def require_space(folder: Path, needed: int) -> None:
    """Refuses to begin what will not fit.

    Raises:
        WorkspaceError: fewer than ``needed`` bytes are free where ``folder`` is.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise WorkspaceError(
            f"{folder} has {free >> 20} MiB free, and this run needs about {needed >> 20} MiB",
            "free some space, or choose another place for the run's state",
        )


def folds_case(folder: Path) -> bool:
    """Are upper and lower case the same to the file system there?"""
    with NamedTemporaryFile(dir=folder, prefix="case-") as file:
        path = Path(file.name)
        return path.with_name(path.name.upper()).exists()


def _run(*command: str) -> None:
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}  # keys are nobody's business
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, start_new_session=True
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[-500:]
        full = "No space left on device" in said
        raise WorkspaceError(f"{command[0]} failed: {said}", "free some space" if full else "")
