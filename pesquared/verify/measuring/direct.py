"""Faster or not, for a metric that is the same in every run of the same code: what counts is whether it is."""

from pesquared.core.verdict import Gain, Word
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.measuring.decision import Comparison, Outcome, Rule, Series, no_rule
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.statistics.eprocess import gain_of_log

_LOOKS = 10  # pairs, in all, before a better figure is believed; the guards on time need them, too


class DirectComparison(Comparison):
    """Compares a deterministic metric directly. There is no level; instead, no run may give another figure."""

    _seen: tuple[Pair, ...] = ()

    def decide(self, stage: str, alpha: float, at_most: int) -> Series:  # noqa: ARG002 - nothing to be exhausted
        """One pair if it shows no gain, else as many as are wanting to ten, at least one."""
        series = self._look(stage, max(1, _LOOKS - len(self._seen)))
        if series.outcome is not Outcome.COMPLETE or series.gain is None:
            return series
        outcome = Outcome.FASTER if self._better(series.gain) else Outcome.NOT_FASTER
        return Series(outcome, series.pairs, series.gain)

    def measure(self, stage: str, at_most: int, alpha: float, rule: Rule = no_rule) -> Series:  # noqa: ARG002
        """One more pair: the same figures again."""
        return self._look(stage, 1)

    def _look(self, stage: str, at_most: int) -> Series:
        """All pairs seen until now, after up to ``at_most`` more."""
        gain: Gain | None = None
        fresh: list[Pair] = []
        while len(fresh) < at_most:
            if self._stop.requested:
                return Series(Outcome.INTERRUPTED, self._seen, gain)
            pair = self._next_pair()
            failed = pair if isinstance(pair, Failed) else self._varied(pair)
            if failed or isinstance(pair, Failed):
                return Series(Outcome.FAILED, self._seen, gain, failed)
            self._seen = (*self._seen, pair)
            fresh.append(pair)
            gain = exact_gain(pair, self._metric)
            self._tell(stage, at_most, fresh, gain)
            if gain is None or not self._better(gain):
                break
        return Series(Outcome.COMPLETE, self._seen, gain)

    def _better(self, gain: Gain) -> bool:
        return gain.median > self._accept.min_gain

    def _varied(self, pair: Pair) -> Failed | None:
        first = self._seen[0] if self._seen else pair
        if pair.baseline.own != first.baseline.own:
            return unstable(f"its {self._metric}, said to be deterministic, varies")
        if pair.candidate.own != first.candidate.own:
            reason = f"the candidate's {self._metric}, said to be deterministic, varies from run to run"
            return Failed(Word.WRONG, "no-metric", reason)
        return None


def exact_gain(pair: Pair, metric: str) -> Gain | None:
    """The gain one pair shows, with an interval of no width."""
    log_ratio = pair.log_ratio(metric)
    if log_ratio is None:
        return None
    gain = gain_of_log(log_ratio)
    return Gain(gain, gain, gain, 1, metric, 0.0)
