"""Measuring in pairs: baseline and candidate back to back, a fair coin deciding who goes first.

Runs on one host resemble their neighbours (the machine warms up, other load comes and goes), so only runs that
stand next to each other are compared. The coin is what makes the statistics valid, see ``eprocess``.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from pesquared.core.protocols import Slot
from pesquared.core.running import RunResult
from pesquared.core.verdict import Word
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.measuring.bench import Bench, BenchRun
from pesquared.verify.measuring.metric import Meter, Reading

# A slot and what looks at each run in it: says what is wrong, or raises while the baseline is established.
CheckedSlot = tuple[Slot, Callable[[BenchRun], Failed | None]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One sample of the baseline and one of the candidate, neighbours in time; mostly a sample is one run."""

    baseline: Reading
    candidate: Reading
    spent_s: float = 0.0  # wall time of all runs, launch included

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
        """Runs one pair, alone on the host; what is wrong with a run of either side ends it."""
        order = [self._baseline, self._candidate]
        if self._coin.random() < 0.5:
            order.reverse()
        samples: dict[Slot, list[RunResult]] = {}
        with self._bench.alone():
            for slot in order:
                sample = self._sample(slot)
                if isinstance(sample, Failed):
                    return sample
                samples[slot] = sample
        baseline, candidate = (
            self._meter.read_sample(samples[slot]) for slot in (self._baseline, self._candidate)
        )
        spent_s = sum(result.usage.wall_s for sample in samples.values() for result in sample)
        return self._complete(Pair(baseline, candidate, spent_s))

    def _sample(self, slot: Slot) -> list[RunResult] | Failed:
        check = self._check_baseline if slot is self._baseline else self._check_candidate
        results: list[RunResult] = []
        while len(results) < self._meter.repeats:
            run = self._bench.run(slot)
            if failed := check(run):
                return failed
            results.append(run.result)
        return results

    def _complete(self, pair: Pair) -> Pair | Failed:
        name = self._bench.own_metric
        if name and pair.baseline.own is None:
            return unstable(f"a run does not report {name}: {pair.baseline.figure.problem}")
        if name and pair.candidate.own is None:
            reason = f"the candidate does not report {name}: {pair.candidate.figure.problem}"
            return Failed(Word.WRONG, "no-metric", reason, reason)
        return pair
