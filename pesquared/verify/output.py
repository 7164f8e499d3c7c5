"""What the benchmark prints and writes, held against the baseline's, but for what varies by itself.

Lines are compared token by token. A numeric token at a position (line, index) at which the baseline itself
varied is not compared. A stream of which more than that varies is not compared at all, and that is said.

One case needs a guess: a timing may come out the same in every run of the baseline ("0.01 s") and other on the
candidate. A number with a unit of time or rate, or a fraction on a line that speaks of time, is taken for a timing
if it has at most three significant digits: a time measured to four digits does not repeat, a result does.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from pesquared.verify.diagnosis import visible

_SHOWN = 160  # characters of a line in a difference
_TIMING_DIGITS = 3
_UNIT = (
    rb"(?:ns|us|\xc2\xb5s|\xce\xbcs|ms|s|secs?|seconds?|msecs?|usecs?|nsecs?|minutes?"
    rb"|[A-Za-z]{1,12}/(?:ns|us|ms|s|sec|second)|[KMGTkmgt]?(?:FLOPS|FLOP/s|fps|IOPS))(?![A-Za-z0-9_/])"
)
_NUMBER = rb"[-+]?(?:0x[0-9A-Fa-f]{1,32}|(?:[0-9]{1,64}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][-+]?[0-9]{1,5})?)"
_TOKEN = re.compile(rb"(" + _NUMBER + rb"(?:[ \t]{0,4}" + _UNIT + rb")?)")
_HAS_UNIT = re.compile(rb"[0-9.][ \t]{0,4}" + _UNIT + rb"\Z")
_TIMING_WORD = re.compile(
    rb"(?<![a-z])(?:time|elapsed|seconds?|secs?|duration|took|throughput|latency|runtime|real|user|sys)(?![a-z])",
    re.IGNORECASE,
)

Scrub = Callable[[bytes], bytes]


def tokens(line: bytes) -> list[bytes]:
    """A line as text, number, text, number … text. A number keeps its unit of time or rate."""
    return _TOKEN.split(line)


def looks_like_timing(line: bytes, token: bytes) -> bool:
    """May this number of a line be a measured time, though it did not vary?"""
    mantissa = re.split(rb"[eE]", token, maxsplit=1)[0]
    if len(re.sub(rb"[^0-9]", b"", mantissa).lstrip(b"0")) > _TIMING_DIGITS or token.lstrip(b"+-").startswith(
        b"0x"
    ):
        return False
    fraction = b"." in token or re.search(rb"[0-9][eE]", token) is not None
    return _HAS_UNIT.search(token) is not None or (fraction and _TIMING_WORD.search(line) is not None)


class _Reference:
    """One stream of the baseline: its first run's lines, and where later runs differed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lines = data.split(b"\n")
        self.masks: dict[int, set[int]] = {}  # line → indices of tokens that vary

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
        parts, mask = tokens(before), self.masks.get(number, set())
        return all(index in mask or looks_like_timing(before, parts[index]) for index in varying)

    def says_something(self) -> bool:
        """Is there anything beside varying numbers and their labels?"""
        for number, line in enumerate(self.lines):
            parts, mask = tokens(line), self.masks.get(number, set())
            fixed = {i for i in range(1, len(parts), 2) if i not in mask and not looks_like_timing(line, parts[i])}
            if fixed or (len(parts) == 1 and line.strip()):
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
