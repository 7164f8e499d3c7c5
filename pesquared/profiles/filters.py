"""Which samples of a profile count, and under which names: what ``--comm`` and its sisters ask for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pesquared.core.profile import Diagnostic, Sample
from pesquared.profiles.events import one_event
from pesquared.profiles.names.demangler import Demangler
from pesquared.profiles.names.symbols import Symbol, clean
from pesquared.profiles.paths import relocated

_REMEMBERED = 1 << 16
# Folding scripts make the process the root: ``comm``, ``comm-PID`` (--pid) or ``comm-PID/TID`` (--tid).
_PROCESS = re.compile(r"(?P<comm>.+?)(?:-(?P<pid>[0-9?]{1,10})(?:/(?P<tid>[0-9]{1,10}))?)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty tuples and texts let everything through."""

    comms: tuple[str, ...] = ()  # names of processes
    threads: tuple[str, ...] = ()  # thread ids
    event: str = ""  # "": see ``events``; the weights of different events do not add up
    since_frame: str = ""  # stacks begin at this function; those without it are left out
    path_map: tuple[tuple[str, str], ...] = ()  # folders of a build made elsewhere → where they are here
    symfs: Path | None = None  # folder below which the programs of a perf.data lie under their full paths

    @property
    def changes_samples(self) -> bool:
        """Is there anything to do beside choosing an event?"""
        return bool(self.comms or self.threads or self.since_frame or self.path_map)

    def of_file(self, source: str, samples: Iterable[Sample], notes: list[Diagnostic]) -> Iterator[Sample]:
        """The samples of one file that count. What was left out for its event is noted at the end."""
        counted = one_event(source, samples, self.event, notes)
        return self._changed(counted) if self.changes_samples else counted

    def _changed(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        wanted = (sample for sample in samples if self._is_wanted(sample))
        kept = _since(clean(self.since_frame), wanted) if self.since_frame else wanted
        return map(self._relocated, kept) if self.path_map else iter(kept)

    def _is_wanted(self, sample: Sample) -> bool:
        if not (self.comms or self.threads):
            return True
        comm, tid = sample.origin.comm, sample.origin.tid
        if not comm and (root := _PROCESS.fullmatch(sample.frames[0])):
            comm, tid = root["comm"], root["tid"] or tid
            if sample.frames[0] in self.comms:  # a name may end like one with a process id
                comm = sample.frames[0]
        return (not self.comms or comm in self.comms) and (not self.threads or tid in self.threads)

    def _relocated(self, sample: Sample) -> Sample:
        frames = tuple(_frame_elsewhere(frame, self.path_map) for frame in sample.frames)
        lines = tuple(relocated(line, self.path_map) for line in sample.lines)
        return replace(sample, frames=frames, lines=lines)


def _frame_elsewhere(frame: str, pairs: Iterable[tuple[str, str]]) -> str:
    """``name (FILE:LINE)`` with the file relocated; a frame that names no file stays."""
    name, found, place = frame.rpartition(" (")
    return f"{name} ({relocated(place, pairs)}" if found and frame.endswith(")") else frame


def _since(first: Symbol, samples: Iterable[Sample]) -> Iterator[Sample]:
    """Stacks from their first frame that is the function."""
    known: dict[str, bool] = {}
    with Demangler() as demangler:
        for sample in samples:
            for index, frame in enumerate(sample.frames):
                fits = known.get(frame)
                if fits is None:
                    fits = _is_same(first, clean(demangler.shown(clean(frame).text)))
                    if len(known) < _REMEMBERED:
                        known[frame] = fits
                if fits:
                    yield replace(sample, frames=sample.frames[index:], lines=sample.lines[index:])
                    break


def _is_same(wanted: Symbol, symbol: Symbol) -> bool:
    if wanted.parameters is None or symbol.parameters is None:
        return wanted.name in (symbol.name, symbol.text)
    return wanted.text == symbol.text
