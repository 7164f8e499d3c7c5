"""Which event of a profile counts. Weights of different events are different things: they never add up.

Of a file, and of several files together, time on the processor counts before other events, whichever perf printed
first; among equals the first; time off the processor where nothing else is there. Files that do not name their
event, as folded stacks do, go with any other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from pesquared.core.profile import OFF_CPU, Diagnostic, Sample

_MOST_NAMED = 8  # in a diagnostic
_UNNAMED = "time on the processor"
_HELD_BACK = 10_000  # samples; where so many tell no time on the processor, none does

# Best first. Instructions say what was done, not how long it took, but still more of it than faults or misses.
_TIMES = frozenset(("", "cycles", "cpu-cycles", "cpu-clock", "task-clock", "cpu"))
_RANKS = {**dict.fromkeys(_TIMES, 0), "samples": 1, "instructions": 2, OFF_CPU: 4}
_OTHER_RANK = 3
_UNIT = re.compile(r"[^/]{1,64}/([^/,]{1,64})[^/]{0,256}/.{0,16}")  # perf: cpu_core/cycles/P
_MODIFIER = re.compile(r":[A-Za-z]{1,16}$")  # perf: cycles:u


def one_event(source: str, samples: Iterable[Sample], wanted: str, notes: list[Diagnostic]) -> Iterator[Sample]:
    """The samples of a file that are of one event; the others are named at the end.

    Args:
        source: the file, for the note.
        samples: as its reader yields them.
        wanted: the event; "": the best one, as the module says.
        notes: where to say what was left out.
    """
    rest = iter(samples)
    others: dict[str, None] = {}
    if not wanted:
        held = []
        for sample in rest:
            held.append(sample)
            if not _rank(sample.origin.event) or len(held) == _HELD_BACK:
                break
        wanted = min((sample.origin.event for sample in held), key=_rank, default="")
        rest = chain(held, rest)
    some = False
    for sample in rest:
        event = sample.origin.event
        if not wanted and event != OFF_CPU:
            wanted = event
        if event == wanted or (not event and wanted != OFF_CPU):
            some = True
            yield sample
        elif len(others) < _MOST_NAMED:
            others[event] = None
    if others:
        used, left_out = wanted or _UNNAMED, ", ".join(event or _UNNAMED for event in others)
        found = f"several events: {used} is used, {left_out} left out" if some else f"{left_out}, but no {used}"
        notes.append(Diagnostic(source, 0, f"holds {found} (see --event)"))


def common_event(events: Mapping[str, str]) -> str:
    """Of files that are read together; by file, the event that would count of it alone. "": that of no name."""
    on_processor = [event for event in events.values() if event != OFF_CPU]
    named = [event for event in on_processor if event]
    if named:
        return min(named, key=_rank)
    return "" if on_processor else OFF_CPU


def _rank(event: str) -> int:
    unit = _UNIT.fullmatch(event)
    name = unit[1] if unit else _MODIFIER.sub("", event)
    return _RANKS.get(name, _OTHER_RANK)
