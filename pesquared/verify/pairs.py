"""Measuring in pairs: baseline and candidate back to back, a fair coin deciding who goes first.

Runs on one host resemble their neighbours (the machine warms up, other load comes and goes), so only runs that
stand next to each other are compared. The coin is what makes the statistics valid, see ``eprocess``.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from pesquared.core.protocols import Slot
from pesquared.core.verdict import Word
from pesquared.verify.bench import Bench, BenchRun
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.metric import Meter, Reading

# A slot and what looks at each run in it: says what is wrong, or raises while the baseline is established.
CheckedSlot = tuple[Slot, Callable[[BenchRun], Failed | None]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One baseline run and one candidate run, neighbours in time."""

    baseline: Reading
    candidate: Reading
    spent_s: float = 0.0  # wall time of both runs, launch included

    def log_ratio(self, metric: str) -> float | None:
        """D = ln(t_baseline / t_candidate), above 0 when the candidate is faster; None if one was not read."""
        before, after = self.baseline.cost(metric), self.candidate.cost(metric)
        return None if before is None or after is None else math.log(before / after)


class PairedRuns:
    """Two slots, run against each other for as long as somebody asks; a failed check ends it."""

    def __init__(
        self,
        bench: Bench,
        meter: Meter,
        coin: random.Random,
        baseline: CheckedSlot,
        candidate: CheckedSlot,
    ) -> None:
        self._bench = bench
        self._meter = meter
        self._coin = coin
        self._baseline, self._check_baseline = baseline
        self._candidate, self._check_candidate = candidate

    def next(self) -> Pair | Failed:
        """Runs one pair; what is wrong with a run of either side ends it."""
        order = [self._baseline, self._candidate]
        if self._coin.random() < 0.5:
            order.reverse()
        runs: dict[Slot, BenchRun] = {}
        with self._bench.alone():
            for slot in order:
                run = runs[slot] = self._bench.run(slot)
                check = self._check_baseline if slot is self._baseline else self._check_candidate
                if failed := check(run):
                    return failed
        baseline, candidate = (runs[slot].result for slot in (self._baseline, self._candidate))
        pair = Pair(
            self._meter.read(baseline), self._meter.read(candidate), baseline.usage.wall_s + candidate.usage.wall_s
        )
        return self._complete(pair)

    def _complete(self, pair: Pair) -> Pair | Failed:
        name = self._bench.own_metric
        if name and pair.baseline.own is None:
            return unstable(f"a run does not report {name}")
        if name and pair.candidate.own is None:
            return Failed(Word.WRONG, "no-metric", f"the candidate does not report {name}")
        return pair
