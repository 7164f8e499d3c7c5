"""The statistics of a verdict: an e-process over pairs, which may be looked at after every pair.

One pair gives D = ln(t_baseline / t_candidate). For a bound d the process is

    E_n(d) = mean over λ in {1, 2, 4 … 512} of  ∏ (1 + c·tanh(λ(D_i − d))),      c = 0.8.

Why it is valid: a fair coin orders the runs inside a pair, so if the true log ratio is at most d, D_i − d is
symmetric around 0 or lower, given all that came before. tanh is odd and rising, hence each factor has a mean of
at most 1 and E_n(d) is a non-negative supermartingale that begins at 1. Ville's inequality: some E_n reaches
1/α with a probability of at most α, at any stopping time, whatever the drift, autocorrelation or outliers are.
A factor lies between 1 − c and 1 + c: no single pair decides anything, and no single outlier undoes what many
pairs have shown (with c = 1 it does: docs/design/0004-stake.md). The mixture over λ makes a guess of the noise's
scale unnecessary. The mirrored process uses −(D_i − d).
"""

import math
import statistics
from collections.abc import Sequence

LAMBDAS = tuple(float(2**power) for power in range(10))
STAKE = 0.8  # c: the share of what was won so far that is staked on the next pair
_MOST = math.log1p(STAKE)  # the most evidence a pair can add
_TOLERANCE = 1e-6  # of the interval's ends, in log units
_FARTHEST = 64.0  # log units; no measurement reaches it


def log_of_gain(gain: float) -> float:
    """The log ratio d that belongs to a share of time saved: d = −ln(1 − gain). Negative gains are losses."""
    return -math.log1p(-gain)


def gain_of_log(log_ratio: float) -> float:
    """The inverse: gain = 1 − exp(−d)."""
    return -math.expm1(-log_ratio)


def _log_factor(x: float) -> float:
    """The logarithm ln(1 + c·tanh(x))."""
    return math.log1p(STAKE * math.tanh(x))


def _log_mean_exp(values: Sequence[float]) -> float:
    highest = max(values)
    return highest + math.log(math.fsum(math.exp(value - highest) for value in values) / len(values))


class EProcess:
    """Evidence that the log ratio is above ``bound``; mirrored: that it is below.

    Reject the opposite at level α as soon as ``log_e`` ≥ ln(1/α).
    """

    def __init__(self, bound: float, *, mirrored: bool = False) -> None:
        self._bound = bound
        self._sign = -1.0 if mirrored else 1.0
        self._logs = [0.0] * len(LAMBDAS)

    @property
    def log_e(self) -> float:
        """The logarithm ln E_n; 0 before the first pair."""
        return _log_mean_exp(self._logs)

    def add(self, log_ratio: float) -> float:
        """Takes one more pair's D and returns the new ``log_e``."""
        x = self._sign * (log_ratio - self._bound)
        for index, scale in enumerate(LAMBDAS):
            self._logs[index] += _log_factor(scale * x)
        return self.log_e

    def rejects(self, alpha: float) -> bool:
        """Is the evidence enough at level ``alpha``?"""
        return self.log_e >= -math.log(alpha)


def _evidence(log_ratios: Sequence[float], bound: float, sign: float) -> float:
    """The logarithm ln E_n(bound) of all pairs at once; ``sign`` −1 for the mirrored process."""
    signed = [sign * (log_ratio - bound) for log_ratio in log_ratios]
    return _log_mean_exp([sum(_log_factor(scale * x) for x in signed) for scale in LAMBDAS])


def _limit(log_ratios: Sequence[float], sign: float, enough: float) -> float:
    """The bound at which one-sided evidence just reaches ``enough``, by bisection: it is monotone in the bound.

    With ``sign`` 1 this is the lower end of the interval, with −1 the upper one.
    """
    centre = statistics.median(log_ratios)
    inside = centre
    if _evidence(log_ratios, centre, sign) >= enough:  # possible where the noise is lopsided
        inside = max(log_ratios) if sign > 0 else min(log_ratios)
    step = 0.01
    while _evidence(log_ratios, inside - sign * step, sign) < enough and step < _FARTHEST:
        step *= 2
    outside = inside - sign * step
    while abs(inside - outside) > _TOLERANCE * max(1.0, 1e3 * step):
        middle = (inside + outside) / 2
        if _evidence(log_ratios, middle, sign) >= enough:
            outside = middle
        else:
            inside = middle
    return outside


def interval(log_ratios: Sequence[float], alpha: float = 0.05) -> tuple[float, float] | None:
    """The anytime-valid 1 − α confidence interval of the log ratio: every bound that neither side rejects at α/2.

    Returns:
        (low, high) in log units, or None while there are too few pairs to bound anything: a pair multiplies the
        evidence by less than 1 + c, so (1 + c)^n must exceed 2/α (seven pairs at 95 %).
    """
    enough = math.log(2.0 / alpha)
    if len(log_ratios) * _MOST <= enough:
        return None
    low, high = _limit(log_ratios, 1.0, enough), _limit(log_ratios, -1.0, enough)
    return min(low, high), max(low, high)
