"""Files of the checkout that builds need and the snapshot's commit does not hold as they are.

Those of submodules, of which a commit names but another commit, and those that a content filter has made: git-lfs
keeps a pointer in the commit and the content in the checkout. They come along into each tree that is built; no
attempt edits them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pesquared.errors import UsageError
from pesquared.vcs.discovery import closed_git, locate
from pesquared.vcs.git import Git, GitError
from pesquared.vcs.included import is_plain_file, open_inside

DEEPEST = 16  # submodules inside submodules
POINTER = b"version https://git-lfs"  # how the file begins that git-lfs puts in the place of a large one
NAMED = 5  # paths that a notice names


@dataclass(frozen=True, slots=True)
class Beside:
    """What comes along, relative to the repository's root, and what is said of it."""

    files: tuple[str, ...]
    notices: tuple[str, ...]


def find_beside(user: Git, top: Path, modules: list[bytes], filtered: list[bytes]) -> Beside:
    """Looks for the files in the checkout.

    Args:
        user: git as the user calls it: it finds the submodules' own repositories.
        top: the repository's root.
        modules: paths of submodules.
        filtered: paths of files to which a content filter belongs.
    """
    made = [os.fsdecode(path) for path in filtered if is_plain_file(top, os.fsdecode(path))]
    pointers = [path for path in made if _is_pointer(top, path)]
    absent: list[str] = []
    files = [
        file for module in modules for file in _submodule(user, top, PurePosixPath(os.fsdecode(module)), absent)
    ]
    here = [os.fsdecode(module) for module in modules if os.fsdecode(module) not in absent]
    notices = (
        notice(here, "submodule(s) are built as they are checked out; no attempt edits them"),
        notice(absent, "submodule(s) are empty, `git submodule update --init --recursive` fills them"),
        notice(
            made, "file(s) of a content filter (such as git-lfs) are built as checked out, kept as git stores them"
        ),
        notice(pointers, "file(s) are pointers without their content, `git lfs pull` gets it"),
    )
    return Beside(tuple(sorted({*made, *files})), tuple(filter(None, notices)))


def notice(paths: list[str], text: str) -> str:
    """One line that counts the paths and names the first; "" for none."""
    if not paths:
        return ""
    return f"{len(paths)} {text}: {', '.join(paths[:NAMED])}{', …' if len(paths) > NAMED else ''}"


def _submodule(user: Git, top: Path, module: PurePosixPath, absent: list[str], depth: int = 1) -> Iterator[str]:
    """The files that a submodule tracks or at least does not ignore, and those of the submodules inside it."""
    listed = _listed(user, top, module) if depth <= DEEPEST else None
    if listed is None:
        absent.append(str(module))
        return
    plain, inner = listed
    for path in dict.fromkeys(plain):
        whole = str(module / path)
        if is_plain_file(top, whole) or (top / whole).is_symlink():
            yield whole
    for path in inner:
        yield from _submodule(user, top, module / path, absent, depth + 1)


def _listed(user: Git, top: Path, module: PurePosixPath) -> tuple[list[str], list[str]] | None:
    """A submodule's files and its own submodules; None if it is not checked out."""
    folder = top / module
    if not folder.is_dir() or folder.resolve() != top.resolve() / module:
        return None
    try:
        location = locate(user.within(folder))
        if location.top.resolve() != folder.resolve():  # it has no repository of its own: this is the outer one
            return None
        git = closed_git(user.within(folder), location)
        staged = git.run("ls-files", "-z", "--stage").split(b"\0")[:-1]
        others = git.run("ls-files", "-z", "--others", "--exclude-standard").split(b"\0")[:-1]
    except (UsageError, GitError):
        return None
    records = [(described[:6] == b"160000", os.fsdecode(path)) for described, _, path in _split(staged)]
    plain = [path for is_module, path in records if not is_module]
    return [*plain, *map(os.fsdecode, others)], [path for is_module, path in records if is_module]


def _split(records: list[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    return (record.partition(b"\t") for record in records)


def _is_pointer(top: Path, path: str) -> bool:
    with os.fdopen(open_inside(top, path), "rb") as file:
        return file.read(len(POINTER)) == POINTER
