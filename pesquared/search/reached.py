"""Which of several benchmarks reach what a proposal rewrites: those it is judged on.

The choice hangs on the baseline's profile and on what is rewritten, never on how fast the candidate is, so that
the verdict's statistics hold. A benchmark is left out only where hardly any of its time runs there, for sure.
"""

from collections.abc import Callable

from pesquared.core.protocols import BenchmarkProfiles, Profile, SourceIndex
from pesquared.core.source import Definition
from pesquared.search.ceiling import upper_bound
from pesquared.search.ways import Wanted, Way, Ways

_LITTLE = 0.05  # of a benchmark's time: what it could gain or lose there is small beside what is judged


class Reached:
    """Choices on one baseline.

    Args:
        profiles: what the benchmarks do there; weights count samples.
        source: the baseline's tree.
        text: the source of a definition.
    """

    def __init__(
        self, profiles: BenchmarkProfiles, source: SourceIndex, text: Callable[[Definition], str]
    ) -> None:
        self._profiles = profiles
        self._ways = Ways(source, text)
        self._known: dict[tuple[str, ...], tuple[str, ...] | None] = {}

    @property
    def of(self) -> int:
        """How many benchmarks there are to choose among."""
        return len(self._profiles.each)

    def by(self, functions: tuple[str, ...]) -> tuple[str, ...] | None:
        """Names of those that reach one of the functions, or may; None where that cannot be told.

        Args:
            functions: qualified names.

        Raises:
            PesquaredError: the tree has changed since the baseline was built.
        """
        if functions not in self._known:
            self._known[functions] = self._find(functions)
        return self._known[functions]

    def _find(self, functions: tuple[str, ...]) -> tuple[str, ...] | None:
        wanted = self._ways.wanted(functions)
        if wanted is None:
            return None
        outside = self._profiles.outside
        if self._weight(outside, Way.THROUGH, wanted):
            return None  # it prepares something, or runs in a thread of its own: for whom, nobody knows
        doubts = self._doubts(outside, wanted)
        return tuple(
            sorted(
                name
                for name, profile in self._profiles.each.items()
                if profile is None or self._may_reach(profile, wanted, doubts)
            )
        )

    def _may_reach(self, profile: Profile, wanted: Wanted, doubts: float) -> bool:
        """Is it seen there, or could it be for more than a little of its time? ``doubts`` may all be its own."""
        if self._weight(profile, Way.THROUGH, wanted):
            return True
        samples = profile.total + doubts
        open_to_it = self._weight(profile, Way.PERHAPS, wanted) + doubts
        return upper_bound(open_to_it / samples if samples else 1.0, samples) > _LITTLE

    def _doubts(self, outside: Profile, wanted: Wanted) -> float:
        perhaps = self._ways.goes(Way.PERHAPS, wanted)
        share = outside.share_where(
            lambda stack: perhaps(stack) and not self._ways.cut_in_a_library(stack, wanted)
        )
        return share * outside.total

    def _weight(self, profile: Profile, way: Way, wanted: Wanted) -> float:
        return profile.share_where(self._ways.goes(way, wanted)) * profile.total
