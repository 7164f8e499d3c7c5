"""Which metric decides: processor time where the baseline keeps one core busy, else wall time."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pesquared.core.running import TASK_CLOCK, RunResult
from pesquared.core.settings import AcceptSettings
from pesquared.errors import UsageError
from pesquared.verify.verifier import PerformanceVerifier

CPU, WALL = "cpu", "wall"
_BUSY = 0.9  # share of time that counts as always busy
_SINGLE = 1.3  # threads that count as one: launching has moments with two


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

    @property
    def one_core(self) -> bool:
        """It keeps one core busy: what it saves of CPU time, it saves of time."""
        return self.busy >= _BUSY and not self.several_threads


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
    return CPU if use is not None and use.one_core else WALL
