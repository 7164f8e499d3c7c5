"""Several benchmarks, each compared on its own: what is shown beside the one number that decides, and may veto."""

import math
import statistics
from collections.abc import Sequence

from pesquared.core.verdict import Gain, Part, Word
from pesquared.core.words import percent
from pesquared.verify.failure import Failed
from pesquared.verify.measuring.decision import describe
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.statistics.eprocess import EProcess, gain_of_log, log_of_gain
from pesquared.verify.statistics.interval import interval

_LEVEL = 0.05  # a veto needs evidence, not a suspicion


def parts_of(pairs: Sequence[Pair], metric: str, alpha: float, *, exact: bool = False) -> tuple[Part, ...]:
    """The gain of each benchmark, in the order of their names; none where there are fewer than two.

    Args:
        pairs: of one series.
        metric: its name.
        alpha: only noted.
        exact: the metric is deterministic, so that one pair says it all and intervals have no width.
    """
    if not several(pairs):
        return ()
    names = sorted(pairs[0].baseline.figure.parts)
    gains = ((name, _gain(_log_ratios(pairs, name), metric, alpha, exact=exact)) for name in names)
    return tuple(Part(name, gain) for name, gain in gains if gain is not None)


def several(pairs: Sequence[Pair]) -> bool:
    """Is more than one benchmark reported? Then each may be a small part of what the process does."""
    return bool(pairs) and len(pairs[0].baseline.figure.parts) > 1


def _log_ratios(pairs: Sequence[Pair], name: str) -> list[float]:
    costs = [(pair.baseline.figure.parts.get(name), pair.candidate.figure.parts.get(name)) for pair in pairs]
    return [math.log(before / after) for before, after in costs if before is not None and after is not None]


def _gain(log_ratios: Sequence[float], metric: str, alpha: float, *, exact: bool) -> Gain | None:
    if not log_ratios:
        return None
    middle = statistics.median(log_ratios)
    bounds = (middle, middle) if exact else interval(log_ratios)
    if bounds is None:  # too few pairs to bound anything
        return None
    low, high = (gain_of_log(bound) for bound in bounds)
    return Gain(gain_of_log(middle), low, high, len(log_ratios), metric, alpha)


def benchmark_guard(
    pairs: Sequence[Pair], guards: Sequence[str], metric: str, loss: float, *, exact: bool = False
) -> Failed | None:
    """Vetoes when a guarding benchmark is shown, at level .05, to be worse by more than the share ``loss``."""
    for name in guards:
        log_ratios = _log_ratios(pairs, name)
        if _worse(log_ratios, log_of_gain(-loss), exact=exact):
            gain = _gain(log_ratios, metric, _LEVEL, exact=exact)
            measured = f": {describe(gain)}" if gain else ""
            reason = f"the benchmark {name} is worse by more than {percent(loss)}{measured}"
            return Failed(Word.NOT_FASTER, "guard-benchmark", reason)
    return None


def _worse(log_ratios: Sequence[float], bound: float, *, exact: bool) -> bool:
    if exact:
        return any(log_ratio < bound for log_ratio in log_ratios)
    worse = EProcess(bound, mirrored=True)
    for log_ratio in log_ratios:
        worse.add(log_ratio)
        if worse.rejects(_LEVEL):
            return True
    return False
