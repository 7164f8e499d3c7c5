"""What a build produced, as a fingerprint: if it is the baseline's, nothing needs to be measured.

An executable or shared object counts by its allocated sections but the build id, so that debug information and
dates of the link do not matter; everything else that was built counts by its content. Objects, archives,
dependency files and the build tool's own books never run and do not count. Formats: System V ABI, "Object Files"
(ELF).
"""

import hashlib
import io
import mmap
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pesquared.verify.trees.files import open_regular

_MAGIC = b"\x7fELF"
_LINKED = (2, 3)  # ET_EXEC, ET_DYN
_RELOCATABLE = 1
_ALLOCATED = 0x2
_NO_BITS = 8
_UNCOUNTED_SUFFIXES = frozenset({".a", ".d", ".o", ".lo", ".la", ".obj", ".gch", ".pch", ".gcno", ".cmake"})
_UNCOUNTED_NAMES = frozenset(
    {".ninja_log", ".ninja_deps", "CMakeCache.txt", "compile_commands.json", "config.log"}
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Digests by path, and which of the files are executables or shared objects."""

    digests: Mapping[str, str]
    programs: frozenset[str] = frozenset()

    @property
    def linked(self) -> bool:
        """Was any program linked?"""
        return bool(self.programs)

    def differing(self, other: "Fingerprint") -> tuple[str, ...]:
        """Files that only one of the two has, or that are not the same in both."""
        paths = self.digests.keys() | other.digests.keys()
        return tuple(sorted(path for path in paths if self.digests.get(path) != other.digests.get(path)))


def fingerprint(tree: Path, paths: Iterable[str]) -> Fingerprint:
    """Digests of those of the given paths that are regular files of ``tree``."""
    digests: dict[str, str] = {}
    programs: set[str] = set()
    for path in paths:
        name = PurePosixPath(path)
        if name.suffix in _UNCOUNTED_SUFFIXES or name.name in _UNCOUNTED_NAMES or "CMakeFiles" in name.parts:
            continue
        file = open_regular(tree, path)
        if file is None:
            continue
        with file:
            kind, digest = _digest(file)
        if kind in _LINKED:
            programs.add(path)
        if kind != _RELOCATABLE:
            digests[path] = digest
    return Fingerprint(digests, frozenset(programs))


def _digest(file: io.BufferedReader) -> tuple[int, str]:
    if file.read(len(_MAGIC)) == _MAGIC:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _elf_digest(data)
            except (struct.error, ValueError, IndexError):  # a broken one: its bytes decide
                pass
    file.seek(0)
    return 0, hashlib.file_digest(file, "sha256").hexdigest()


def _elf_digest(data: mmap.mmap) -> tuple[int, str]:
    """Type and digest of an ELF file.

    Raises:
        ValueError, struct.error, IndexError: it is not one.
    """
    if data[:4] != _MAGIC or data[4] not in (1, 2) or data[5] not in (1, 2):
        raise ValueError("no ELF file")
    order, wide = "<" if data[5] == 1 else ">", data[4] == 2
    header = struct.unpack_from(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), data, 16)
    kind, machine, entry, table, size, count, names = (header[i] for i in (0, 1, 3, 5, 10, 11, 12))
    layout = struct.Struct(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"))
    if size != layout.size or count == 0 or names >= count or table + count * size > len(data):
        raise ValueError("no section table")
    sections = [layout.unpack_from(data, table + index * size) for index in range(count)]
    strings = data[sections[names][4] : sections[names][4] + sections[names][5]]
    digest = hashlib.sha256(repr((kind, machine, entry)).encode())
    left = len(data)  # sections do not overlap in an honest file
    for name_at, type_, flags, address, offset, length, *_ in sections:
        name = strings[name_at : strings.find(b"\0", name_at)]
        if not flags & _ALLOCATED or name == b".note.gnu.build-id":
            continue
        digest.update(repr((name, type_, flags, address, length)).encode())
        if type_ != _NO_BITS:
            left -= length
            if left < 0 or offset + length > len(data):
                raise ValueError("sections overlap or end behind the file")
            digest.update(data[offset : offset + length])
    return kind, digest.hexdigest()
