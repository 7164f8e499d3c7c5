"""Lines of a profile in text form, read so that no hostile file fills the memory or steers a terminal."""

import re
from collections.abc import Iterator
from typing import IO

from pesquared.profiles.problems import Problems

MAX_LINE = 1 << 20  # bytes; the deepest real stacks stay far below

# Control characters and those that change the direction of writing: names end up on terminals and in commits.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def read_lines(stream: IO[bytes], problems: Problems) -> Iterator[tuple[int, bytes]]:
    """Every line as it stands, with its number from 1; one longer than ``MAX_LINE`` is a problem and left out."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            problems.add(number, f"longer than {MAX_LINE} bytes")
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # the byte order mark some editors add
        yield number, line


def to_text(name: bytes) -> str:
    """``name`` as text; what cannot be printed is replaced."""
    text = name.decode("utf-8", errors="replace")
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


def excerpt(line: bytes) -> str:
    """The beginning of a line, for a diagnostic."""
    text = to_text(line)
    return repr(text if len(text) <= 60 else text[:57] + "…")
