"""Reads folded stacks, one a line, ``root;parent;leaf COUNT``: what stackcollapse-*.pl, inferno and py-spy write.

The format has no specification; its grammar is what flamegraph.pl accepts. Names hold spaces, so the count is what
follows the *last* white space. The unit is not recorded: it may be samples, nanoseconds or bytes.

Such files may be larger than the memory. They are read in blocks, and a block in which every line is as plain as
the example above, which is the rule, is taken apart without looking at each line twice.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pesquared.core.profile import Diagnostic, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import excerpt, to_text
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.blocks import read_blocks

MAX_COUNT = 2.0**64  # what a 64-bit counter can say

_COUNT = re.compile(rb"[0-9]+(?:\.[0-9]*)?")
# A plain block has no characters that cannot be printed, no empty frames and none that begin with a space, and no
# lines that are blank, indented or a comment. The patterns begin with rare bytes: they cost next to nothing.
_UNPRINTABLE = bytes({*range(10), *range(11, 32), *range(127, 256)})
_ODD_FRAME = re.compile(rb";[; \n]")
_ODD_LINE = re.compile(rb"\n[\n #;]")
_PLAIN_COUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,9})?")
_MOST_COUNTS = 1 << 16


class FoldedReader:
    """The reader of the format. Memory does not grow with the file."""

    name: str = "folded"

    def recognises(self, head: bytes) -> bool:
        """Any text: a file may begin with garbled lines and still hold good ones, which only reading tells."""
        return b"\0" not in head

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields one sample a good line; blank lines and ``#`` comments are passed over."""
        return self.read_part(path, 0, None, diagnostics)

    def read_part(
        self, path: Path, start: int, end: int | None, diagnostics: list[Diagnostic]
    ) -> Iterator[Sample]:
        """The samples of the lines that begin in the bytes [start, end) of the file; None: to its end."""
        with opened(path, diagnostics) as contents:
            yield from _samples(contents.stream, start, end, contents.problems)


def _samples(stream: BinaryIO, start: int, end: int | None, problems: Problems) -> Iterator[Sample]:
    weights = _Weights()
    odd = _OddLines(problems)
    for number, block in read_blocks(stream, start, end, problems):
        if not _is_plain(block):
            yield from odd.samples(number, block)
            continue
        for offset, line in enumerate(block.decode("ascii").splitlines()):
            frames = line.split(";")
            leaf, _, count = frames[-1].rpartition(" ")
            weight = weights[count]
            if weight is None or not leaf or (leaf[-1] in "0123456789. " and _ends_oddly(leaf)):
                yield from odd.samples(number + offset, line.encode())
            else:
                frames[-1] = leaf
                yield Sample(tuple(frames), weight)


def _is_plain(block: bytes) -> bool:
    return (
        len(block.translate(None, _UNPRINTABLE)) == len(block)
        and block[0] not in b"\n #;"
        and not _ODD_LINE.search(block)
        and not _ODD_FRAME.search(block)
    )


def _ends_oddly(leaf: str) -> bool:
    """In a space, or in a count of its own."""
    end = leaf[leaf.rfind(" ") + 1 :]
    return not end or _PLAIN_COUNT.fullmatch(end) is not None


class _Weights(dict[str, float | None]):
    """Counts repeat. None is a count that has to be looked at."""

    def __missing__(self, count: str) -> float | None:
        weight = float(count) if _PLAIN_COUNT.fullmatch(count) else None
        if len(self) < _MOST_COUNTS and len(count) < 32:
            self[count] = weight
        return weight


class _OddLines:
    """Lines that are more than a stack of plain names and a count, or less."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._two_counts_seen = False

    def samples(self, number: int, block: bytes) -> Iterator[Sample]:
        """Of the lines of a block, the first of which is line ``number``."""
        for offset, whole in enumerate(block.removesuffix(b"\n").split(b"\n")):
            line = whole.strip()
            if line and not line.startswith(b"#"):
                yield from self._sample(number + offset, line)

    def _sample(self, number: int, line: bytes) -> Iterator[Sample]:
        stack, count = _split(line)
        weight = _weight(count)
        if isinstance(weight, str):
            self._problems.add(number, f"{weight}: {excerpt(line)}")
            return
        older, earlier_count = _split(stack)
        if older and _COUNT.fullmatch(earlier_count):
            # ``stack old new``, the output of difffolded.pl. The newer count is the profile, the older its past.
            stack = older
            if not self._two_counts_seen:
                self._problems.note(number, "two counts a line (a differential profile): the second is used")
                self._two_counts_seen = True
        frames = tuple(frame for frame in to_text(stack).split(";") if frame and not frame.isspace())
        if frames:
            yield Sample(frames, weight)
        else:
            self._problems.add(number, f"a count without a stack: {excerpt(line)}")


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
