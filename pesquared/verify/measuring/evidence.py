"""What a verifier's own figures are worth: a harness's means and counted events do not accept alone."""

from pesquared.core.settings import AcceptSettings
from pesquared.core.verdict import Gain, Word
from pesquared.core.words import percent
from pesquared.verify.failure import Failed
from pesquared.verify.measuring.decision import Comparison, Outcome, Series, describe, why_not
from pesquared.verify.measuring.metric import CPU, WALL
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.statistics.eprocess import EProcess, log_of_gain

PAIRS_OF_COUNTS = 8  # of events that vary; of those that do not, one says it all


class OutsideTime:
    """Does the time of the whole process, seen from outside, show a gain as well?

    CPU and wall time are tested each at half the level, so that together they keep it.
    """

    def __init__(self, accept: AcceptSettings, alpha: float) -> None:
        self._alpha = alpha
        self._beta = accept.beta
        self._faster = {metric: EProcess(log_of_gain(accept.min_gain)) for metric in (CPU, WALL)}
        self._hopeless = {metric: EProcess(log_of_gain(accept.target), mirrored=True) for metric in (CPU, WALL)}
        self._blind: set[str] = set()  # times that are not accounted for
        self.shown = False

    def add(self, pair: Pair) -> None:
        """Takes a pair; once shown, a gain stays shown."""
        for metric in (CPU, WALL):
            log_ratio = pair.log_ratio(metric)
            if log_ratio is None:
                self._blind.add(metric)
            else:
                self._faster[metric].add(log_ratio)
                self._hopeless[metric].add(log_ratio)
        self.shown = self.shown or any(
            process.rejects(self._alpha / 2)
            for metric, process in self._faster.items()
            if metric not in self._blind
        )

    @property
    def ruled_out(self) -> bool:
        """Is a gain of the target size ruled out in both times?"""
        return all(
            metric in self._blind or process.rejects(self._beta) for metric, process in self._hopeless.items()
        )


def outside_gain(comparison: Comparison, series: Series, accept: AcceptSettings, alpha: float) -> Failed | None:
    """For figures that are a harness's summary: the pairs that show a gain in them must show one outside, too.

    Where they are too few for that, more are measured, up to ``max_pairs`` in all.
    """
    outside = OutsideTime(accept, alpha)
    for pair in series.pairs:
        outside.add(pair)

    def rule(pair: Pair, _log_ratio: float, _gain: Gain | None) -> Outcome | None:
        outside.add(pair)
        if outside.shown:
            return Outcome.FASTER
        return Outcome.NOT_FASTER if outside.ruled_out else None

    if not outside.shown and not outside.ruled_out:
        more = comparison.measure("outside", max(0, accept.max_pairs - len(series.pairs)), alpha, rule)
        if more.outcome in (Outcome.FAILED, Outcome.INTERRUPTED):
            return why_not(more, accept.target)
    if outside.shown:
        return None
    measured = f" ({describe(series.gain)})" if series.gain else ""
    return Failed(
        Word.INCONCLUSIVE,
        "summary-only",
        f"only the summary of the benchmark's harness shows a gain{measured}; the process's time does not show "
        f"{percent(accept.min_gain)}. Fix the number of iterations, so that less work takes less time, or time a "
        "program that does the work once",
    )


def counts_only(series: Series) -> Failed:
    """For counted events, which explain a gain but do not show one, whatever they say."""
    measured = f": {describe(series.gain)}" if series.gain else ""
    reason = f"counted events are not time and accept nothing{measured}; measure time with another verifier"
    return Failed(Word.INCONCLUSIVE, "counts-only", reason)
