"""What is won in one resource must not be lost in another: guards on the other time and on peak memory."""

import statistics
from collections.abc import Sequence

from pesquared.core.verdict import Gain, Word
from pesquared.core.words import percent
from pesquared.verify.failure import Failed
from pesquared.verify.measuring.bench import Bench
from pesquared.verify.measuring.metric import CPU, WALL
from pesquared.verify.measuring.pairs import CheckedSlot, Pair
from pesquared.verify.statistics.eprocess import EProcess, log_of_gain

_LEVEL = 0.05  # a veto needs evidence, not a suspicion: wall times of a busy host are mostly noise
_MEMORY_RUNS = 3
_MEMORY_NOISE = 1 << 20  # bytes


def time_guard(pairs: Sequence[Pair], metric: str, loss: float) -> Failed | None:
    """Vetoes when a time that is not the metric is shown, at level .05, to be worse by more than ``loss``.

    Beside CPU time that is wall time and the other way round; beside a metric of the verifier's own, both. A pair
    of which that time was not read on both sides says nothing, and takes nothing from the others.
    """
    for other in (CPU, WALL):
        read = [ratio for pair in pairs if (ratio := pair.log_ratio(other)) is not None]
        if other != metric and _worse(read, loss):
            reason = f"{other} time is worse by more than {percent(loss)}"
            return Failed(Word.NOT_FASTER, f"guard-{other}", reason)
    return None


def missing_in_wall(pairs: Sequence[Pair], gain: Gain) -> Failed | None:
    """Refuses a gain in CPU time, of a program that keeps one core busy, of which wall time shows less than half.

    Processor time can be spent where no accounting sees it: the kernel takes a program out of its perf events when
    it executes a file that it may not read (perf_event_exit_task in fs/exec.c). Wall time passes all the same.
    Shown means at level .05, so that a busy host, whose wall times scatter, refuses nobody by chance.
    """
    shown = [ratio for pair in pairs if (ratio := pair.log_ratio(WALL)) is not None]
    if not _worse(shown, -gain.low / 2):
        return None
    reason = (
        f"it says that it saves {percent(gain.median)} of its CPU time, but its wall time does not shrink with it"
    )
    return Failed(Word.QUARANTINED, "wall", f"{reason}: is something computed where it is not counted?")


def slower_in_all(pairs: Sequence[Pair], metric: str) -> bool:
    """Does the candidate cost more in all runs together, though the usual pair says otherwise?

    The e-process counts pairs, nearly as votes: it does not see that one run in ten takes twice as long.
    """
    read = [(pair.baseline.cost(metric), pair.candidate.cost(metric)) for pair in pairs]
    costs = [(before, after) for before, after in read if before is not None and after is not None]
    return sum(after for _, after in costs) >= sum(before for before, _ in costs)


def _worse(log_ratios: Sequence[float], loss: float) -> bool:
    worse = EProcess(log_of_gain(-loss), mirrored=True)
    for log_ratio in log_ratios:
        worse.add(log_ratio)
        if worse.rejects(_LEVEL):
            return True
    return False


def memory_guard(bench: Bench, baseline: CheckedSlot, candidate: CheckedSlot, loss: float) -> Failed | None:
    """Vetoes when peak memory grew by more than the share ``loss`` and by more than 1 MiB, which is noise.

    Reads it in runs of its own, since watching disturbs timing. These runs must be right like any other.
    """
    peaks = []
    for slot, check in (baseline, candidate):
        readings = []
        for _ in range(_MEMORY_RUNS):
            run = bench.run(slot, watch=True)
            if failed := check(run):
                return failed
            if run.result.usage.peak_bytes is not None:
                readings.append(run.result.usage.peak_bytes)
        if not readings:
            return None
        peaks.append(statistics.median(readings))
    before, after = peaks
    if after - before <= max(loss * before, _MEMORY_NOISE):
        return None
    reason = f"peak memory grew from {before / 2**20:.1f} MiB to {after / 2**20:.1f} MiB"
    return Failed(Word.NOT_FASTER, "guard-memory", reason)
