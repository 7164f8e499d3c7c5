"""What a run does to the tree: which files it writes, and how they are put back before the next run.

Everything below a tree may have been made by foreign code, so no symbolic link is ever followed here.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pesquared.errors import BaselineError, PesquaredError

_COMPARED_WHOLE = 16 << 20  # bytes; a larger file is compared by its hash
_RESTORED = 64 << 20  # bytes in all that are kept to be put back

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
                status = entry.stat(follow_symlinks=False)
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


@dataclass(frozen=True, slots=True)
class _Saved:
    mode: int
    owner: tuple[int, int]
    times: tuple[int, int]  # atime, mtime in ns
    content: bytes = b""
    link: str = ""


class Pristine:
    """The state before the first run of everything a benchmark may write in one tree."""

    def __init__(self, tree: Path, writes: Writes) -> None:
        self._writes = writes
        self._saved = {path: _save(tree, path) for path in snapshot(tree) if writes.match(path)}
        if sum(len(saved.content) for saved in self._saved.values()) > _RESTORED:
            raise BaselineError(
                "the benchmark overwrites files of more than 64 MiB",
                "let it write new files instead of its inputs",
            )

    def restore(self, tree: Path) -> None:
        """Removes what was written since and puts back what was overwritten."""
        if not self._writes:
            return
        written = sorted((path for path in snapshot(tree) if self._writes.match(path)), reverse=True)
        for path in written:  # reversed order: what a folder holds goes before the folder
            saved = self._saved.get(path)
            if saved is None or not stat.S_ISDIR(saved.mode):
                remove(tree / path)
        for path in sorted(self._saved):
            _require_folders(tree, path)
            _put_back(tree / path, self._saved[path])


def _save(tree: Path, path: str) -> _Saved:
    status = os.lstat(tree / path)
    times, owner = (status.st_atime_ns, status.st_mtime_ns), (status.st_uid, status.st_gid)
    if stat.S_ISLNK(status.st_mode):
        return _Saved(status.st_mode, owner, times, link=os.fspath((tree / path).readlink()))
    if stat.S_ISREG(status.st_mode):
        if status.st_size > _RESTORED:
            raise BaselineError(f"the benchmark overwrites {path}, which is too large to be put back each time")
        return _Saved(status.st_mode, owner, times, content=(tree / path).read_bytes())
    return _Saved(status.st_mode, owner, times)


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


def _require_folders(tree: Path, path: str) -> None:
    """Nothing is ever written through a link that foreign code put in a folder's place."""
    for folder in list(PurePosixPath(path).parents)[:-1]:
        if not stat.S_ISDIR(os.lstat(tree / folder).st_mode):
            raise PesquaredError(f"{path} cannot be put back: {folder} is no folder any more")


def _put_back(path: Path, saved: _Saved) -> None:
    if stat.S_ISDIR(saved.mode):
        path.mkdir(exist_ok=True)
    elif stat.S_ISLNK(saved.mode):
        path.symlink_to(saved.link)
    elif stat.S_ISREG(saved.mode):
        path.write_bytes(saved.content)
    else:
        return  # sockets and pipes are not put back
    if os.geteuid() == 0:
        os.chown(path, *saved.owner, follow_symlinks=False)
    if not stat.S_ISLNK(saved.mode):
        path.chmod(stat.S_IMODE(saved.mode))
        os.utime(path, ns=saved.times)


def read_regular(tree: Path, path: str) -> bytes | None:
    """A regular file's content, or its size and hash if it is large; None if there is no such file.

    Walks folder by folder without following links, so that no path leads out of the tree.
    """
    *folders, name = path.split("/")
    handle = os.open(tree, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            parent, handle = handle, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(parent)
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
    except OSError:
        return None
    finally:
        os.close(handle)
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, file)
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        stream = stack.enter_context(open(file, "rb", closefd=False))
        if status.st_size <= _COMPARED_WHOLE:
            return stream.read(_COMPARED_WHOLE + 1)
        return f"{status.st_size} bytes, sha256 {hashlib.file_digest(stream, 'sha256').hexdigest()}".encode()
