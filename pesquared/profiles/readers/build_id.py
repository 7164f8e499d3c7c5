"""Reads the build id of a program: equal ids are one build.

It lies in a note of type 3 by "GNU" in a segment of type 4. Formats: elf(5) and its notes, in either byte order
and width. Whatever does not fit has no build id.
"""

import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_NOTES = 4  # type of a program header
_BUILD_ID = 3  # type of a note
_MOST_HEADERS = 256
_MOST_NOTES = 1 << 16  # bytes


def build_id(path: Path) -> str | None:
    """In hexadecimal; None if the file is none, no ELF file, or has none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            return next(_build_ids(file), None)
    except (OSError, ValueError, struct.error):
        return None


def _build_ids(file: BinaryIO) -> Iterator[str]:
    head = file.read(64)
    if len(head) < 52 or head[:4] != b"\x7fELF" or head[4] not in (1, 2) or head[5] not in (1, 2):
        return
    order, wide = "<" if head[5] == 1 else ">", head[4] == 2
    (table,) = struct.unpack_from(f"{order}Q" if wide else f"{order}I", head, 32 if wide else 28)
    size, count = struct.unpack_from(f"{order}HH", head, 54 if wide else 42)
    for index in range(min(count, _MOST_HEADERS)):
        file.seek(table + index * size)
        header = file.read(56)
        if struct.unpack_from(f"{order}I", header)[0] != _NOTES:
            continue
        fields = struct.unpack_from(f"{order}8x Q 16x Q" if wide else f"{order}4x I 8x I", header)
        file.seek(fields[0])
        yield from _notes(file.read(min(fields[1], _MOST_NOTES)), order)


def _notes(data: bytes, order: str) -> Iterator[str]:
    at = 0
    while at + 12 <= len(data):
        name_size, size, kind = struct.unpack_from(f"{order}III", data, at)
        begin = at + 12 + (name_size + 3 & ~3)
        if kind == _BUILD_ID and data[at + 12 : at + 15] == b"GNU" and 0 < size <= 64:
            yield data[begin : begin + size].hex()
        at = begin + (size + 3 & ~3)
