"""Lines of a profile in text form, read so that no hostile file fills the memory or steers a terminal."""

import re
from collections.abc import Iterator
from typing import IO

from pesquared.profiles.problems import Problems

MAX_LINE = 1 << 20  # bytes; the deepest real stacks stay far below

_BLOCK = 1 << 17
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # added by some editors

# Control characters and those that change the direction of writing: names end up on terminals and in commits.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def read_lines(stream: IO[bytes], problems: Problems) -> Iterator[tuple[int, bytes]]:
    """Every line without its end, with its number from 1; of several empty ones in a row only the first.

    A line that is longer than ``MAX_LINE`` and than a block is a problem, and empty.
    """
    number = 0  # of the last line that has ended
    rest = b""  # the beginning of the next one
    passing = empty = False  # is too much of the next one gone by? was the last one empty?
    while block := stream.read(_BLOCK):
        lines = (rest + block).split(b"\n") if rest else block.split(b"\n")
        rest = lines.pop()
        if lines and passing:
            lines[0], passing = b"", False
        if number == 0 and lines:
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
        for number, line in enumerate(lines, number + 1):  # noqa: B020 # it goes on from where it was
            if line or not empty:
                yield number, line
            empty = not line
        if len(rest) > MAX_LINE:
            if not passing:
                problems.add(number + 1, f"longer than {MAX_LINE} bytes")
            rest, passing = b"", True
    if rest and not passing:
        yield number + 1, rest.removeprefix(_BYTE_ORDER_MARK) if number == 0 else rest


def to_text(name: bytes) -> str:
    """``name`` as text; what cannot be printed is replaced."""
    text = name.decode("utf-8", errors="replace")
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


def excerpt(line: bytes) -> str:
    """The beginning of a line, for a diagnostic."""
    text = to_text(line)
    return repr(text if len(text) <= 60 else text[:57] + "…")
