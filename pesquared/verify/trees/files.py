"""What a run does to the tree: which files it touches, and what they hold.

Everything below a tree may have been made by foreign code, so no symbolic link is ever followed here.
"""

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

_COMPARED_WHOLE = 16 << 20  # bytes; a larger file is compared by its hash
_FOLDER = os.O_RDONLY | os.O_DIRECTORY

Stamp = tuple[int, ...]
Snapshot = Mapping[str, Stamp]


def snapshot(tree: Path) -> dict[str, Stamp]:
    """Every path below ``tree`` with what changes when somebody touches it; folders by their kind alone.

    The change time cannot be set by a program, so a file that was rewritten and dated back shows as well.
    """
    return dict(_walk(tree))


def _walk(tree: Path) -> Iterator[tuple[str, Stamp]]:
    folders = [""]  # no recursion: foreign code decides how deep folders are nested
    while folders:
        prefix = folders.pop()
        with contextlib.suppress(OSError), os.scandir(tree / prefix) as entries:  # one it made unreadable is empty
            for entry in entries:
                path = prefix + entry.name
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # gone since; the others are still to be seen
                    continue
                if stat.S_ISDIR(status.st_mode):
                    folders.append(path + "/")
                    yield path, (status.st_mode,)
                else:
                    times = (status.st_mtime_ns, status.st_ctime_ns)
                    yield path, (status.st_mode, status.st_size, *times, status.st_ino)


def changed(before: Snapshot, after: Snapshot) -> set[str]:
    """Paths that came, went or were touched."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


@dataclass(frozen=True, slots=True)
class Writes:
    """Paths a benchmark may write, relative to the tree: files, folders with all they hold, or globs."""

    exact: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.exact or self.patterns)

    def match(self, path: str) -> bool:
        if path in self.exact:
            return True
        return any(
            fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/") + "/") or path == pattern.rstrip("/")
            for pattern in self.patterns
        )


def remove(path: Path) -> bool:
    """Removes a file, a link or an empty folder; False if it cannot be."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            path.rmdir()
        else:
            path.unlink()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def folder_of(tree: Path, path: str) -> Iterator[int]:
    """A descriptor of the folder that holds ``path``, reached folder by folder without following a link.

    Raises:
        OSError: it is not there, or a link or something else stands in a folder's place, or ``path`` leads out.
    """
    if ".." in path.split("/"):
        raise NotADirectoryError(f"{path} leads out of the tree")
    handle = os.open(tree, _FOLDER)
    try:
        for folder in path.split("/")[:-1]:
            parent, handle = handle, os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(parent)
        yield handle
    finally:
        os.close(handle)


def open_regular(tree: Path, path: str) -> io.BufferedReader | None:
    """A regular file of the tree to be read, None if there is no such file. No path leads out of the tree."""
    try:
        with folder_of(tree, path) as folder:
            name = path.rpartition("/")[2]
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    return os.fdopen(file, "rb")


def read_regular(tree: Path, path: str) -> bytes | None:
    """A regular file's content, or its size and hash if it is large; None if there is no such file."""
    stream = open_regular(tree, path)
    if stream is None:
        return None
    with stream:
        size = os.fstat(stream.fileno()).st_size
        if size <= _COMPARED_WHOLE:
            return stream.read(_COMPARED_WHOLE + 1)
        return f"{size} bytes, sha256 {hashlib.file_digest(stream, 'sha256').hexdigest()}".encode()
