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
        stream: at its beginning; it must be possible to seek in it.
        start: lines that begin before this byte are left out.
        end: so are lines that begin at this byte or after it; None: none are.
        problems: told of each line longer than ``MAX_LINE`` bytes, which is left out.
    """
    number = 1 + _skip(stream, start)
    at = stream.tell()
    while end is None or at < end:
        block = stream.read(BLOCK if end is None else min(BLOCK, end - at))
        if not block:
            break
        lines = block.count(b"\n")
        if not block.endswith(b"\n"):
            block = _completed(block, stream, number + lines, problems)
            lines += 1
        if at == 0:
            block = block.removeprefix(_BYTE_ORDER_MARK)
        if block:
            yield number, block
        number += lines
        at = stream.tell()


def _completed(block: bytes, stream: BinaryIO, number: int, problems: Problems) -> bytes:
    """The block with its last line, line ``number``, read to its end; without it if that is too long."""
    tail = stream.readline(MAX_LINE + 1)
    last = len(block) - (block.rfind(b"\n") + 1)
    if last + len(tail.removesuffix(b"\n")) <= MAX_LINE:
        return block + tail
    problems.add(number, f"longer than {MAX_LINE} bytes")
    if not tail.endswith(b"\n"):
        _pass_line(stream)
    return block[: len(block) - last]


def _skip(stream: BinaryIO, start: int) -> int:
    """Goes to the first line that begins at ``start`` or after it; the number of lines passed on the way."""
    lines = 0
    left = start
    last = b"\n"
    while left and (block := stream.read(min(BLOCK, left))):
        lines += block.count(b"\n")
        left -= len(block)
        last = block[-1:]
    if last != b"\n":
        _pass_line(stream)
        lines += 1
    return lines


def _pass_line(stream: BinaryIO) -> None:
    while (part := stream.readline(MAX_LINE)) and not part.endswith(b"\n"):
        pass
