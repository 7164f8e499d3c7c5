"""What is timed: a run's readings net of what the launch alone costs, and which of them decides."""

import copy
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pesquared.core.running import TASK_CLOCK, RunResult, Usage
from pesquared.core.settings import AcceptSettings
from pesquared.errors import UsageError
from pesquared.verify.measuring.figures import Figure, Figures
from pesquared.verify.verifier import PerformanceVerifier

CPU, WALL = "cpu", "wall"
SHORTEST_S = 0.001  # net of launch; what is shorter drowns in the launch itself
_BUSY = 0.9  # share of time that counts as always busy
_SINGLE = 1.3  # threads that count as one: launching has moments with two
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


@dataclass(frozen=True, slots=True)
class CoreUse:
    """How the baseline uses processors, whatever else the host is doing.

    Attributes:
        busy: share of looks at which a thread was ready to run; what is missing to 1, it waits for other things.
        threads: how many were ready at such a look, on average.
    """

    busy: float
    threads: float

    @property
    def several_threads(self) -> bool:
        return self.threads > _SINGLE


def core_use(results: Sequence[RunResult], launches: Sequence[RunResult]) -> CoreUse | None:
    """From watched runs; idle looks of a launch are not held against the program. None without busy looks."""
    seen = [result.usage.activity for result in results if result.usage.activity is not None]
    looks, busy = sum(one.looks for one in seen), sum(one.busy for one in seen)
    if not busy:
        return None
    bare = [result.usage.activity for result in launches if result.usage.activity is not None]
    idle_launch = statistics.fmean(one.looks - one.busy for one in bare) if bare else 0.0
    idle = max(0.0, looks - busy - idle_launch * len(seen))
    return CoreUse(busy / (busy + idle), sum(one.ready for one in seen) / busy)


def choose_metric(
    verifier: PerformanceVerifier, accept: AcceptSettings, use: CoreUse | None, accounting: str = TASK_CLOCK
) -> str:
    """CPU time where the baseline keeps one core busy, else wall time; the verifier's own where it has one.

    Args:
        verifier: may have a metric of its own.
        accept: may demand one.
        use: None where nothing is known of that: CPU time is not accounted for, or it never computes.
        accounting: of the sandbox; CPU time is only timed by the task clock, which sees every process of a run.

    Raises:
        UsageError: CPU time is demanded, but not accounted for in that way.
    """
    if verifier.metric_name:
        return verifier.metric_name
    if accept.metric == CPU and accounting != TASK_CLOCK:
        how = "not accounted for here" if accounting == WALL else f"accounted for here by {accounting!r}"
        raise UsageError(
            f"--metric cpu needs the kernel's task clock; CPU time is {how}",
            "use --metric wall, or a host that allows perf_event_open (see kernel.perf_event_paranoid)",
        )
    if accept.metric in (CPU, WALL):
        return accept.metric
    single = use is not None and use.busy >= _BUSY and not use.several_threads
    return CPU if single else WALL


def cpu_time(readings: Sequence[Reading]) -> float | None:
    """Median CPU time, seconds net of launch; None where it is not accounted for."""
    times = [reading.cpu_s for reading in readings if reading.cpu_s is not None]
    return statistics.median(times) if times else None


def typical(readings: Sequence[Reading], metric: str) -> float:
    """Median cost, in the metric's unit."""
    return statistics.median(cost for reading in readings if (cost := reading.cost(metric)) is not None)
