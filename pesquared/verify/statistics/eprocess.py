"""The statistics of a verdict: an e-process over pairs, which may be looked at after every pair.

One pair gives D = ln(t_baseline / t_candidate). For a bound d the process is a weighted mean of bets,

    E_n(d) = Σ weight · ∏ (1 + stake·tanh(scale·(D_i − d))),

half of the weight on cautious ones (stake 0.7, scales 4, 16, 64, 256), half on bold ones (0.98; 32, 128, 512).

Why it is valid: a fair coin orders the runs inside a pair, so if the true log ratio is at most d, D_i − d is
symmetric around 0 or lower, given all that came before. tanh is odd and rising, hence each factor has a mean of
at most 1; each product, and with it any mean of products whose weights were fixed beforehand, is a non-negative
supermartingale that begins at 1. Ville's inequality: some E_n reaches 1/α with a probability of at most α, at any
stopping time, whatever the drift, autocorrelation or outliers are. The mirrored process uses −(D_i − d).

Why these bets: a factor lies between 1 − stake and 1 + stake, so no single pair decides anything. Bold bets need
the fewest pairs where all pairs agree, cautious ones lose little to an outlier, and the mean is never below half
of the better one. The scales, in 1/log units, span noise from a tenth of a per cent to a factor of two, so nobody
has to guess it. Found by measurement: docs/design/0004-stake.md and 0005-two-stakes.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bet:
    """One product of the mean.

    Attributes:
        stake: share of what was won so far that is staked on the next pair, above 0 and below 1.
        scale: of a log ratio; a difference of 1/scale wins three quarters of the stake.
        weight: in the mean; those of all bets add up to 1.
    """

    stake: float
    scale: float
    weight: float


def _bets(stake: float, *scales: float) -> tuple[Bet, ...]:
    return tuple(Bet(stake, scale, 0.5 / len(scales)) for scale in scales)


BETS = _bets(0.7, 4.0, 16.0, 64.0, 256.0) + _bets(0.98, 32.0, 128.0, 512.0)


def log_of_gain(gain: float) -> float:
    """The log ratio d that belongs to a share of time saved: d = −ln(1 − gain). Negative gains are losses."""
    return -math.log1p(-gain)


def gain_of_log(log_ratio: float) -> float:
    """The inverse: gain = 1 − exp(−d)."""
    return -math.expm1(-log_ratio)


def _log_mean(logs: Sequence[float], bets: Sequence[Bet]) -> float:
    """The logarithm of Σ weight · exp(log), whatever size the logs have."""
    highest = max(logs)
    terms = [bet.weight * math.exp(log - highest) for bet, log in zip(bets, logs, strict=True)]
    return highest + math.log(math.fsum(terms))


class EProcess:
    """Evidence that the log ratio is above ``bound``; mirrored: that it is below.

    Reject the opposite at level α as soon as ``log_e`` ≥ ln(1/α).
    """

    def __init__(self, bound: float, *, mirrored: bool = False, bets: Sequence[Bet] = BETS) -> None:
        self._bound = bound
        self._sign = -1.0 if mirrored else 1.0
        self._bets = bets
        self._logs = [0.0] * len(bets)

    @property
    def log_e(self) -> float:
        """The logarithm ln E_n; 0 before the first pair."""
        return _log_mean(self._logs, self._bets)

    def add(self, log_ratio: float) -> float:
        """Takes one more pair's D and returns the new ``log_e``."""
        x = self._sign * (log_ratio - self._bound)
        for index, bet in enumerate(self._bets):
            self._logs[index] += math.log1p(bet.stake * math.tanh(bet.scale * x))
        return self.log_e

    def rejects(self, alpha: float) -> bool:
        """Is the evidence enough at level ``alpha``?"""
        return self.log_e >= -math.log(alpha)


def log_evidence(
    log_ratios: Sequence[float], bound: float, *, mirrored: bool = False, bets: Sequence[Bet] = BETS
) -> float:
    """The logarithm ln E_n(bound) of all pairs at once: what an ``EProcess`` says after them.

    Falls as the bound rises; mirrored, it rises with it.
    """
    sign = -1.0 if mirrored else 1.0
    xs = [sign * (log_ratio - bound) for log_ratio in log_ratios]
    tanh, log1p = math.tanh, math.log1p
    return _log_mean(
        [sum([log1p(bet.stake * tanh(bet.scale * x)) for x in xs]) for bet in bets],
        bets,
    )


def highest_log_evidence(pairs: int, bets: Sequence[Bet] = BETS) -> float:
    """The logarithm ln E_n that so many pairs can reach at most: by all being far beyond the bound."""
    return _log_mean([pairs * math.log1p(bet.stake) for bet in bets], bets)
