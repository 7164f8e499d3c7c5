"""The interval beside a gain: every log ratio that the pairs do not rule out, at any time somebody looks.

It is the e-process read the other way round, so that the two never contradict each other: the interval at level
2α leaves out a bound d below it exactly when E_n(d) ≥ 1/α.
"""

import math
import statistics
from collections.abc import Callable, Sequence

from pesquared.verify.statistics.eprocess import BETS, Bet, highest_log_evidence, log_evidence

_EXCESS = 0.01  # of ln E: so much more evidence than is needed an end may have
_TOLERANCE = 1e-9  # nearer than this, absolutely and relatively, two bounds are the same
_SMALLEST_STEP = 1e-6  # log units
_MOST_ROUNDS = 1100  # so often doubled, the smallest step is beyond all floating-point numbers

Bounds = tuple[float, float]  # low, high, in log units
_Point = tuple[float, float]  # a bound and its surplus of evidence
_Surplus = Callable[[float], float]  # evidence against a bound beyond what is needed to reject it


def interval(
    log_ratios: Sequence[float], alpha: float = 0.05, *, near: Bounds | None = None, bets: Sequence[Bet] = BETS
) -> Bounds | None:
    """The anytime-valid 1 − α confidence interval of the log ratio: every bound that neither side rejects at α/2.

    Args:
        log_ratios: of the pairs, D = ln(t_baseline / t_candidate).
        alpha: how often, at most, the interval leaves out the truth at any time.
        near: where the search begins: the interval of one pair less, say. It saves time and changes nothing else.
        bets: of the e-process.

    Returns:
        (low, high) in log units, or None while there are too few pairs to bound anything: so few that even if all
        agreed the evidence could not reach 2/α (six pairs are enough at 95 %).

    Raises:
        ValueError: a log ratio is not a finite number.
    """
    enough = math.log(2.0 / alpha)
    if highest_log_evidence(len(log_ratios), bets) <= enough:
        return None
    centre, step = statistics.median(log_ratios), _likely_half_width(log_ratios)
    starts = (centre - step, centre + step)
    if near:
        starts, step = near, (near[1] - near[0]) / len(log_ratios)

    def below(bound: float) -> float:
        return log_evidence(log_ratios, bound, bets=bets) - enough

    def above(bound: float) -> float:
        return log_evidence(log_ratios, bound, mirrored=True, bets=bets) - enough

    low = _narrowed(below, *_bracket(below, starts[0], -step))
    high = _narrowed(above, *_bracket(above, starts[1], step))
    return min(low, high), max(low, high)  # lopsided pairs may reject every bound, from both sides


def _likely_half_width(log_ratios: Sequence[float]) -> float:
    centre = statistics.median(log_ratios)
    spread = statistics.median(abs(ratio - centre) for ratio in log_ratios)
    return max(6.0 * spread / math.sqrt(len(log_ratios)), _SMALLEST_STEP)


def _bracket(surplus: _Surplus, start: float, outward: float) -> tuple[_Point, _Point]:
    """A bound that is not rejected and, further out, one that is; both exist beyond the outermost pairs."""
    step = outward if abs(outward) > _SMALLEST_STEP else math.copysign(_SMALLEST_STEP, outward)
    here = start, surplus(start)
    rejected = here[1] >= 0
    for _ in range(_MOST_ROUNDS):
        bound = here[0] - step if rejected else here[0] + step
        there = bound, surplus(bound)
        if (there[1] >= 0) != rejected:
            return (there, here) if rejected else (here, there)
        here = there
        step *= 2
    raise ValueError("log ratios must be finite numbers")


def _narrowed(surplus: _Surplus, inside: _Point, outside: _Point) -> float:
    """The bound nearest to the pairs that is just rejected: an interval is rather too wide than too narrow.

    Regula falsi in its Illinois form (the end that stays counts half), which a bisection helps out where the
    evidence has a plateau.
    """
    inner, outer = inside[1], outside[1]
    turn = 0
    while outside[1] > _EXCESS and abs(outside[0] - inside[0]) > _TOLERANCE * max(1.0, abs(outside[0])):
        turn += 1
        share = 0.5 if turn % 4 == 0 else inner / (inner - outer)
        bound = inside[0] + share * (outside[0] - inside[0])
        point = bound, surplus(bound)
        if point[1] >= 0:
            outside, outer, inner = point, point[1], inner / 2
        else:
            inside, inner, outer = point, point[1], outer / 2
    return outside[0]


class GrowingInterval:
    """The interval of a series that grows by a pair at a time: each search begins where the last one ended."""

    def __init__(self, alpha: float = 0.05) -> None:
        self._alpha = alpha
        self._log_ratios: list[float] = []
        self._bounds: Bounds | None = None

    def add(self, log_ratio: float) -> Bounds | None:
        """Takes one more pair's D and returns what ``interval`` says of all of them."""
        self._log_ratios.append(log_ratio)
        self._bounds = interval(self._log_ratios, self._alpha, near=self._bounds)
        return self._bounds
