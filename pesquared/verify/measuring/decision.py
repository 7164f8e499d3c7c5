"""Faster or not: sequential tests over pairs, and what their outcomes are called."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from pesquared.core.events import Observer, PairMeasured
from pesquared.core.settings import AcceptSettings
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Gain, Word
from pesquared.core.words import counted, percent
from pesquared.verify.failure import Failed
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.statistics.eprocess import EProcess, gain_of_log, log_of_gain
from pesquared.verify.statistics.interval import Bounds, GrowingInterval, interval


class Outcome(Enum):
    """How a series of pairs ended."""

    FASTER = auto()  # the evidence reached 1/α
    NOT_FASTER = auto()  # a gain of the target size is ruled out
    COMPLETE = auto()  # all pairs were measured; a test that ends so is undecided
    FAILED = auto()  # a run of the candidate was not right
    INTERRUPTED = auto()


@dataclass(frozen=True, slots=True)
class Series:
    """Pairs measured for one purpose, and what they say."""

    outcome: Outcome
    pairs: tuple[Pair, ...]
    gain: Gain | None  # None while there are too few pairs for an interval
    failed: Failed | None = None


Rule = Callable[[Pair, float, Gain | None], Outcome | None]

_TO_TELL_SLOWER = 8  # further pairs, at most, once a gain is ruled out: only "slower" or not is left to be said


def no_rule(_pair: Pair, _log_ratio: float, _gain: Gain | None) -> Outcome | None:
    """Ends nothing early."""
    return None


def gain_of(pairs: Sequence[Pair], metric: str, alpha: float) -> Gain | None:
    """Median gain and its anytime-valid 95 % interval; ``alpha`` is only noted."""
    ratios = [ratio for pair in pairs if (ratio := pair.log_ratio(metric)) is not None]
    return _gain(ratios, interval(ratios), metric, alpha)


def _gain(log_ratios: Sequence[float], bounds: Bounds | None, metric: str, alpha: float) -> Gain | None:
    if bounds is None:
        return None
    low, high = map(gain_of_log, bounds)
    return Gain(gain_of_log(statistics.median(log_ratios)), low, high, len(log_ratios), metric, alpha)


class Comparison:
    """Asks for pairs until a rule is satisfied."""

    def __init__(
        self,
        next_pair: Callable[[], Pair | Failed],
        metric: str,
        accept: AcceptSettings,
        observer: Observer,
        stop: StopRequest,
    ) -> None:
        self._next_pair = next_pair
        self._metric = metric
        self._accept = accept
        self._observer = observer
        self._stop = stop

    def decide(self, stage: str, alpha: float, at_most: int) -> Series:
        """A sequential test at level ``alpha`` on fresh pairs; ends when either side has enough evidence.

        What looks like a loss when a gain is ruled out gets a few more pairs, so that its interval can exclude 0.
        """
        faster = EProcess(log_of_gain(self._accept.min_gain))
        hopeless = EProcess(log_of_gain(self._accept.target), mirrored=True)

        ruled_out = 0  # pairs since

        def rule(_: Pair, log_ratio: float, gain: Gain | None) -> Outcome | None:
            nonlocal ruled_out
            faster.add(log_ratio)
            hopeless.add(log_ratio)
            if ruled_out or hopeless.rejects(self._accept.beta):
                ruled_out += 1
                may_be_slower = gain is None or gain.median < 0 <= gain.high
                return None if may_be_slower and ruled_out <= _TO_TELL_SLOWER else Outcome.NOT_FASTER
            return Outcome.FASTER if faster.rejects(alpha) else None

        series = self.measure(stage, at_most, alpha, rule)
        if ruled_out and series.outcome is Outcome.COMPLETE:
            return replace(series, outcome=Outcome.NOT_FASTER)
        return series

    def claim(self, alpha: float) -> Series:
        """Fresh pairs for the claimed gain: enough of them, and an interval that is a gain by itself.

        Nobody believes one of −10 to 30 %; that the series goes on until 0 is outside flatters its median by less
        than a tenth of a percentage point (benchmarks/verdict.py).
        """

        def shown(_pair: Pair, _log_ratio: float, gain: Gain | None) -> Outcome | None:
            enough = gain is not None and gain.pairs >= self._accept.claim_pairs and gain.low > 0
            return Outcome.COMPLETE if enough else None

        return self.measure("claim", max(self._accept.claim_pairs, self._accept.max_pairs), alpha, shown)

    def measure(self, stage: str, at_most: int, alpha: float, rule: Rule = no_rule) -> Series:
        """Measures up to ``at_most`` pairs, or until ``rule`` names an outcome."""
        pairs: list[Pair] = []
        log_ratios: list[float] = []
        bounds = GrowingInterval()
        gain: Gain | None = None
        while len(pairs) < at_most:
            if self._stop.requested:
                return Series(Outcome.INTERRUPTED, tuple(pairs), gain)
            pair = self._next_pair()
            if isinstance(pair, Failed):
                return Series(Outcome.FAILED, tuple(pairs), gain, pair)
            pairs.append(pair)
            log_ratio = pair.log_ratio(self._metric)
            if log_ratio is not None:
                log_ratios.append(log_ratio)
                gain = _gain(log_ratios, bounds.add(log_ratio), self._metric, alpha)
            self._tell(stage, at_most, pairs, gain)
            outcome = None if log_ratio is None else rule(pair, log_ratio, gain)
            if outcome is not None and gain is not None:  # the evidence may be there a pair before the interval
                return Series(outcome, tuple(pairs), gain)
        return Series(Outcome.COMPLETE, tuple(pairs), gain)

    def _tell(self, stage: str, at_most: int, pairs: Sequence[Pair], gain: Gain | None) -> None:
        before, after = pairs[-1].baseline.cost(self._metric), pairs[-1].candidate.cost(self._metric)
        if before is not None and after is not None:
            self._observer.notify(PairMeasured(stage, len(pairs), at_most, before, after, gain))


def confirmation_alpha(alpha: float, number: int) -> float:
    """Level of the ``number``-th confirmation of a run, from 1: α/(k(k+1)), which sums to α over all k.

    So the whole run is one family, and the number of candidates need not be known.
    """
    return alpha / (number * (number + 1))


def describe(gain: Gain) -> str:
    """A gain in words."""
    of = {"cpu": "CPU time", "wall": "wall time"}.get(gain.metric)
    words = ("less", "more") if of else ("better", "worse")  # more of a verifier's own metric may be better
    size = f"{percent(abs(gain.median))} {words[gain.median < 0]} {of or gain.metric}"
    return (
        f"{size} (95 % interval {percent(gain.low)} to {percent(gain.high)} saved, {counted(gain.pairs, 'pair')})"
    )


def why_not(series: Series, target: float) -> Failed:
    """The verdict on a series that did not end in ``FASTER``."""
    measured = f": {describe(series.gain)}" if series.gain else ""
    if series.failed is not None:
        return series.failed
    if series.outcome is Outcome.INTERRUPTED:
        return Failed(Word.INCONCLUSIVE, "interrupted", f"interrupted while measuring{measured}")
    if series.outcome is Outcome.NOT_FASTER:
        if series.gain is not None and series.gain.high < 0:
            return Failed(Word.SLOWER, "slower", f"slower than the baseline{measured}")
        return Failed(Word.NOT_FASTER, "not-faster", f"a gain of {percent(target)} is ruled out{measured}")
    return Failed(
        Word.INCONCLUSIVE, "max-pairs", f"{counted(len(series.pairs), 'pair')} did not decide it{measured}"
    )
