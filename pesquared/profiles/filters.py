"""Which samples of a profile count, and under which names: what ``--comm`` and its sisters ask for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pesquared.core.profile import Diagnostic, Sample
from pesquared.profiles.events import one_event
from pesquared.profiles.paths import relocated
from pesquared.profiles.symbols import clean

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
        since = clean(self.since_frame) if self.since_frame else None
        names: dict[str, bool] = {}
        for sample in samples:
            if not self._is_wanted(sample):
                continue
            kept = sample
            if since is not None:
                at = _first(sample.frames, since.name, names)
                if at is None:
                    continue
                kept = replace(kept, frames=kept.frames[at:], lines=kept.lines[at:])
            yield self._relocated(kept) if self.path_map else kept

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


def _first(frames: tuple[str, ...], name: str, known: dict[str, bool]) -> int | None:
    """Index of the first frame that is the function ``name``."""
    for index, frame in enumerate(frames):
        fits = known.get(frame)
        if fits is None:
            symbol = clean(frame)
            fits = name in (symbol.name, symbol.text)
            if len(known) < 1 << 16:
                known[frame] = fits
        if fits:
            return index
    return None
