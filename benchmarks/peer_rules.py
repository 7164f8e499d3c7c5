"""How other tools decide that a program got faster, re-implemented from their documentation to be tried on noise.

The names say what a rule is like, not what a tool does in every version and setting. Each takes the times of the
baseline and of the candidate, in seconds, and answers whether it would call the candidate faster.
"""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_NORMAL = statistics.NormalDist()
Times = Sequence[float]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to decide.

    Attributes:
        name: for tables.
        runs: of each side.
        interleaved: pairs whose order a coin decides; else all runs of the baseline, then all of the candidate.
        faster: the decision.
    """

    name: str
    runs: int
    interleaved: bool
    faster: Callable[[Times, Times], bool]


def t_quantile(level: float, freedom: float) -> float:
    """Student's t, by the expansion of Fisher and Cornish; good to a thousandth from 8 degrees of freedom on."""
    z = _NORMAL.inv_cdf(level)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def welch(before: Times, after: Times) -> tuple[float, float, float]:
    """Difference of the means, its standard error, degrees of freedom."""
    parts = [statistics.variance(times) / len(times) for times in (before, after)]
    together = math.fsum(parts)
    if together == 0:
        return statistics.fmean(before) - statistics.fmean(after), 0.0, len(before) - 1
    freedom = together**2 / (parts[0] ** 2 / (len(before) - 1) + parts[1] ** 2 / (len(after) - 1))
    return statistics.fmean(before) - statistics.fmean(after), math.sqrt(together), freedom


def mann_whitney(before: Times, after: Times) -> float:
    """How many standard deviations the rank sum of ``before`` is above its mean; normal approximation."""
    wins = math.fsum((x > y) + 0.5 * (x == y) for x in before for y in after)
    m, n = len(before), len(after)
    return (wins - m * n / 2 - 0.5) / math.sqrt(m * n * (m + n + 1) / 12)


def wilcoxon(before: Times, after: Times) -> float:
    """Signed ranks of the log ratios, in standard deviations; normal approximation."""
    ratios = sorted((math.log(x / y) for x, y in zip(before, after, strict=True)), key=abs)
    n = len(ratios)
    ranks = math.fsum(rank for rank, ratio in enumerate(ratios, 1) if ratio > 0)
    return (ranks - n * (n + 1) / 4) / math.sqrt(n * (n + 1) * (2 * n + 1) / 24)


def _within(times: Times, reach: float) -> list[float]:
    """Without what lies further than ``reach`` interquartile ranges outside the quartiles."""
    low, _, high = statistics.quantiles(times, n=4, method="inclusive")
    return [time for time in times if low - reach * (high - low) <= time <= high + reach * (high - low)]


def _mean(before: Times, after: Times) -> bool:
    return statistics.fmean(after) < statistics.fmean(before)


def _minimum(before: Times, after: Times) -> bool:
    return min(after) < 0.95 * min(before)


def _welch(before: Times, after: Times) -> bool:
    difference, error, freedom = welch(before, after)
    return difference > t_quantile(0.975, freedom) * error


def _ranks(before: Times, after: Times) -> bool:
    return mann_whitney(before, after) > _NORMAL.inv_cdf(0.975)


def _pooled(before: Times, after: Times) -> bool:
    variance = (statistics.variance(before) + statistics.variance(after)) / 2
    error = math.sqrt(2 * variance / len(before))
    return statistics.fmean(before) - statistics.fmean(after) > t_quantile(0.975, 2 * len(before) - 2) * error


def _beyond_one_per_cent(before: Times, after: Times) -> bool:
    difference, error, freedom = welch(before, after)
    return difference - t_quantile(0.975, freedom) * error > 0.01 * statistics.fmean(before)


def _five_per_cent_by_ranks(before: Times, after: Times) -> bool:
    kept = [0.95 * time for time in _within(before, 1.0)]
    return mann_whitney(kept, _within(after, 1.0)) > _NORMAL.inv_cdf(0.9)


def _differences(before: Times, after: Times) -> bool:
    saved = _within([x - y for x, y in zip(before, after, strict=True)], 1.5)
    z = statistics.fmean(saved) / (statistics.stdev(saved) / math.sqrt(len(saved)))
    return z >= 2.6 and statistics.fmean(saved) > 0.005 * statistics.fmean(before)


def _signed_ranks(before: Times, after: Times) -> bool:
    return wilcoxon(before, after) > _NORMAL.inv_cdf(0.975)


RULES = (
    Rule("mean of 10 below mean of 10", 10, False, _mean),
    Rule("min of 10 more than 5 % below (Codeflash-like)", 10, False, _minimum),
    Rule("Welch's t, batches of 10, p < .05", 10, False, _welch),
    Rule("Welch's t, batches of 30, p < .05", 30, False, _welch),
    Rule("U test, batches of 9, p < .05 (Google-Benchmark-like)", 9, False, _ranks),
    Rule("pooled t, batches of 60, p < .05 (pyperf-like)", 60, False, _pooled),
    Rule("batches of 100, interval beyond 1 % (criterion-like)", 100, False, _beyond_one_per_cent),
    Rule("batches of 20, ≥ 5 % by U test (SWE-Perf-like)", 20, False, _five_per_cent_by_ranks),
    Rule("50 pairs, |z| ≥ 2.6 and > .5 % (tango-like)", 50, True, _differences),
    Rule("30 pairs, Wilcoxon, p < .05", 30, True, _signed_ranks),
)


def sample(rule: Rule, log_times: Iterator[float], pairs: Iterator[tuple[float, float]], gain: float) -> bool:
    """Draws what the rule needs from one of the two sources and decides."""
    if rule.interleaved:
        drawn = [next(pairs) for _ in range(rule.runs)]
        before, after = [math.exp(one) for one, _ in drawn], [math.exp(other) for _, other in drawn]
    else:
        before = [math.exp(next(log_times)) for _ in range(rule.runs)]
        after = [(1 - gain) * math.exp(next(log_times)) for _ in range(rule.runs)]
    return rule.faster(before, after)
