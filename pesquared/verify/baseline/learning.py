"""What several runs of the unchanged code show: what varies by itself, and how busy it keeps the processor."""

from pesquared.core.protocols import Slot
from pesquared.core.running import TASK_CLOCK, Command, Purpose, RunResult
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.measuring.bench import Bench
from pesquared.verify.measuring.metric import CoreUse, core_use
from pesquared.verify.rig import Rig

_RUNS = 3
_WATCHED_RUNS, _WATCHED_S = 7, 3.0


def learn_output(bench: Bench, checks: RunChecks) -> tuple[RunResult, ...]:
    """Three runs of the baseline: what varies among them varies by itself.

    Raises:
        BaselineError: a run fails, or nothing stays the same and there are no tests.
    """
    runs = [bench.run(Slot.CANDIDATE) for _ in range(_RUNS)]
    for run in runs:
        checks.baseline(run)
    return tuple(run.result for run in runs)


def learn_core_use(rig: Rig, bench: Bench, checks: RunChecks) -> CoreUse | None:
    """Watched runs of the baseline: does it keep one core busy? Several of a short benchmark, one of a long one.

    None where it does not matter, since CPU time is not to be had or not the metric.
    """
    if rig.verifier.metric_name or rig.sandbox.accounting != TASK_CLOCK:
        return None
    results: list[RunResult] = []
    while len(results) < _WATCHED_RUNS and sum(result.usage.wall_s for result in results) < _WATCHED_S:
        run = bench.run(Slot.ORIGINAL, watch=True)
        checks.baseline(run)
        results.append(run.result)
    nothing = Command(
        ("sh", "-c", "true"), rig.workspaces.tree, rig.workspaces.codebase, purpose=Purpose.BENCH, watch=True
    )
    return core_use(results, [rig.sandbox.run(nothing) for _ in range(_WATCHED_RUNS)])
