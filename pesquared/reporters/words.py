"""Numbers and foreign text as people read them."""

import re
import unicodedata

from pesquared.core.attempt import Spending
from pesquared.core.verdict import Evidence, Gain, Noise
from pesquared.core.words import counted, percent

_LARGE = 1e15  # above it, digits before the point say nothing


def gain_text(gain: Gain | None) -> str:
    """Median and interval: ``34.1 % [32.0, 36.2]``."""
    if gain is None:
        return ""
    low, high = (percent(bound).removesuffix(" %") for bound in (gain.low, gain.high))
    return f"{percent(gain.median)} [{low}, {high}]"


def noise_text(noise: Noise) -> str:
    """``±0.8 % over 30 pairs``, or that nothing is known of it."""
    if noise.half_width is None:
        return f"not known ({counted(noise.pairs, 'pair')})"
    return f"±{percent(noise.half_width)} over {counted(noise.pairs, 'pair')}"


def worth(evidence: Evidence) -> str:
    """A label for figures that accept nothing alone, "" for ordinary ones."""
    return "" if evidence is Evidence.RUNS else f" ({evidence.value})"


def is_time(metric: str) -> bool:
    """Is it the time of the process, in seconds, and not a metric of the verifier's own?"""
    return metric in ("cpu", "wall")


def figure(value: float) -> str:
    """A figure of any size, in whatever unit: ``0.9213``, ``12.5``, ``45,000,000``."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < _LARGE else f"{value:.4g}"


def speed_up(gain: Gain) -> str:
    """``0.2`` → ``1.25×``."""
    return f"{1 / (1 - gain.median):.2f}×" if gain.median < 1 else "∞×"


def printable(text: str) -> str:
    """Foreign text without control characters, so that no function name steers the terminal."""
    return "".join(char if unicodedata.category(char)[0] != "C" else "�" for char in text)


def printable_lines(text: str) -> str:
    """The same for text of several lines, as a compiler writes it."""
    return re.sub(r"[^\n\t]+", lambda part: printable(part[0]), text)


def spending_text(spending: Spending) -> str:
    """``spent 0.0213 of 1 USD in 3 calls``; with what may have been spent on calls that brought nothing."""
    calls = f"{spending.calls} call{'s' if spending.calls != 1 else ''}"
    unknown = f", {spending.unknown_usd:.4f} of it perhaps" if spending.unknown_usd else ""
    left = max(0.0, spending.limit_usd - spending.spent_usd)
    return f"spent {spending.spent_usd:.4f} of {spending.limit_usd:g} USD in {calls}{unknown}; {left:.4f} left"
