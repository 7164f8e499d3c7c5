"""The measured part of a judgement: a candidate that is right, as far as gates can tell, against a baseline."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.verdict import Evidence, Gain, Verdict, Word
from pesquared.verify.baseline.establish import Established
from pesquared.verify.baseline.scale import Scale
from pesquared.verify.failure import Failed
from pesquared.verify.ladder.gates import Gates
from pesquared.verify.measuring.decision import Comparison, Outcome, Series, describe, why_not
from pesquared.verify.measuring.direct import DirectComparison
from pesquared.verify.measuring.evidence import PAIRS_OF_COUNTS, counts_only, outside_gain
from pesquared.verify.measuring.guards import memory_guard, missing_in_wall, slower_in_all, time_guard
from pesquared.verify.measuring.meter import cpu_time, typical
from pesquared.verify.measuring.metric import CPU
from pesquared.verify.measuring.own_clock import unseen_gain
from pesquared.verify.measuring.pairs import CheckedSlot, Pair, PairedRuns
from pesquared.verify.measuring.parts import benchmark_guard, parts_of, several
from pesquared.verify.verifier import Suite


class Trial:
    """Measures the slot CANDIDATE against the slot ``baseline``, in stages, each on fresh pairs.

    Attributes:
        runtime: the candidate's median cost, once ``claim`` has measured it; in the metric's unit, of the
            benchmarks that it was judged on.
        cpu_s: its median CPU time likewise, seconds; None where it is not accounted for.
    """

    def __init__(self, known: Established, scale: Scale, gates: Gates, baseline: Slot) -> None:
        self.runtime = 0.0
        self.cpu_s: float | None = None
        self._known = known
        self._scale = scale
        self._gates = gates
        self._baseline = baseline
        pairs = PairedRuns(known.bench, scale.meter, known.rig.coin, *self._checked())
        self._comparison = self._compare(pairs.next_apart)
        # A screen decides nothing that stands: it goes without the third run. Of an exact metric all pairs count.
        self._screening = self._comparison if self._exact else self._compare(pairs.next)

    def screen(self, alpha: float, at_most: int) -> Verdict | Series:
        """A first test, to tell what is worth confirming: the pairs that show a gain, or a verdict."""
        return self._tested(self._screening, "screen", alpha, at_most)

    def decide(self, stage: str, alpha: float) -> Verdict | Series:
        """The test that decides: pairs that show a gain, and no loss that forbids it; or a verdict."""
        accept = self._known.rig.settings.accept
        series = self._tested(self._comparison, stage, alpha, accept.max_pairs)
        if isinstance(series, Verdict):
            return series
        summary = self._known.rig.verifier.evidence is Evidence.SUMMARY
        failed = outside_gain(self._comparison, series, accept, alpha) if summary else None
        failed = failed or self._loss(series.pairs)  # before tests that may take long
        return self._refused(failed, series) if failed else series

    def _tested(self, by: Comparison, stage: str, alpha: float, at_most: int) -> Verdict | Series:
        if self._known.rig.verifier.evidence is Evidence.COUNTS:
            return self._counted(by, stage, alpha)
        series = by.decide(stage, alpha, at_most)
        return series if series.outcome is Outcome.FASTER else self._undecided(series)

    def _counted(self, by: Comparison, stage: str, alpha: float) -> Verdict:
        """As many pairs as tell what there is to explain."""
        series = by.measure(stage, PAIRS_OF_COUNTS, alpha)
        if series.outcome is not Outcome.COMPLETE:
            return self._undecided(series)
        return self._refused(counts_only(series), series)

    def confirm(self, alpha: float, again: Callable[[], Failed | None]) -> Verdict:
        """What decides: a test at the level ``alpha``, the full tests, ``again``, and the claim.

        Args:
            alpha: of the test.
            again: brings the candidate from nothing what it has had to pass, unless it came so.
        """
        known, gates = self._known, self._gates
        confirmed = self.decide("confirm", alpha)
        if isinstance(confirmed, Verdict):
            return confirmed
        known.bench.restore(Slot.CANDIDATE)
        failed = gates.test(Slot.CANDIDATE, Suite.FULL) or again()
        if failed:
            return self._told(failed.verdict(gates.all, confirmed.gain), confirmed)
        return self.claim(alpha, confirmed.pairs)

    def claim(self, alpha: float, decided: Sequence[Pair]) -> Verdict:
        """Fresh pairs give the claimed gain: those that led to the decision flatter it (winner's curse).

        All guards are on what is claimed, those on times and benchmarks once more: these are other pairs, and
        after a cold build another program.
        """
        claim = self._comparison.claim(alpha)
        if claim.outcome is not Outcome.COMPLETE or claim.gain is None:
            return self._undecided(claim)
        pairs = claim.pairs if self._exact else (*decided, *claim.pairs)  # an exact metric's hold the decision's
        failed = self._doubtful(claim.gain, pairs) or self._loss(claim.pairs) or self._grown()
        if failed:
            return self._refused(failed, claim)
        readings = [pair.candidate for pair in claim.pairs]
        self.runtime, self.cpu_s = typical(readings, self._scale.metric), cpu_time(readings)
        unseen = unseen_gain(pairs, claim.gain) if self._times_itself else ()
        if unseen and not several(pairs) and not self._known.rig.settings.bench.own_clock:
            reason = f"{unseen[0].text} If its clock is right, say so: [bench] own_clock"
            return self._refused(Failed(Word.QUARANTINED, "clock", reason), claim)
        accepted = Verdict(Word.ACCEPTED, "faster", describe(claim.gain), self._gates.all, claim.gain)
        return self._told(replace(accepted, findings=unseen), claim)

    @property
    def _times_itself(self) -> bool:
        """Does the benchmark say how long it took? One that counts what it does in a fixed time does not."""
        verifier = self._known.rig.verifier
        less_is_claimed = verifier.is_time and not verifier.higher_is_better
        return bool(verifier.metric_name) and less_is_claimed and not verifier.deterministic

    @property
    def _exact(self) -> bool:
        verifier = self._known.rig.verifier
        return bool(verifier.metric_name) and verifier.deterministic

    def _compare(self, next_pair: Callable[[], Pair | Failed]) -> Comparison:
        rig = self._known.rig
        kind = DirectComparison if self._exact else Comparison
        return kind(next_pair, self._scale.metric, rig.settings.accept, rig.observer, rig.stop)

    def _checked(self) -> tuple[CheckedSlot, CheckedSlot]:
        checks = self._known.checks
        return (self._baseline, checks.settled), (Slot.CANDIDATE, checks.candidate)

    def _doubtful(self, gain: Gain, pairs: Sequence[Pair]) -> Failed | None:
        if gain.low <= 0:
            reason = f"faster at first, but not on fresh pairs: {describe(gain)}"
            return Failed(Word.INCONCLUSIVE, "not-repeated", reason)
        if slower_in_all(pairs, self._scale.metric):
            reason = f"the middle pair is faster, but all runs together take longer: {describe(gain)}"
            return Failed(Word.INCONCLUSIVE, "tail", reason)
        if self._scale.metric == CPU and self._scale.one_core:
            return missing_in_wall(pairs, gain)
        return None

    def _loss(self, pairs: Sequence[Pair]) -> Failed | None:
        """Is another time, or a guarding benchmark, shown to be worse?"""
        settings, metric = self._known.rig.settings, self._scale.metric
        return time_guard(pairs, metric, settings.accept.guard_loss) or benchmark_guard(
            pairs, self._scale.meter.figures.guards, metric, settings.bench.guard_loss, exact=self._exact
        )

    def _grown(self) -> Failed | None:
        """Does it take more memory?"""
        rig = self._known.rig
        rig.observer.notify(StageStarted("reading peak memory"))
        return memory_guard(self._known.bench, *self._checked(), rig.settings.accept.guard_loss)

    def _undecided(self, series: Series) -> Verdict:
        return self._refused(why_not(series, self._known.rig.settings.accept.target), series)

    def _refused(self, failed: Failed, series: Series) -> Verdict:
        if failed.word is Word.WRONG:  # a later run was not right: so is the rung that the first one passed
            self._gates.note("output", failed)
        return self._told(failed.verdict(self._gates.all, series.gain), series)

    def _told(self, verdict: Verdict, series: Series) -> Verdict:
        """The verdict with each benchmark's own gain, and with what such figures are worth."""
        alpha = series.gain.alpha if series.gain else 0.0
        parts = parts_of(series.pairs, self._scale.metric, alpha, exact=self._exact)
        return replace(verdict, parts=parts, evidence=self._known.rig.verifier.evidence)
