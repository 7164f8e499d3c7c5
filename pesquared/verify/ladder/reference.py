"""One output of the unchanged code as a reference, line by line and number by number.

Lines are compared token by token. A numeric token at a position (line, index) at which the baseline itself
varied is not compared; one that did not vary but looks like a coarse timing may differ a little, see ``timings``;
and every number may differ by the tolerance that was declared.
"""

import math
import re
from collections.abc import Iterator
from itertools import zip_longest

from pesquared.verify.diagnosis import visible
from pesquared.verify.ladder.timings import UNIT, close_enough, looks_like_timing, reports_of_time

_SHOWN = 160  # characters of a line in a difference
_PLAIN = rb"(?:[0-9]{1,64}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][-+]?[0-9]{1,5})?"
_NUMBER = rb"[-+]?(?:0x[0-9A-Fa-f]{1,32}|" + _PLAIN + rb")"
_TOKEN = re.compile(rb"(" + _NUMBER + rb"(?:[ \t]{0,4}" + UNIT + rb")?)")
_SPLIT = re.compile(rb"(?P<number>[-+]?" + _PLAIN + rb")[ \t]{0,4}(?P<unit>" + UNIT + rb")?\Z")


def tokens(line: bytes) -> list[bytes]:
    """A line as text, number, text, number … text. A number keeps its unit of time or rate."""
    return _TOKEN.split(line)


class Lines:
    """One stream of the baseline: its first run's lines, and where later runs differed."""

    def __init__(self, data: bytes, tolerance: float = 0.0) -> None:
        self.data = data
        self._tolerance = tolerance
        self.lines = data.split(b"\n")
        self.masks: dict[int, set[int]] = {}  # line → indices of tokens that vary
        self._of_time = reports_of_time(self.lines)

    def varying(self, number: int, line: bytes) -> set[int] | None:
        """Tokens in which ``line`` differs from the reference's, None if it differs in more than numbers."""
        before, after = tokens(self.lines[number]), tokens(line)
        if len(before) != len(after):
            return None
        differ = {index for index in range(1, len(before), 2) if before[index] != after[index]}
        free = differ | self.masks.get(number, set())
        for index in range(0, len(before), 2):
            one, other = before[index], after[index]
            if one != other and not (
                ({index - 1, index + 1} & free) and one.strip() == other.strip()  # padding of a varying number
            ):
                return None
        return differ

    def learn(self, data: bytes) -> bool:
        """Takes in another run of the baseline; False if more than numbers vary."""
        if data == self.data:
            return True
        lines = data.split(b"\n")
        if len(lines) != len(self.lines):
            return False
        for number, line in enumerate(lines):
            if line != self.lines[number]:
                varying = self.varying(number, line)
                if varying is None:
                    return False
                self.masks.setdefault(number, set()).update(varying)
        return True

    def difference(self, data: bytes) -> str | None:
        """The first difference, readable and on one line."""
        return next(self._differences(data), None)

    def _differences(self, data: bytes) -> Iterator[str]:
        if data == self.data:
            return
        for number, (before, after) in enumerate(zip_longest(self.lines, data.split(b"\n"))):
            if before == after:
                continue
            if before is None or after is None or not self._excused(number, before, after):
                yield f"line {number + 1}: expected {show(before, after)}, got {show(after, before)}"

    def _excused(self, number: int, before: bytes, after: bytes) -> bool:
        varying = self.varying(number, after)
        if varying is None:
            return False
        parts, others = tokens(before), tokens(after)
        timings, mask = self._steady_timings(number, parts), self.masks.get(number, set())
        return all(
            index in mask
            or within(parts[index], others[index], self._tolerance)
            or (index in timings and close_enough(parts[index], others[index]))
            for index in varying
        )

    def _steady_timings(self, number: int, parts: list[bytes]) -> set[int]:
        """Indices of tokens that did not vary but look like timings."""
        line, mask, of_time = self.lines[number], self.masks.get(number, set()), number in self._of_time
        return {
            index
            for index in range(1, len(parts), 2)
            if index not in mask and looks_like_timing(line, parts[index], of_time=of_time)
        }

    def excused(self) -> Iterator[tuple[int, bytes]]:
        """Lines with a number that never varied and may differ all the same, with their numbers from 0."""
        for number, line in enumerate(self.lines):
            if self._steady_timings(number, tokens(line)):
                yield number, line

    def masked(self) -> Iterator[tuple[int, bytes]]:
        """Lines with a number that varies or looks like a timing, with their numbers from 0."""
        for number, line in enumerate(self.lines):
            if self.masks.get(number) or self._steady_timings(number, tokens(line)):
                yield number, line

    def says_something(self) -> bool:
        """Is there anything beside varying numbers and their labels?"""
        for number, line in enumerate(self.lines):
            parts = tokens(line)
            free = self.masks.get(number, set()) | self._steady_timings(number, parts)
            if len(parts) // 2 > len(free) or (len(parts) == 1 and line.strip()):
                return True
        return False


def within(one: bytes, other: bytes, tolerance: float) -> bool:
    """Do two numbers, units included, differ by at most the share ``tolerance`` of the larger?"""
    first, second = _SPLIT.match(one), _SPLIT.match(other)
    if not tolerance or first is None or second is None or first["unit"] != second["unit"]:
        return False
    before, after = float(first["number"]), float(second["number"])
    return abs(before - after) <= tolerance * max(abs(before), abs(after)) < math.inf


def show(line: bytes | None, other: bytes | None) -> str:
    if line is None:
        return "the end of the output"
    same = next((i for i, (a, b) in enumerate(zip(line, other or b"", strict=False)) if a != b), 0)
    start = max(0, same - _SHOWN // 2)
    text = visible(line[start : start + _SHOWN]).replace("\n", "\\n").replace("\t", "\\t")
    return f"{'…' if start else ''}“{text}”{'…' if len(line) > start + _SHOWN else ''}"
