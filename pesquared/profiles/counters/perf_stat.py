"""Reads what ``perf stat -j -o FILE`` writes: one JSON object a line, one event each.

    {"counter-value" : "4.399631", "unit" : "msec", "event" : "task-clock", "pcnt-running" : 100.00}

Counters are no stacks: they say how the whole program used the machine. Format: stat-display.c of the Linux
kernel's ``tools/perf``.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pesquared.core.profile import Diagnostic
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import excerpt, read_lines, to_text

_MISSING = ("<not supported>", "<not counted>")
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Counter:
    """One event, counted over a run."""

    event: str
    value: float | None  # in ``unit``; None where the machine could not count it
    unit: str
    running: float  # share of the time it was counted; below 1 the value is an estimate


class _Line(msgspec.Struct):
    event: str
    value: str = msgspec.field(name="counter-value", default="")
    unit: str = ""
    running: float = msgspec.field(name="pcnt-running", default=100.0)


class PerfStatReader:
    """The reader of the format."""

    name: str = "perf stat"
    what: str = "output of perf stat (counters)"

    def recognises(self, head: bytes) -> bool:
        """An object with a counter's value."""
        return b'"counter-value"' in head and b'"event"' in head

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> tuple[Counter, ...]:
        """All counters, in the file's order."""
        found: list[Counter] = []
        with opened(path, diagnostics) as contents:
            for number, line in read_lines(contents.stream, contents.problems):
                text = line.strip()
                if not text or text.startswith(b"#"):
                    continue
                counter = _counter(text)
                if counter is not None and len(found) < _MOST:
                    found.append(counter)
                else:
                    contents.problems.add(number, f"no counter: {excerpt(text)}")
        return tuple(found)


def _counter(line: bytes) -> Counter | None:
    try:
        given = msgspec.json.decode(line, type=_Line)
        value = None if given.value in _MISSING else float(given.value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    if value is not None and not math.isfinite(value):
        return None
    running = min(max(given.running / 100, 0.0), 1.0)
    return Counter(to_text(given.event.encode()), value, to_text(given.unit.encode()), running)
