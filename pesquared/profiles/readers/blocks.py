"""Whole lines of a large text file, many at a time, from its beginning or from somewhere in its middle."""

from collections.abc import Iterator
from typing import BinaryIO

from pesquared.profiles.lines import MAX_LINE
from pesquared.profiles.problems import Problems

BLOCK = 1 << 17  # bytes: large enough that its handling costs nothing, small enough for the processor's cache
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # added by some editors


def read_blocks(stream: BinaryIO, start: int, end: int | None, problems: Problems) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with the number of its first line, counted from 1 at the beginning of the file.

    Args:
        stream: at its beginning.
        start: lines that begin before this byte are left out.
        end: so are lines that begin at this byte or after it; None: none are.
        problems: told of each line longer than ``MAX_LINE`` bytes, which is left out.
    """
    skipped, at = _skip(stream, start)
    number = 1 + skipped
    while end is None or at < end:
        block = stream.read(BLOCK if end is None else min(BLOCK, end - at))
        if not block:
            break
        begin, at = at, at + len(block)
        lines = block.count(b"\n")
        if not block.endswith(b"\n"):
            block, more = _completed(block, stream, number + lines, problems)
            at += more
            lines += 1
        if begin == 0:
            block = block.removeprefix(_BYTE_ORDER_MARK)
        if block:
            yield number, block
        number += lines


def _completed(block: bytes, stream: BinaryIO, number: int, problems: Problems) -> tuple[bytes, int]:
    """The block with its last line, line ``number``, read to its end, or without it if that is too long.

    And how many bytes were read.
    """
    tail = stream.readline(MAX_LINE + 1)
    last = len(block) - (block.rfind(b"\n") + 1)
    if last + len(tail.removesuffix(b"\n")) <= MAX_LINE:
        return block + tail, len(tail)
    problems.add(number, f"longer than {MAX_LINE} bytes")
    rest = 0 if tail.endswith(b"\n") else _pass_line(stream)
    return block[: len(block) - last], len(tail) + rest


def _skip(stream: BinaryIO, start: int) -> tuple[int, int]:
    """Goes to the first line that begins at ``start`` or after it; lines and bytes passed on the way."""
    lines = at = 0
    last = b"\n"
    while at < start and (block := stream.read(min(BLOCK, start - at))):
        lines += block.count(b"\n")
        at += len(block)
        last = block[-1:]
    if last != b"\n":
        at += _pass_line(stream)
        lines += 1
    return lines, at


def _pass_line(stream: BinaryIO) -> int:
    """Goes to the end of a line; the number of bytes passed."""
    passed = 0
    while part := stream.readline(MAX_LINE):
        passed += len(part)
        if part.endswith(b"\n"):
            break
    return passed
