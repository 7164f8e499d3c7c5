"""A tree with some files replaced or added: only the folders on the way to them are read and written.

An index would have to be filled with every file of the repository for it. The format of a tree is git's own:
entries ``<mode> <name>``, NUL, the object's name as bytes; in the order of the names, folders compared as if they
ended in a slash.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from pesquared.errors import PesquaredError
from pesquared.vcs.git import Git
from pesquared.vcs.objects import ObjectStore

FOLDER = "40000"


class BrokenObjectError(PesquaredError):
    """The repository's objects do not fit together."""


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a path: mode as in a tree ("100644", "40000"), kind and object name."""

    mode: str
    kind: str
    object: str


@dataclass(slots=True)
class Folder:
    """A tree that is being changed."""

    entries: dict[bytes, tuple[str, str]] = field(default_factory=dict)  # name → mode, object
    folders: dict[bytes, "Folder"] = field(default_factory=dict)


def look_up(git: Git, commit: str, paths: list[str]) -> dict[str, Place]:
    """What stands in a commit at the given paths, at the folders above them, and below those that are folders."""
    if not paths:
        return {}
    listed = git.run(
        "--literal-pathspecs", "ls-tree", "-r", "-t", "-z", "--full-tree", commit, "--", *dict.fromkeys(paths)
    )
    places = {}
    for record in listed.split(b"\0")[:-1]:
        fields, _, name = record.partition(b"\t")
        mode, kind, object_name = fields.decode("ascii").split()
        places[os.fsdecode(name)] = Place(mode.lstrip("0"), kind, object_name)
    return places


def read_objects(git: Git, names: list[str]) -> dict[str, bytes]:
    """The content of objects by their names.

    Raises:
        BrokenObjectError: one is missing.
    """
    asked = list(dict.fromkeys(names))
    contents = {}
    with git.stream("cat-file", "--batch", stdin="".join(f"{name}\n" for name in asked).encode()) as output:
        for name in asked:
            header = output.readline().split()
            if len(header) != 3 or not header[2].isdigit():
                raise BrokenObjectError(f"the repository has no object {name}", "git fsck tells more")
            contents[name] = output.read(int(header[2]))
            output.read(1)  # the newline after each object
    return contents


def graft(
    store: ObjectStore,
    root: bytes,
    places: Mapping[str, Place],
    contents: Mapping[str, bytes],
    files: Mapping[str, Place],
) -> str:
    """Writes the tree with ``files`` in it; returns its object name.

    Args:
        store: where new objects go.
        root: content of the tree as it was, b"" for none.
        places: what stands at the folders above the files, as ``look_up`` gives it.
        contents: of those folders' trees.
        files: what stands at which path afterwards.
    """
    width = 32 if store.algorithm == "sha256" else 20
    top = Folder(parse_tree(root, width))
    for path, place in files.items():
        *above, name = path.split("/")
        folder = top
        for depth, part in enumerate(above, start=1):
            key = os.fsencode(part)
            if key not in folder.folders:
                known = places.get("/".join(above[:depth]))
                entries = parse_tree(contents[known.object], width) if known and known.kind == "tree" else {}
                folder.folders[key] = Folder(entries)
            folder = folder.folders[key]
        folder.entries[os.fsencode(name)] = (place.mode, place.object)
    return _write(store, top)


def parse_tree(content: bytes, width: int) -> dict[bytes, tuple[str, str]]:
    """Name → mode and object name; ``width`` is the length of an object's name in bytes.

    Raises:
        BrokenObjectError: the bytes are no tree.
    """
    entries, at = {}, 0
    while at < len(content):
        end = content.find(b"\0", at)
        mode, _, name = content[at:end].partition(b" ")
        object_name = content[end + 1 : end + 1 + width]
        if end < 0 or not mode.isdigit() or len(object_name) < width:
            raise BrokenObjectError("the repository holds a broken tree", "git fsck tells more")
        entries[name] = (mode.decode("ascii"), object_name.hex())
        at = end + 1 + width
    return entries


def _write(store: ObjectStore, folder: Folder) -> str:
    for name, inner in folder.folders.items():
        folder.entries[name] = (FOLDER, _write(store, inner))
    ordered = sorted(folder.entries.items(), key=lambda entry: entry[0] + (b"/" if entry[1][0] == FOLDER else b""))
    content = b"".join(
        mode.encode("ascii") + b" " + name + b"\0" + bytes.fromhex(object_name)
        for name, (mode, object_name) in ordered
    )
    return store.write("tree", content)
