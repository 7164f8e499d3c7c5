"""Verdicts on true programs, run in the sandbox: identical pairs, and gains that are true by construction.

The identical pair is two different binaries of the same code. Each verdict is a whole one (screen, confirmation,
claim) on fresh pairs of real runs; only builds and tests are left out.
"""

import contextlib
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator

from procedures import DEFAULT, Comparisons, Judged, Silence, judged
from programs import programs, spinning

from pesquared.core.protocols import Slot
from pesquared.core.stopping import StopRequest
from pesquared.verify.failure import Failed
from pesquared.verify.measuring.decision import Comparison
from pesquared.verify.measuring.pairs import Pair, PairedRuns

SECONDS = 0.02  # what a run of the baseline takes
GAINS = (0.01, 0.02, 0.03, 0.10)
TOLD_EVERY = 25


def measure_programs(number: int, *, loaded: bool) -> None:
    """Prints ``number`` verdicts on the identical pair, and a tenth of that, five at least, on each gain."""
    cores = len(os.sched_getaffinity(0))
    with spinning(cores) if loaded else contextlib.nullcontext(), programs() as made:
        print(f"{made.sandbox.tier}, {made.sandbox.accounting}, {cores} cores, load {os.getloadavg()[0]:.1f}")
        rounds = made.rounds_for(SECONDS)
        made.compile(Slot.BASELINE, rounds)
        launch = made.launch()
        pairs = made.pairs(random.Random(), launch)
        metric = "wall" if launch.cpu_s is None else "cpu"
        print(f"{metric}, {rounds} rounds")
        print("true gain: verdicts, accepted, mean pairs, intervals that hold it, claimed less true gain")
        for gain in (0.0, *GAINS):
            made.compile(Slot.CANDIDATE, round(rounds * (1 - gain)), "b")
            count = number if gain == 0 else max(5, number // 10)
            print(_summary(gain, list(_verdicts(pairs, metric, gain, count))), flush=True)
        print(f"load at the end {os.getloadavg()[0]:.1f}")


def _verdicts(pairs: PairedRuns, metric: str, gain: float, number: int) -> Iterator[Judged]:
    begun, accepted = time.monotonic(), 0

    def comparison(next_pair: Callable[[], Pair | Failed]) -> Comparison:
        return Comparison(next_pair, metric, DEFAULT, Silence(), StopRequest())

    for done in range(1, number + 1):
        verdict = judged(Comparisons(comparison(pairs.next), comparison(pairs.next_apart)), gain, DEFAULT)
        accepted += verdict.accepted
        yield verdict
        if done % TOLD_EVERY == 0:
            said = f"  {gain:.0%}: {done} verdicts, {accepted} accepted, {time.monotonic() - begun:.0f} s"
            print(said, file=sys.stderr, flush=True)


def _summary(gain: float, verdicts: list[Judged]) -> str:
    accepted = sum(one.accepted for one in verdicts)
    pairs = statistics.fmean(one.pairs for one in verdicts)
    covered = [held for one in verdicts for held in one.covered]
    errors = [100 * (one.claimed - gain) for one in verdicts if one.claimed is not None]
    claims = "no claim"
    if errors:
        claims = f"{statistics.fmean(errors):+.3f} points (mean size {statistics.fmean(map(abs, errors)):.2f})"
    return f"{gain:5.0%}: {len(verdicts)}, {accepted}, {pairs:.1f}, {sum(covered)} of {len(covered)}, {claims}"
