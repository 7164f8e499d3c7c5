"""What is timed: a run's readings net of what the launch alone costs, and which of them decides."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import AcceptSettings
from pesquared.errors import UsageError
from pesquared.verify.verifier import PerformanceVerifier

CPU, WALL = "cpu", "wall"
SHORTEST_S = 0.001  # net of launch; what is shorter drowns in the launch itself
_SINGLE_CORE = (0.9, 1.15)  # share of core use that counts as one core
# Net times are clamped to this share of the launch cost: its own jitter must not look like infinite speed.
_FLOOR_OF_LAUNCH, _FLOOR_S = 0.02, 1e-4


@dataclass(frozen=True, slots=True)
class Reading:
    """One run in numbers; less is better in all of them. Times in seconds, net of launch, above 0."""

    wall_s: float
    cpu_s: float | None  # None without accounting
    own: float | None = None  # the verifier's metric, inverted if higher is better

    def cost(self, metric: str) -> float | None:
        """What the metric says of this run; None where it was not read."""
        return {CPU: self.cpu_s, WALL: self.wall_s}.get(metric, self.own)


class Meter:
    """Turns runs into readings."""

    def __init__(self, verifier: PerformanceVerifier, launch: Usage) -> None:
        self._verifier = verifier
        self._launch = launch

    def read(self, result: RunResult) -> Reading:
        wall = _net(result.usage.wall_s, self._launch.wall_s)
        cpu = None if result.usage.cpu_s is None else _net(result.usage.cpu_s, self._launch.cpu_s or 0.0)
        return Reading(wall, cpu, self._own(result))

    def net(self, result: RunResult, metric: str) -> float:
        """CPU time where that is the metric, else wall time, net of the launch, in seconds; may be below 0."""
        if metric == CPU and result.usage.cpu_s is not None:
            return result.usage.cpu_s - (self._launch.cpu_s or 0.0)
        return result.usage.wall_s - self._launch.wall_s

    def _own(self, result: RunResult) -> float | None:
        if not self._verifier.metric_name:
            return None
        try:
            value = self._verifier.metric(result)
        except (ValueError, LookupError, ArithmeticError):  # what reading an unexpected output raises
            return None
        if value is None or not math.isfinite(value) or value <= 0:
            return None
        return 1.0 / value if self._verifier.higher_is_better else value


def _net(measured: float, launch: float) -> float:
    return max(measured - launch, launch * _FLOOR_OF_LAUNCH, _FLOOR_S)


def core_use(results: Sequence[RunResult], launches: Sequence[RunResult]) -> tuple[float, ...]:
    """Of the time in which a watched run could have used a core, the share in which it did; one figure a run.

    Time spent queueing for a core is the host's doing and does not count: CPU / (wall - queued), net of the
    launch, measured the same way. Near 1 for a program bound by one core, below for one that waits, above for one
    that runs on several.
    """
    launch_cpu, launch_open = (statistics.median(values) for values in zip(*map(_open, launches), strict=True))
    shares = []
    for result in results:
        cpu, could = _open(result)
        if result.usage.cpu_s is not None:
            shares.append((cpu - launch_cpu) / max(could - launch_open, _FLOOR_S))
    return tuple(shares)


def _open(result: RunResult) -> tuple[float, float]:
    """CPU seconds, and seconds in which a core was to be had."""
    return result.usage.cpu_s or 0.0, result.usage.wall_s - (result.usage.queued_s or 0.0)


def choose_metric(verifier: PerformanceVerifier, accept: AcceptSettings, uses: Sequence[float]) -> str:
    """CPU time where the baseline is bound by one core, else wall time; the verifier's own where it has one.

    Args:
        verifier: may have a metric of its own.
        accept: may demand one.
        uses: from ``core_use``; empty where CPU time cannot be accounted for.

    Raises:
        UsageError: CPU time is demanded, but this host has no accounting for it.
    """
    if verifier.metric_name:
        return verifier.metric_name
    if accept.metric == CPU and not uses:
        raise UsageError("CPU time cannot be accounted for on this host", "use --metric wall")
    if accept.metric in (CPU, WALL):
        return accept.metric
    busy, several = _SINGLE_CORE
    # What a thread queues after the last look at it is missed, so a run's share can come out too low, and the best
    # one is the truest; a jitter of the launch can make a single one too high.
    single = uses and max(uses) >= busy and statistics.median(uses) <= several
    return CPU if single else WALL


def other_metric(metric: str) -> str | None:
    """The time that guards: what is won in one must not be lost in the other."""
    return {CPU: WALL, WALL: CPU}.get(metric)


def typical(readings: Sequence[Reading], metric: str) -> float:
    """Median cost, in the metric's unit."""
    return statistics.median(cost for reading in readings if (cost := reading.cost(metric)) is not None)
