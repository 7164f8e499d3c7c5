"""The samples of files, read anew each time they are asked for; large files by several processes at once."""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from pesquared.core.profile import OFF_CPU, Diagnostic, Sample
from pesquared.core.protocols import ProfileReader
from pesquared.profiles.contents import is_packed
from pesquared.profiles.events import common_event, one_event
from pesquared.profiles.filters import Filters
from pesquared.profiles.formats import recognise
from pesquared.profiles.readers.folded import FoldedReader
from pesquared.profiles.readers.perf_data import PerfDataReader
from pesquared.profiles.tally import Gathering

PART = 16 << 20  # bytes; below, starting a process is not worth it
MOST_PROCESSES = 4

G = TypeVar("G", bound=Gathering)


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or of a format that can be cut at any line the lines that begin in a range of bytes."""

    file: Path
    start: int = 0
    end: int | None = None

    def samples(self, filters: Filters, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Those that count."""
        reader = _reader(self.file, filters)
        if isinstance(reader, Diagnostic):
            if not self.start:
                diagnostics.append(reader)
            return
        before = len(diagnostics)
        empty = True
        for sample in filters.of_file(str(self.file), self._read(reader, diagnostics), diagnostics):
            empty = False
            yield sample
        if empty and len(diagnostics) == before and not self.start:
            diagnostics.append(Diagnostic(str(self.file), 0, "holds no stacks that were asked for"))

    def _read(self, reader: ProfileReader, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        if isinstance(reader, FoldedReader):
            return reader.read_part(self.file, self.start, self.end, diagnostics)
        return reader.read(self.file, diagnostics)


def _reader(file: Path, filters: Filters) -> ProfileReader | Diagnostic:
    reader = recognise(file)
    if isinstance(reader, PerfDataReader):
        return PerfDataReader(filters.symfs, filters.path_map)
    return reader


@dataclass(frozen=True, slots=True)
class Recorded:
    """The samples of all files as one profile."""

    files: tuple[Path, ...]
    filters: Filters

    @classmethod
    def of(cls, files: tuple[Path, ...], filters: Filters, diagnostics: list[Diagnostic]) -> "Recorded":
        """Files of one event: time on and off the processor is not added up. What is left out is said."""
        if filters.event or len(files) < 2:
            return cls(files, filters)
        events = {str(file): _event(file, filters) for file in files}
        common = common_event(events)
        waits = [source for source, event in events.items() if event == OFF_CPU != common]
        diagnostics += (
            Diagnostic(source, 0, "is time off the processor, which is no part of this profile (--event off-cpu)")
            for source in waits
        )
        rest = tuple(file for file in files if str(file) not in waits)
        return cls(rest, replace(filters, event=common))

    def samples(self) -> Iterator[Sample]:
        """All of them, by this process; what cannot be used is passed over."""
        ignored: list[Diagnostic] = []
        for file in self.files:
            yield from Part(file).samples(self.filters, ignored)

    def gather(self, begin: Callable[[], G], diagnostics: list[Diagnostic], processes: int | None = None) -> G:
        """One pass.

        Args:
            begin: makes what gathers; it and what it makes go to other processes and come back.
            diagnostics: what could not be used is appended, in the order of files and lines.
            processes: at most; None: as many as there are cores, up to ``MOST_PROCESSES``.
        """
        most = processes or min(os.cpu_count() or 1, MOST_PROCESSES)
        size = sum(map(_size, self.files))
        work = _Work(begin, self.filters)
        if most < 2 or size < 2 * PART or not _may_fork():
            gathered, found = work([Part(file) for file in self.files])
            diagnostics.extend(found)
            return gathered
        parts = [part for file in self.files for part in _parts(file, max(size // most, PART))]
        gathered = begin()
        for one, found in _results(work, parts, most):
            gathered.merge(one)
            diagnostics.extend(found)
        return gathered


@dataclass(frozen=True, slots=True)
class _Work(Generic[G]):
    begin: Callable[[], G]
    filters: Filters

    def __call__(self, parts: Iterable[Part]) -> tuple[G, list[Diagnostic]]:
        gathered = self.begin()
        diagnostics: list[Diagnostic] = []
        with _collecting_nothing():
            for part in parts:
                gathered.add(part.samples(self.filters, diagnostics))
        return gathered, diagnostics


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Millions of tuples come and go and none refers to itself: looking for cycles took a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _results(work: _Work[G], parts: list[Part], processes: int) -> Iterator[tuple[G, list[Diagnostic]]]:
    """What each part came to, in order. Where the system ends a process, we go on alone."""
    done = 0
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin_process)
    try:
        for result in pool.map(work, ([part] for part in parts)):
            yield result
            done += 1
    except BrokenProcessPool:
        yield work(parts[done:])
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us all; the parent decides


def _event(file: Path, filters: Filters) -> str:
    """That of the samples that would count of the file alone."""
    reader = _reader(file, filters)
    if isinstance(reader, Diagnostic):
        return ""
    first = next(one_event(str(file), reader.read(file, []), "", []), None)
    return "" if first is None else first.origin.event


def _may_fork() -> bool:
    """A fork takes only its own thread along; locks that others hold would stay locked in it."""
    return "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1


def _parts(file: Path, about: int) -> list[Part]:
    """A large file in parts of about so many bytes, if its format can be cut."""
    size = _size(file)
    count = round(size / about)
    if count < 2 or is_packed(file) or not isinstance(recognise(file), FoldedReader):
        return [Part(file)]
    cuts = [size * number // count for number in range(count)]
    return [Part(file, start, end) for start, end in zip(cuts, [*cuts[1:], None], strict=True)]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
