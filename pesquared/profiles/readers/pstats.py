"""Reads what ``python -m cProfile -o FILE`` writes: times by function, and who called whom.

A marshalled dictionary ``{(file, line, name): (primitive calls, calls, own seconds, seconds with all below,
{caller: the same four for the calls by this caller})}``. The stacks are not recorded; ``rebuilt`` guesses them.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from pesquared.core.profile import Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import to_text
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.marshalled import MarshalError, Value, load
from pesquared.profiles.readers.python_frames import frame_of
from pesquared.profiles.readers.rebuilt import NOTE, rebuilt

_DICTIONARIES = (b"{", b"\xfb")  # without and with the bit that says it may be referred to
_TUPLES = (b"(", b")", b"\xa8", b"\xa9")


class PstatsReader:
    """The reader of the format. The file is held as a whole, up to ``contents.MAX_WHOLE``."""

    name: str = "pstats"

    def recognises(self, head: bytes) -> bool:
        """A dictionary whose first key is a tuple."""
        return head[:1] in _DICTIONARIES and head[1:2] in _TUPLES and b"\0" in head

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields rebuilt stacks, in seconds."""
        with opened(path, diagnostics) as contents:
            problems = contents.problems
            try:
                table = load(contents.whole())
            except MarshalError as error:
                problems.note(0, f"is no profile of cProfile: {error}")
                return
            if isinstance(table, dict):
                yield from _samples(table, problems)
            else:
                problems.note(0, "is no profile of cProfile: it holds no table")


def _samples(table: dict[Value, Value], problems: Problems) -> Iterator[Sample]:
    selfs: dict[str, float] = {}
    calls: dict[tuple[str, str], float] = {}
    for number, (key, row) in enumerate(table.items(), 1):
        function, times = _function(key), _times(row)
        if function is None or times is None:
            problems.add(0, f"entry {number} is no function with its times")
            continue
        selfs[function] = selfs.get(function, 0.0) + times[0]
        callers = row[4] if isinstance(row, tuple) and len(row) > 4 else None
        for caller_key, cost in callers.items() if isinstance(callers, dict) else ():
            caller, costs = _function(caller_key), _times(cost)
            if caller is not None and costs is not None:
                calls[caller, function] = calls.get((caller, function), 0.0) + costs[1]
    if calls:
        problems.note(0, NOTE)
    yield from rebuilt({name: own for name, own in selfs.items() if own}, calls, Origin(event="seconds"))


def _function(key: Value) -> str | None:
    match key:
        case (str(file), int(), str(name)):
            return frame_of(to_text(name.encode()), to_text(file.encode()))
    return None


def _times(row: Value) -> tuple[float, float] | None:
    """Own seconds, and with all below."""
    match row:
        case (_, _, (int() | float()) as own, (int() | float()) as whole, *_):
            usable = 0 <= own < math.inf and 0 <= whole < math.inf
            return (min(float(own), 2.0**64), min(float(whole), 2.0**64)) if usable else None
    return None
