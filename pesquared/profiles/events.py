"""Which event of a profile counts. Weights of different events are different things: they never add up.

Of a file, and of several files together, the first event counts that is not time off the processor. Such time
counts where nothing else is there. Files that do not name their event, as folded stacks do, go with any other.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from pesquared.core.profile import OFF_CPU, Diagnostic, Sample

_MOST_NAMED = 8  # in a diagnostic
_UNNAMED = "time on the processor"
_HELD_BACK = 10_000  # samples; where so many are off the processor, they all are


def one_event(source: str, samples: Iterable[Sample], wanted: str, notes: list[Diagnostic]) -> Iterator[Sample]:
    """The samples of a file that are of one event; the others are named at the end.

    Args:
        source: the file, for the note.
        samples: as its reader yields them.
        wanted: the event; "": the first one that is not off the processor, if there is one.
        notes: where to say what was left out.
    """
    rest = iter(samples)
    others: dict[str, None] = {}
    if not wanted:
        held = []
        for sample in rest:
            held.append(sample)
            if sample.origin.event != OFF_CPU or len(held) == _HELD_BACK:
                break
        wanted = held[-1].origin.event if held else ""
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
        return named[0]
    return "" if on_processor else OFF_CPU
