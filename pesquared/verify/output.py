"""What the benchmark prints and writes, held against the baseline's, but for what varies by itself.

Lines are compared token by token. A numeric token at a position (line, index) at which the baseline itself
varied is not compared. A stream of which more than that varies is not compared at all, and that is said.

A number that did not vary but looks like a coarse timing may differ a little, see ``timings``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from pesquared.verify.diagnosis import visible
from pesquared.verify.timings import UNIT, close_enough, looks_like_timing, reports_of_time

_NAMED = 3  # lines
_SHOWN = 160  # characters of a line in a difference
_NUMBER = rb"[-+]?(?:0x[0-9A-Fa-f]{1,32}|(?:[0-9]{1,64}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][-+]?[0-9]{1,5})?)"
_TOKEN = re.compile(rb"(" + _NUMBER + rb"(?:[ \t]{0,4}" + UNIT + rb")?)")

Scrub = Callable[[bytes], bytes]


def tokens(line: bytes) -> list[bytes]:
    """A line as text, number, text, number … text. A number keeps its unit of time or rate."""
    return _TOKEN.split(line)


class _Reference:
    """One stream of the baseline: its first run's lines, and where later runs differed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
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

    def differences(self, data: bytes) -> Iterator[str]:
        if data == self.data:
            return
        for number, (before, after) in enumerate(zip_longest(self.lines, data.split(b"\n"))):
            if before == after:
                continue
            if before is None or after is None or not self._excused(number, before, after):
                yield f"line {number + 1}: expected {_show(before, after)}, got {_show(after, before)}"

    def _excused(self, number: int, before: bytes, after: bytes) -> bool:
        varying = self.varying(number, after)
        if varying is None:
            return False
        parts, others = tokens(before), tokens(after)
        timings, mask = self._steady_timings(number, parts), self.masks.get(number, set())
        return all(
            index in mask or (index in timings and close_enough(parts[index], others[index])) for index in varying
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

    def says_something(self) -> bool:
        """Is there anything beside varying numbers and their labels?"""
        for number, line in enumerate(self.lines):
            parts = tokens(line)
            free = self.masks.get(number, set()) | self._steady_timings(number, parts)
            if len(parts) // 2 > len(free) or (len(parts) == 1 and line.strip()):
                return True
        return False


def _show(line: bytes | None, other: bytes | None) -> str:
    if line is None:
        return "the end of the output"
    same = next((i for i, (a, b) in enumerate(zip(line, other or b"", strict=False)) if a != b), 0)
    start = max(0, same - _SHOWN // 2)
    text = visible(line[start : start + _SHOWN]).replace("\n", "\\n").replace("\t", "\\t")
    return f"{'…' if start else ''}“{text}”{'…' if len(line) > start + _SHOWN else ''}"


class OutputGate:
    """The compared streams of a benchmark: "stdout", "stderr", "file:PATH"."""

    def __init__(self, scrub: Scrub) -> None:
        self._scrub = scrub
        self._references: dict[str, _Reference | None] = {}  # None: the file is not there
        self._dropped: set[str] = set()

    @property
    def comparable(self) -> bool:
        """Is any stream left that could show a wrong result?"""
        return any(
            reference is not None and reference.says_something()
            for name, reference in self._references.items()
            if name not in self._dropped
        )

    @property
    def compared(self) -> tuple[str, ...]:
        """Names of the streams that are compared."""
        return tuple(name for name in self._references if name not in self._dropped)

    def learn(self, streams: Mapping[str, bytes | None]) -> list[str]:
        """Takes in a run of the baseline; returns a notice for each stream that cannot be compared."""
        notices = []
        for name, data in streams.items():
            if name in self._dropped:
                continue
            scrubbed = None if data is None else self._scrub(data)
            if name not in self._references:
                self._references[name] = None if scrubbed is None else _Reference(scrubbed)
                continue
            reference = self._references[name]
            steady = scrubbed is None if reference is None else scrubbed is not None and reference.learn(scrubbed)
            if not steady:
                self._dropped.add(name)
                notices.append(
                    f"{name} varies by itself from run to run, in more than numbers: it is not compared"
                )
        return notices

    def excused(self) -> Iterator[str]:
        """What is taken for a timing though it never varied: "stdout, line 3: “took 0.01 s”"."""
        for name in self.compared:
            reference = self._references[name]
            if reference is not None:
                for number, line in reference.excused():
                    yield f"{name}, line {number + 1}: {_show(line, line)}"

    def difference(self, streams: Mapping[str, bytes | None]) -> str | None:
        """The first difference of a candidate's run, readable and on one line, or None."""
        for name in self.compared:
            reference, data = self._references[name], streams.get(name)
            if reference is None or data is None:
                if (reference is None) != (data is None):
                    return (
                        f"{name}: {'there is no such file' if data is None else 'the baseline has no such file'}"
                    )
                continue
            first = next(reference.differences(self._scrub(data)), None)
            if first is not None:
                return f"{name}: {first}"
        return None


def excused_lines(gate: OutputGate) -> Iterator[str]:
    """A notice that names the lines in which a number may differ though it never did, if there are any."""
    lines = list(gate.excused())
    if lines:
        more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
        yield (
            "taken for timings though they never varied, so that a candidate's may be up to ten times as large: "
            f"{'; '.join(lines[:_NAMED])}{more}. A result is better printed to four digits"
        )
