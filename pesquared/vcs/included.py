"""``[build] include``: files of the user's checkout that no commit holds and the build needs nevertheless."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pesquared.errors import UsageError
from pesquared.vcs.writer import FOLDER, TreeWriter


def find_included(codebase: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The files and links that the glob patterns name, relative to the code base; a folder stands for all in it.

    The patterns may come from a stranger's ``pesquared.toml``: none leads out of the code base or into ``.git``.

    Raises:
        UsageError: a pattern leads elsewhere, or fits nothing.
    """
    found: set[str] = set()
    for pattern in patterns:
        path = PurePosixPath(pattern)
        if path.is_absolute() or "\0" in pattern or {"..", ".git"} & set(path.parts) or not path.parts:
            raise UsageError(f"[build] include: {pattern!r} is not a path below the code base")
        try:
            files = {file for match in codebase.glob(pattern) for file in _files(codebase, match)}
        except ValueError as error:
            raise UsageError(f"[build] include: {pattern!r} is not a glob pattern: {error}") from error
        if not files:
            raise UsageError(
                f"[build] include: {pattern!r} fits no file in {codebase}", "mend the pattern, or take it out"
            )
        found |= files
    return tuple(sorted(found))


def copy_files(root: Path, paths: tuple[str, ...], writer: TreeWriter) -> None:
    """Copies files and links below ``root`` to the same places in another tree.

    Raises:
        UsageError: a file cannot be read, or is gone.
    """
    for path in paths:
        try:
            if (root / path).is_symlink():
                writer.link(path, os.fsencode((root / path).readlink()))
                continue
            with os.fdopen(open_inside(root, path), "rb") as content:
                executable = bool(os.fstat(content.fileno()).st_mode & stat.S_IXUSR)
                with writer.file(path, executable=executable) as file:
                    shutil.copyfileobj(content, file)
        except OSError as error:
            raise UsageError(
                f"{path!r} cannot be copied for the build: {error.strerror}",
                "see [build] include and the repository's submodules",
            ) from error


def open_inside(root: Path, path: str) -> int:
    """A descriptor of a file below ``root``, opened without following a link anywhere on the way.

    Raises:
        OSError: there is no such file, or a link leads to it.
    """
    *above, name = path.split("/")
    folder = os.open(root, FOLDER)
    try:
        for part in above:
            inner = os.open(part, FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    finally:
        os.close(folder)


def is_plain_file(root: Path, path: str) -> bool:
    """Is it a regular file, reached without a link?"""
    try:
        descriptor = open_inside(root, path)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)


def _files(codebase: Path, match: Path) -> Iterator[str]:
    # A link on the way could lead out of the code base; a link at the end is copied as a link.
    if ".git" in match.relative_to(codebase).parts or match.parent.resolve() != _plain(codebase, match.parent):
        return
    if match.is_symlink() or match.is_file():
        yield str(match.relative_to(codebase))
    elif match.is_dir():
        for inner in sorted(match.iterdir()):
            yield from _files(codebase, inner)


def _plain(codebase: Path, path: Path) -> Path:
    return codebase.resolve() / path.relative_to(codebase)
