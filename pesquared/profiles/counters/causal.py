"""From coz's experiments to what making a line faster does for the *program*: a curve, its slope and its trust.

At each virtual speed-up of a line, the program's speed-up is 1 − (time a unit of progress takes then ÷ the same at
no speed-up). The slope of these points, through the origin and weighted by the number of experiments, says how
much of a line's gain reaches the program: near 1 it is all of it, near 0 none, below 0 the line is better left
slow (contention). The interval holds the scatter of the points, not that of the runs at no speed-up. See
C. Curtsinger and E. Berger, "Coz: finding code that counts with causal profiling", SOSP 2015.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pesquared.profiles.counters.coz import Experiment

MIN_PROGRESS = 5.0  # a point reached less often than that says too little about its time
MIN_EXPERIMENTS = 10
MIN_POINTS = 3  # different speed-ups, beside none at all
MOST_CURVES = 1 << 14

# Two-sided 95 % points of Student's t with 1, 2, … degrees of freedom; beyond, the normal distribution's is near.
_T95 = (
    12.71,
    4.30,
    3.18,
    2.78,
    2.57,
    2.45,
    2.36,
    2.31,
    2.26,
    2.23,
    2.20,
    2.18,
    2.16,
    2.14,
    2.13,
    2.12,
    2.11,
    2.10,
)
_T95_BEYOND = 2.09


@dataclass(frozen=True, slots=True)
class Point:
    """The program's speed-up at one speed-up of the line; both are shares of time saved."""

    speedup: float
    program: float
    experiments: int


@dataclass(frozen=True, slots=True)
class Curve:
    """What making ``selected`` faster does for one progress point.

    ``slope`` and ``interval`` (95 %) are None where the data is too thin; such curves are not ranked.
    """

    selected: str
    progress: str
    points: tuple[Point, ...]
    experiments: int
    slope: float | None
    interval: tuple[float, float] | None


@dataclass(slots=True)
class _Sum:
    duration: float = 0.0
    progress: float = 0.0
    experiments: int = 0


def curves(experiments: Iterable[Experiment]) -> tuple[Curve, ...]:
    """One curve for each line and progress point: ranked by slope, steepest first, then those too thin to rank."""
    sums: dict[tuple[str, str], dict[float, _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    for experiment in experiments:
        for name, reached in experiment.progress.items():
            if (experiment.selected, name) in sums or len(sums) < MOST_CURVES:
                there = sums[experiment.selected, name][round(experiment.speedup, 3)]
                there.duration += experiment.duration_ns
                there.progress += reached
                there.experiments += 1
    found = [_curve(selected, name, by_speedup) for (selected, name), by_speedup in sums.items()]
    return tuple(sorted(found, key=lambda curve: (-_rank(curve), curve.selected, curve.progress)))


def _rank(curve: Curve) -> float:
    return -math.inf if curve.slope is None else curve.slope


def _curve(selected: str, name: str, sums: Mapping[float, _Sum]) -> Curve:
    usable = {speedup: there for speedup, there in sums.items() if there.progress >= MIN_PROGRESS}
    points: tuple[Point, ...] = ()
    if 0.0 in usable:
        at_rest = usable[0.0].duration / usable[0.0].progress
        points = tuple(
            Point(speedup, 1 - there.duration / there.progress / at_rest, there.experiments)
            for speedup, there in sorted(usable.items())
            if speedup > 0
        )
    count = sum(there.experiments for there in sums.values())
    slope, interval = _line(points) if count >= MIN_EXPERIMENTS else (None, None)
    return Curve(selected, name, points, count, slope, interval)


def _line(points: tuple[Point, ...]) -> tuple[float | None, tuple[float, float] | None]:
    """Least squares through the origin, weighted; the spread around the line gives the interval."""
    if len(points) < MIN_POINTS:
        return None, None
    moment = sum(point.experiments * point.speedup**2 for point in points)
    slope = sum(point.experiments * point.speedup * point.program for point in points) / moment
    freedom = len(points) - 1
    spread = sum(point.experiments * (point.program - slope * point.speedup) ** 2 for point in points) / freedom
    reach = (_T95[freedom - 1] if freedom <= len(_T95) else _T95_BEYOND) * math.sqrt(spread / moment)
    return slope, (slope - reach, slope + reach)
