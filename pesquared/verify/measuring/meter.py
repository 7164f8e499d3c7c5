"""Runs in numbers: what one cost by each metric, less what the launch alone costs."""

import copy
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pesquared.core.running import RunResult, Usage
from pesquared.verify.measuring.figures import Figure, Figures
from pesquared.verify.measuring.metric import CPU, WALL
from pesquared.verify.verifier import PerformanceVerifier

# Net times are clamped to this share of the launch cost: its own jitter must not look like infinite speed.
_FLOOR_OF_LAUNCH, _FLOOR_S = 0.02, 1e-4


@dataclass(frozen=True, slots=True)
class Reading:
    """One run in numbers; less is better in all of them. Times in seconds, net of launch, above 0."""

    wall_s: float
    cpu_s: float | None  # None without accounting
    figure: Figure = field(default_factory=Figure)  # the verifier's own metric

    @property
    def own(self) -> float | None:
        """The verifier's own metric, inverted if higher is better; None if it was not read."""
        return self.figure.cost

    def cost(self, metric: str) -> float | None:
        """What the metric says of this run; None where it was not read."""
        return {CPU: self.cpu_s, WALL: self.wall_s}.get(metric, self.own)


class Meter:
    """Turns runs into readings.

    Attributes:
        repeats: runs that make a sample; each is fresh, and what is read is their mean.
    """

    def __init__(self, verifier: PerformanceVerifier, launch: Usage, repeats: int = 1) -> None:
        self.figures = Figures(verifier)
        self.repeats = repeats
        self._launch = launch

    def sampling(self, repeats: int) -> "Meter":
        """The same, but a sample is so many runs."""
        other = copy.copy(self)
        other.repeats = repeats
        return other

    def judged_on(self, benchmarks: tuple[str, ...]) -> "Meter":
        """The same, but of the verifier's benchmarks only these are combined; raises as ``Figures.judged_on``."""
        chosen = copy.copy(self)
        chosen.figures = self.figures.judged_on(benchmarks)
        return chosen

    def read(self, result: RunResult) -> Reading:
        wall = _net(result.usage.wall_s, self._launch.wall_s)
        cpu = None if result.usage.cpu_s is None else _net(result.usage.cpu_s, self._launch.cpu_s or 0.0)
        return Reading(wall, cpu, self.figures.read(result))

    def read_sample(self, results: Sequence[RunResult]) -> Reading:
        """What one run of a sample costs on average; of an own metric, which is not repeated, the first."""
        usages = [result.usage for result in results]
        cpu = [usage.cpu_s for usage in usages if usage.cpu_s is not None]
        mean = replace(
            usages[0],
            wall_s=statistics.fmean(usage.wall_s for usage in usages),
            cpu_s=statistics.fmean(cpu) if len(cpu) == len(usages) else None,
        )
        return self.read(replace(results[0], usage=mean))

    def net_cpu(self, result: RunResult) -> float | None:
        """CPU seconds net of the launch, which may be below 0; None where they are not accounted for."""
        return None if result.usage.cpu_s is None else result.usage.cpu_s - (self._launch.cpu_s or 0.0)


def _net(measured: float, launch: float) -> float:
    return max(measured - launch, launch * _FLOOR_OF_LAUNCH, _FLOOR_S)


def cpu_time(readings: Sequence[Reading]) -> float | None:
    """Median CPU time, seconds net of launch; None where it is not accounted for."""
    times = [reading.cpu_s for reading in readings if reading.cpu_s is not None]
    return statistics.median(times) if times else None


def typical(readings: Sequence[Reading], metric: str) -> float:
    """Median cost, in the metric's unit."""
    return statistics.median(cost for reading in readings if (cost := reading.cost(metric)) is not None)
