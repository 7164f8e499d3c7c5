"""Puts back what a benchmark may write, so that every run begins from the same state.

What runs have left was made by foreign code: a folder may have become a link that leads out of the tree. So
whatever is of another kind than it was goes first, and all is written through descriptors that follow no link.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Slot
from pesquared.errors import BaselineError
from pesquared.verify.diagnosis import one_line
from pesquared.verify.trees.files import Writes, folder_of, open_regular, snapshot

_RESTORED = 64 << 20  # bytes in all that are kept to be put back
_WHILE_FILLED = 0o700  # a folder's mode until all that it held is back


class SpoiltTreeError(BaselineError):
    """A tree cannot be put back, or holds too much for it.

    On the unchanged code that ends the run; later a judge makes a verdict of it, by the ``slot`` whose tree it is.
    """

    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class _Saved:
    mode: int
    owner: tuple[int, int]
    times: tuple[int, int]  # atime, mtime in ns
    content: bytes = b""
    link: str = ""


class Pristine:
    """The state before the first run of everything a benchmark may write in one tree.

    Raises:
        SpoiltTreeError: that is more than can be kept.
    """

    def __init__(self, tree: Path, writes: Writes) -> None:
        self._writes = writes
        self._saved: dict[str, _Saved] = {}
        if not writes:
            return
        room = _RESTORED
        with _spoils():
            for path in sorted(path for path in snapshot(tree) if writes.match(path)):  # folders before contents
                saved = self._saved[path] = _save(tree, path, room)
                room -= len(saved.content)

    def restore(self, tree: Path) -> None:
        """Removes what was written since and puts back what was overwritten.

        Raises:
            SpoiltTreeError: what foreign code left stands in the way.
        """
        if not self._writes:
            return
        with _spoils():
            present = {path: stamp[0] for path, stamp in snapshot(tree).items() if self._writes.match(path)}
            for path in sorted(present, reverse=True):  # what a folder holds goes before the folder
                if not self._stays(path, present[path]):
                    _remove(tree, path)
            for path, saved in self._saved.items():
                _put_back(tree, path, saved)
            for path, saved in reversed(self._saved.items()):  # filling a folder changes its times
                if stat.S_ISDIR(saved.mode):
                    _finish_folder(tree, path, saved)

    def _stays(self, path: str, mode: int) -> bool:
        """Only a folder that is still one stays; all else is made anew."""
        saved = self._saved.get(path)
        return saved is not None and stat.S_ISDIR(saved.mode) and stat.S_ISDIR(mode)


@contextmanager
def _spoils() -> Iterator[None]:
    try:
        yield
    except (OSError, RecursionError) as error:
        raise SpoiltTreeError(
            f"the tree cannot be put back after a run: {error}",
            "let the benchmark write into a folder of its own, and leave that a folder",
        ) from error


def _save(tree: Path, path: str, room: int) -> _Saved:
    name = path.rpartition("/")[2]
    with folder_of(tree, path) as folder:
        status = os.lstat(name, dir_fd=folder)
        times, owner = (status.st_atime_ns, status.st_mtime_ns), (status.st_uid, status.st_gid)
        if stat.S_ISLNK(status.st_mode):
            return _Saved(status.st_mode, owner, times, link=os.readlink(name, dir_fd=folder))
    if not stat.S_ISREG(status.st_mode):
        return _Saved(status.st_mode, owner, times)
    stream = open_regular(tree, path)
    if stream is None:
        raise FileNotFoundError(f"{one_line(path)} cannot be read")
    with stream:
        content = stream.read(room + 1)
    if len(content) > room:
        raise SpoiltTreeError(
            f"the benchmark overwrites files of more than {_RESTORED >> 20} MiB, {one_line(path)} among them",
            "let it write new files instead of its inputs",
        )
    return _Saved(status.st_mode, owner, times, content=content)


def _remove(tree: Path, path: str) -> None:
    name = path.rpartition("/")[2]
    with folder_of(tree, path) as folder:
        if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            shutil.rmtree(name, dir_fd=folder)  # by descriptors, follows no link; it may hold what is not matched
        else:
            os.unlink(name, dir_fd=folder)


def _put_back(tree: Path, path: str, saved: _Saved) -> None:
    """Makes what is not there; a folder can be filled afterwards, sockets and pipes are not put back."""
    name = path.rpartition("/")[2]
    with folder_of(tree, path) as folder:
        if stat.S_ISDIR(saved.mode):
            try:
                os.mkdir(name, _WHILE_FILLED, dir_fd=folder)
            except FileExistsError:
                with _opened(name, os.O_RDONLY | os.O_DIRECTORY, folder) as handle:
                    os.fchmod(handle, _WHILE_FILLED)
        elif stat.S_ISLNK(saved.mode):
            os.symlink(saved.link, name, dir_fd=folder)
            if os.geteuid() == 0:
                os.chown(name, *saved.owner, dir_fd=folder, follow_symlinks=False)
        elif stat.S_ISREG(saved.mode):
            with _opened(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, folder) as handle:
                with open(handle, "wb", closefd=False) as stream:
                    stream.write(saved.content)
                _dress(handle, saved)


def _finish_folder(tree: Path, path: str, saved: _Saved) -> None:
    name = path.rpartition("/")[2]
    with folder_of(tree, path) as folder, _opened(name, os.O_RDONLY | os.O_DIRECTORY, folder) as handle:
        _dress(handle, saved)


@contextmanager
def _opened(name: str, flags: int, folder: int) -> Iterator[int]:
    handle = os.open(name, flags | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _dress(handle: int, saved: _Saved) -> None:
    """Owner, mode and times as they were. The owner first: changing it takes bits of the mode away."""
    if os.geteuid() == 0:
        os.fchown(handle, *saved.owner)
    os.fchmod(handle, stat.S_IMODE(saved.mode))
    os.utime(handle, ns=saved.times)
