"""Measuring in pairs: baseline and candidate close together, a fair coin deciding who goes first.

Runs on one host resemble their neighbours (the machine warms up, other load comes and goes), so only runs that
stand close together are compared. The coin is what makes the statistics valid, see ``eprocess``.

A run may also burden the one after it (dirty pages, heat, caches). If the second run of a pair came right after
the first, the coin would decide which side pays for the other: a candidate that burdens its successor would look
faster by half of the burden. So where something is decided a run of the second's own side, which nobody times,
stands between the two (docs/design/0010-after-effects.md).
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
from pesquared.verify.measuring.meter import Meter, Reading

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
        return self._pair(untimed=0)

    def next_apart(self) -> Pair | Failed:
        """The same, but the second sample begins after a run of its own side: none pays for the other's runs.

        A sample of several runs gives its first for that, a sample of one has one more run made.
        """
        return self._pair(untimed=1)

    def _pair(self, untimed: int) -> Pair | Failed:
        order = [self._baseline, self._candidate]
        if self._coin.random() < 0.5:
            order.reverse()
        readings: dict[Slot, Reading] = {}
        spent_s = 0.0
        with self._bench.alone():
            for slot, not_counted in zip(order, (0, untimed), strict=True):
                results = self._runs(slot, max(self._meter.repeats, 1 + not_counted))
                if isinstance(results, Failed):
                    return results
                spent_s += sum(result.usage.wall_s for result in results)
                readings[slot] = self._meter.read_sample(results[not_counted:])
        return self._complete(Pair(readings[self._baseline], readings[self._candidate], spent_s))

    def _runs(self, slot: Slot, number: int) -> list[RunResult] | Failed:
        check = self._check_baseline if slot is self._baseline else self._check_candidate
        results: list[RunResult] = []
        while len(results) < number:
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
