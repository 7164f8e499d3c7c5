"""A file that every user of a host can lock with flock(2), wherever the host lets such a file stand.

The folders tried are those that every user can write and nobody can empty. What the kernel protects there
(fs.protected_regular) is opening other users' files with the wish to create them, so they are opened without it;
a lock needs no right to write. Processes that cannot see the same folder (other containers) are not kept apart.
"""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

SHARED_FOLDERS = (Path("/run/lock"), Path("/dev/shm"), Path("/tmp"), Path("/var/tmp"))  # noqa: S108
EVERYBODY_WRITES = stat.S_ISVTX | 0o777
_READABLE = 0o644
_TRIES = 5  # a folder may be swept between two steps


class LockFile:
    """One lock. It belongs to the process that took it and goes with it, whatever becomes of that.

    Raises:
        OSError: the file cannot be made or opened, is something else than a file, or its file system has no locks.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = _open(path)
        try:
            if self.take(fcntl.LOCK_EX):  # OSError where the file system has none, or wants a right to write
                self.release()
        except OSError:
            self.close()
            raise

    def take(self, kind: int) -> bool:
        """Takes the lock if it is free now; ``kind`` is LOCK_EX or LOCK_SH."""
        for _ in range(_TRIES):
            try:
                fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._is_current():
                    return False
            else:
                if self._is_current():
                    return True
            self.close()  # the file was removed, so that others lock another one
            self._descriptor = _open(self._path)
        return False

    def release(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._descriptor)

    def status(self) -> os.stat_result:
        """Of the file that is locked."""
        return os.fstat(self._descriptor)

    def _is_current(self) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self._descriptor), self._path.lstat())
        return False


def lock_files(names: Iterable[str], folders: Iterable[Path]) -> tuple[LockFile, ...]:
    """The named files in the first of the folders where all of them can be locked; () where there is none."""
    for folder in folders:
        found: list[LockFile] = []
        try:
            for name in names:
                found.append(LockFile(folder / name))  # noqa: PERF401 - those before an error are to be closed
        except OSError:
            for file in found:
                file.close()
            continue
        return tuple(found)
    return ()


def writable_by_all(folders: Iterable[Path] = SHARED_FOLDERS) -> Iterator[Path]:
    """All users must come to the same folder, so none counts that only some of them could write."""
    for folder in folders:
        with suppress(OSError):
            mode = folder.stat().st_mode
            if stat.S_ISDIR(mode) and mode & EVERYBODY_WRITES == EVERYBODY_WRITES:
                yield folder


def _open(path: Path) -> int:
    for _ in range(_TRIES):
        try:
            # Another user may have put anything there: a link is not followed, a pipe is not waited for.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            _create(path)
            continue
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileExistsError(f"{path} is no file")
        return descriptor
    raise FileNotFoundError(f"{path} is removed again and again")


def _create(path: Path) -> None:
    """Makes the file, readable for all from its first moment on, whatever our umask is."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        os.fchmod(descriptor, _READABLE)
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.close(descriptor)
        Path(temporary).unlink()
