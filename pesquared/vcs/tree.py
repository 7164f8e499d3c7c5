"""A commit's files: which there are, and their content, streamed out as git stores it.

The content goes through no filter and no line-end conversion: both are set up by attributes and configuration, may
run programs, and would make the bytes that are built differ from the bytes that are committed.
"""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pesquared.errors import PesquaredError
from pesquared.vcs.git import Git
from pesquared.vcs.writer import TreeWriter

SUBMODULE = "160000"
CHUNK = 1 << 20
LONGEST_LINK = 4095  # bytes, PATH_MAX without its NUL


class UnusableTreeError(PesquaredError):
    """A commit holds something that cannot be a file here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a link or a submodule in a commit."""

    path: str  # relative to the repository's root
    mode: str  # "100644", "100755", "120000" (link), "160000" (submodule)
    object: str


def list_tree(git: Git, commit: str) -> dict[str, Entry]:
    """All entries of a commit by path, in git's order.

    Raises:
        UnusableTreeError: a path leads out of the tree or into ``.git``. Git itself never writes such a commit.
    """
    entries: dict[str, Entry] = {}
    for record in git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        fields, _, name = record.partition(b"\t")
        mode, _, object_id = fields.decode("ascii").split()
        path = _checked(name, commit)
        entries[path] = Entry(path, mode, object_id)
    return entries


def changes(git: Git, old: str, new: str) -> tuple[tuple[str, ...], tuple[Entry, ...]]:
    """What one commit has and another has not, as paths, and what is new or different there, as entries.

    Raises:
        UnusableTreeError: as for ``list_tree``.
    """
    fields = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new).split(b"\0")[:-1]
    gone, written = [], []
    for described, name in zip(fields[0::2], fields[1::2], strict=True):
        _, mode, _, object_id, status = described.decode("ascii").split()
        path = _checked(name, new)
        if status == "D":
            gone.append(path)
        else:
            written.append(Entry(path, mode, object_id))
    return tuple(gone), tuple(written)


def total_size(git: Git, entries: Iterable[Entry]) -> int:
    """How many bytes the files have together."""
    wanted = b"".join(entry.object.encode("ascii") + b"\n" for entry in entries if entry.mode != SUBMODULE)
    sizes = git.run("cat-file", "--batch-check=%(objectsize)", stdin=wanted).split(b"\n")
    return sum(int(size) for size in sizes if size.isdigit())


def same_but_for_case(paths: Iterable[str]) -> tuple[str, str] | None:
    """Two paths, files or folders above them, that are one where upper and lower case are not told apart."""
    seen: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            other = seen.setdefault(unicodedata.normalize("NFC", here).casefold(), here)
            if other != here:
                return other, here
    return None


def _checked(name: bytes, commit: str) -> str:
    path = os.fsdecode(name)
    if {"", ".", "..", ".git"} & {part.lower() for part in path.split("/")}:
        raise UnusableTreeError(f"the commit {commit} holds a file at {path!r}", "git fsck tells more")
    return path


def write_blobs(git: Git, entries: Sequence[Entry], writer: TreeWriter) -> None:
    """Writes files and links with their modes; a submodule becomes an empty folder.

    Raises:
        UnusableTreeError: an object is missing, as in a partial clone, or a link cannot be one.
    """
    blobs = [entry for entry in entries if entry.mode != SUBMODULE]
    for entry in entries:
        if entry.mode == SUBMODULE:
            writer.folder(entry.path)
    wanted = b"".join(entry.object.encode("ascii") + b"\n" for entry in blobs)
    with git.stream("cat-file", "--batch", stdin=wanted) as output:
        for entry in blobs:
            size = _size(output.readline(), entry)
            if entry.mode == "120000":
                writer.link(entry.path, _link_target(output.read(size), entry))
            else:
                with writer.file(entry.path, executable=entry.mode == "100755") as file:
                    _copy(output, file, size, entry)
            output.read(1)  # the newline after each object


def _size(header: bytes, entry: Entry) -> int:
    fields = header.split()
    if len(fields) == 3 and fields[:2] == [entry.object.encode("ascii"), b"blob"]:
        return int(fields[2])
    said = header.decode("utf-8", "replace").strip() or "git ended early"
    raise UnusableTreeError(f"{entry.path!r} cannot be read from the repository: {said}", "git fsck tells more")


def _link_target(content: bytes, entry: Entry) -> bytes:
    if not content or b"\0" in content or len(content) > LONGEST_LINK:
        raise UnusableTreeError(f"the link {entry.path!r} has a target that no link can have")
    return content


def _copy(source: BinaryIO, target: BinaryIO, left: int, entry: Entry) -> None:
    while left:
        chunk = source.read(min(left, CHUNK))
        if not chunk:
            raise UnusableTreeError(f"{entry.path!r} cannot be read from the repository: git ended early")
        target.write(chunk)
        left -= len(chunk)
