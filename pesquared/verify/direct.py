"""Faster or not, for a metric that is the same in every run of the same code: one look on each side is enough."""

from pesquared.core.verdict import Gain
from pesquared.verify.decision import Comparison, Outcome, Rule, Series, no_rule
from pesquared.verify.eprocess import gain_of_log
from pesquared.verify.pairs import Pair


class DirectComparison(Comparison):
    """Compares a deterministic metric directly. There is no noise, so there is no level either."""

    def decide(self, stage: str, alpha: float, at_most: int) -> Series:  # noqa: ARG002 - nothing to be exhausted
        series = self.measure(stage, 1, 0.0)
        if series.gain is None:
            return series
        better = series.gain.median >= self._accept.min_gain
        return Series(Outcome.FASTER if better else Outcome.NOT_FASTER, series.pairs, series.gain)

    def measure(self, stage: str, at_most: int, alpha: float, rule: Rule = no_rule) -> Series:  # noqa: ARG002
        series = super().measure(stage, 1, 0.0)
        if not series.pairs:
            return series
        gain = exact_gain(series.pairs[0], self._metric)
        return Series(series.outcome, series.pairs, gain, series.failed)


def exact_gain(pair: Pair, metric: str) -> Gain | None:
    """The gain one pair shows, with an interval of no width."""
    log_ratio = pair.log_ratio(metric)
    if log_ratio is None:
        return None
    gain = gain_of_log(log_ratio)
    return Gain(gain, gain, gain, 1, metric, 0.0)
