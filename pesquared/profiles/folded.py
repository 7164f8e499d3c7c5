"""Reads folded stacks, one a line, ``root;parent;leaf COUNT``: what stackcollapse-*.pl, inferno and py-spy write.

The format has no specification; its grammar is what flamegraph.pl accepts. Names hold spaces, so the count is what
follows the *last* white space. The unit is not recorded: it may be samples, nanoseconds or bytes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pesquared.core.profile import Diagnostic, Sample
from pesquared.profiles.lines import excerpt, read_lines, to_text
from pesquared.profiles.problems import Problems

MAX_COUNT = 2.0**64  # what a 64-bit counter can say

_COUNT = re.compile(rb"[0-9]+(?:\.[0-9]*)?")


class FoldedReader:
    """The reader of the format. Memory does not grow with the file."""

    name: str = "folded"

    def recognises(self, head: bytes) -> bool:
        """Any text: a file may begin with garbled lines and still hold good ones, which only reading tells."""
        return b"\0" not in head

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields one sample a good line; blank lines and ``#`` comments are passed over."""
        problems = Problems(str(path), diagnostics)
        try:
            with path.open("rb") as stream:
                yield from _samples(stream, problems)
        except OSError as error:
            problems.note(0, f"cannot be read: {error.strerror or error}")
        problems.close()


def _samples(stream: BinaryIO, problems: Problems) -> Iterator[Sample]:
    two_counts_seen = False
    for number, line in _lines(stream, problems):
        stack, count = _split(line)
        weight = _weight(count)
        if isinstance(weight, str):
            problems.add(number, f"{weight}: {excerpt(line)}")
            continue
        older, earlier_count = _split(stack)
        if older and _COUNT.fullmatch(earlier_count):
            # ``stack old new``, the output of difffolded.pl. The newer count is the profile, the older its past.
            stack = older
            if not two_counts_seen:
                problems.note(number, "two counts a line (a differential profile): the second is used")
                two_counts_seen = True
        frames = tuple(frame for frame in to_text(stack).split(";") if frame and not frame.isspace())
        if frames:
            yield Sample(frames, weight)
        else:
            problems.add(number, f"a count without a stack: {excerpt(line)}")


def _lines(stream: BinaryIO, problems: Problems) -> Iterator[tuple[int, bytes]]:
    """Lines worth parsing, with their numbers, without surrounding white space."""
    for number, whole in read_lines(stream, problems):
        line = whole.strip()
        if line and not line.startswith(b"#"):
            yield number, line


def _split(line: bytes) -> tuple[bytes, bytes]:
    """What stands before and after the last white space; nothing before if there is none."""
    parts = line.rsplit(None, 1)
    return (parts[0], parts[1]) if len(parts) == 2 else (b"", line)


def _weight(count: bytes) -> float | str:
    """The count as a number, or what is wrong with it."""
    if not _COUNT.fullmatch(count):
        return "no count at the end of the line"
    # A thousand digits are still a float, or infinity; comparing covers both.
    weight = float(count)
    return weight if weight <= MAX_COUNT else "the count is beyond 64 bits"
