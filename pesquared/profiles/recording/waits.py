"""How long threads waited, and where: from perf's record of when the scheduler took them off and put them back.

``perf record -e sched:sched_switch --switch-events`` notes the stack of a thread that leaves a processor, and the
time at which it comes back. A thread that was pushed off while it could have gone on did not wait for anything; it
is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from pesquared.core.profile import Sample
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.perf_script import records

_NUMBERS = (
    rb"\s{1,16}-?\d{1,10}/(?P<tid>-?\d{1,10})\s{1,16}(?:\[\d{1,5}\]\s{1,16})?(?P<s>\d{1,12})\.(?P<f>\d{6,9}):\s"
)
_LEAVES = re.compile(
    rb"[^\t\n]{1,80}?" + _NUMBERS + rb"[^\n]{0,64}?sched:sched_switch:[^\n]{0,200}? prev_state=(?P<state>\S)"
)
_RETURNS = re.compile(rb"[^\t\n]{1,80}?" + _NUMBERS + rb"\s{0,24}PERF_RECORD_SWITCH(?:_CPU_WIDE)? (?P<way>IN|OUT)")
_COULD_GO_ON = b"R"
_MOST_THREADS = 1 << 16


class Waits:
    """Reads what ``perf script --show-switch-events`` prints."""

    def __init__(self, problems: Problems, spellings: Mapping[str, str]) -> None:
        self._problems = problems
        self._spellings = spellings
        self._left: tuple[bytes, int] | None = None  # the thread whose stack is being read, and when it left
        self._away: dict[bytes, tuple[tuple[str, ...], int]] = {}
        self._ended: list[Sample] = []

    def samples(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[Sample]:
        """One a wait; its weight is nanoseconds. Total."""
        for record in records(self._stacks(lines), self._problems):
            yield from self._drawn()
            if self._left is not None and len(self._away) < _MOST_THREADS:
                tid, at = self._left
                self._away[tid] = (tuple(self._spellings[frame.name] for frame in reversed(record.frames)), at)
                self._left = None
        yield from self._drawn()

    def _drawn(self) -> Iterator[Sample]:
        ended, self._ended = self._ended, []
        yield from ended

    def _stacks(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """The lines of stacks; those about threads that come back are taken out and acted upon."""
        for number, line in lines:
            if found := _RETURNS.match(line):
                if found["way"] == b"IN":
                    self._returned(found["tid"], _nanoseconds(found))
                continue
            if found := _LEAVES.match(line):
                waits = found["state"] != _COULD_GO_ON
                self._left = (found["tid"], _nanoseconds(found)) if waits else None
            yield number, line

    def _returned(self, tid: bytes, at: int) -> None:
        stack, left = self._away.pop(tid, ((), 0))
        if stack and at > left:
            self._ended.append(Sample(stack, float(at - left)))


def _nanoseconds(found: re.Match[bytes]) -> int:
    return int(found["s"]) * 10**9 + int(found["f"].ljust(9, b"0"))
