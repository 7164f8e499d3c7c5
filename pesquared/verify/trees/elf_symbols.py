"""Which global symbols the files of a build define, and which they take from elsewhere.

Formats: System V ABI, "Object Files" (ELF), "Symbol Table". Whoever made the files may have made them badly: what
is no sound ELF file has no symbols.
"""

import io
import mmap
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pesquared.verify.trees.files import open_regular

_MAGIC = b"\x7fELF"
_RELOCATABLE = 1
_TABLES = (2, 11)  # SHT_SYMTAB, SHT_DYNSYM
_LOCAL, _WEAK = 0, 2
_UNDEFINED = 0
_MOST_SYMBOLS = 1_000_000
_LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class Symbols:
    """The global names of one file."""

    is_object: bool  # one that is yet to be linked
    defined: frozenset[str]
    weak: frozenset[str]  # those of them that give way to another definition
    wanted: frozenset[str]  # not defined here


def symbols_of(tree: Path, paths: Iterable[str]) -> dict[str, Symbols]:
    """By path, the symbols of those of the given files that are ELF files and have any."""
    found = {}
    for path in paths:
        file = open_regular(tree, path)
        if file is None:
            continue
        with file:
            rows = _symbols(file)
        if rows:
            found[path] = Symbols(
                is_object=rows[0].is_object,
                defined=frozenset(row.name for row in rows if row.defined),
                weak=frozenset(row.name for row in rows if row.defined and row.weak),
                wanted=frozenset(row.name for row in rows if not row.defined),
            )
    return found


class _Row(NamedTuple):
    name: str
    is_object: bool
    defined: bool
    weak: bool


def _symbols(file: io.BufferedReader) -> list[_Row]:
    if file.read(len(_MAGIC)) != _MAGIC:
        return []
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return list(_read(data))
        except (struct.error, ValueError, IndexError):
            return []


def _read(data: mmap.mmap) -> Iterator[_Row]:
    """Each global symbol.

    Raises:
        ValueError, struct.error, IndexError: it is not sound.
    """
    if data[4] not in (1, 2) or data[5] not in (1, 2):
        raise ValueError("no ELF file")
    order, wide = "<" if data[5] == 1 else ">", data[4] == 2
    header = struct.unpack_from(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), data, 16)
    kind, table, size, count = header[0], header[5], header[10], header[11]
    layout = struct.Struct(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"))
    symbol = struct.Struct(order + ("IBBHQQ" if wide else "IIIBBH"))
    if size != layout.size or table + count * size > len(data):
        raise ValueError("no section table")
    sections = [layout.unpack_from(data, table + index * size) for index in range(count)]
    left = len(data)  # sections do not overlap in an honest file
    for _, type_, _, _, offset, length, link, *_ in sections:
        if type_ not in _TABLES or offset + length > len(data):
            continue
        left -= length
        if left < 0:
            raise ValueError("sections overlap")
        names = sections[link][4]
        for row in range(min(length // symbol.size, _MOST_SYMBOLS)):
            fields = symbol.unpack_from(data, offset + row * symbol.size)
            name_at, info, section = (fields[0], fields[1], fields[3]) if wide else (fields[0], *fields[3:6:2])
            if info >> 4 != _LOCAL and name_at:
                name = data[names + name_at : names + name_at + _LONGEST_NAME].split(b"\0", 1)[0]
                plain = name.split(b"@", 1)[0].decode(errors="replace")  # without its version
                yield _Row(plain, kind == _RELOCATABLE, section != _UNDEFINED, info >> 4 == _WEAK)
