"""Amdahl's ceiling: the part of the benchmark's own time that runs through a function, and so can be saved in it.

What is not certain counts as running through it, since a ceiling that is too low would call an honest gain a
cheat, or skip a function that is worth an attempt.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.source import Definition
from pesquared.search.ways import Way, Ways

_Z = 3.29  # of a normal distribution: exceeded once in a thousand on either side


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Shares of the benchmark's time, fractions."""

    share: float  # that certainly runs through the functions
    at_most: float  # with what is open, and with what so many samples may have missed
    sampled_at_most: float  # without the time that was never sampled, which is the kernel's for the most part


class Ceilings:
    """Ceilings on one baseline.

    Args:
        profile: the benchmark's own; weights count samples.
        source: the baseline's tree.
        text: the source of a definition.
    """

    def __init__(self, profile: Profile, source: SourceIndex, text: Callable[[Definition], str]) -> None:
        self._profile = profile
        self._ways = Ways(source, text)
        self._known: dict[tuple[str, ...], Ceiling | None] = {}

    def of(self, functions: tuple[str, ...]) -> Ceiling | None:
        """The ceiling of a rewrite of ``functions``, qualified names; None if one of them cannot be found.

        Raises:
            PesquaredError: the tree has changed since the baseline was built.
        """
        if functions not in self._known:
            self._known[functions] = self._find(functions)
        return self._known[functions]

    def _find(self, functions: tuple[str, ...]) -> Ceiling | None:
        wanted = self._ways.wanted(functions)
        if wanted is None:
            return None
        through, perhaps, unseen = (
            self._profile.share_where(self._ways.goes(way, wanted))
            for way in (Way.THROUGH, Way.PERHAPS, Way.UNSEEN)
        )
        samples = self._profile.total
        sampled_at_most = min(1.0, upper_bound(through, samples) + perhaps)
        return Ceiling(through, upper_bound(through + perhaps + unseen, samples), sampled_at_most)


def upper_bound(share: float, samples: float) -> float:
    """The most that a share can be if so many samples showed ``share``: Wilson's interval at one in a thousand."""
    if samples <= 0:
        return 1.0
    weight = _Z * _Z / samples
    spread = _Z * math.sqrt(max(share * (1 - share), 0.0) / samples + weight / (4 * samples))
    return min(1.0, (share + weight / 2 + spread) / (1 + weight))
