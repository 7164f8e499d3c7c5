"""Run-time noise to try decision rules on: recorded on a real host, or simulated so that anybody can repeat it.

A recording is a text file with six columns a row, the third wall time in ns, the fourth CPU time in µs, one row a
run, in the order in which they were made. A candidate that saves a share g is a run scaled by 1 − g.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CPU, WALL = 3, 2  # columns of a recording


@dataclass(frozen=True, slots=True)
class Noise:
    """A source of run times.

    Attributes:
        name: for tables.
        runs: logarithms of recorded times in their order; empty for simulated ones.
    """

    name: str
    runs: tuple[float, ...] = ()

    def log_times(self, rng: random.Random) -> Iterator[float]:
        """Endless run times of one program, log scale: the recording from a random place on, round and round."""
        if not self.runs:
            yield from _simulated(rng)
        place = rng.randrange(len(self.runs))
        while True:
            yield self.runs[place]
            place = (place + 1) % len(self.runs)


def _simulated(rng: random.Random) -> Iterator[float]:
    """Run times, log scale: correlation .5 between neighbours, one run in twelve disturbed, drift."""
    level, step = 0.0, rng.randrange(500)
    while True:
        level = 0.5 * level + rng.gauss(0, 0.01)
        burst = abs(rng.gauss(0, 0.15)) if rng.random() < 1 / 12 else 0.0
        yield level + burst + 0.02 * math.sin(step / 80)
        step += 1


SIMULATED = Noise("simulated")


def recorded(path: Path, column: int) -> Noise:
    rows = (line.split() for line in path.read_text().splitlines())
    runs = tuple(math.log(float(row[column])) for row in rows if len(row) == 6)
    return Noise(f"{path.stem} {'wall' if column == WALL else 'CPU'}", runs)


@dataclass
class Host:
    """Runs a baseline and a candidate, one after the other, in times on a log scale.

    Attributes:
        times: what a run of the baseline would take, whatever ran before it.
        saved: by the candidate, log units.
        burden: what comes after a run of the candidate takes so much longer, log units.
        spares_itself: but only if it is one of the baseline.
    """

    times: Iterator[float]
    saved: float = 0.0
    burden: float = 0.0
    spares_itself: bool = False
    _burdened: bool = False

    def run(self, *, candidate: bool) -> float:
        pays = self._burdened and not (candidate and self.spares_itself)
        time = next(self.times) + pays * self.burden - candidate * self.saved
        self._burdened = candidate
        return time

    def pair(self, rng: random.Random, *, apart: bool) -> tuple[float, float]:
        """A baseline's and a candidate's time, in the order of a coin, as ``PairedRuns`` makes them."""
        candidate_first = rng.random() < 0.5
        first = self.run(candidate=candidate_first)
        if apart:
            self.run(candidate=not candidate_first)
        second = self.run(candidate=not candidate_first)
        return (second, first) if candidate_first else (first, second)


def coin_ordered(
    times: Iterator[float], gain: float, rng: random.Random, *, apart: bool = False
) -> Iterator[tuple[float, float]]:
    """Pairs (baseline, candidate) of log times; a coin decides who goes first.

    apart: an untimed run of the second stands between the two.
    """
    host = Host(times, -math.log1p(-gain))
    while True:
        yield host.pair(rng, apart=apart)
