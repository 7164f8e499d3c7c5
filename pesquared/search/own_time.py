"""What the benchmark's own profile says of the functions of one baseline: are they reached, what can they save?

The profile that the user gave ranks what is worth doing; this one, recorded from the benchmark, bounds what it can
show, and tells which of several benchmarks can show it. The two are never mixed.
"""

from dataclasses import dataclass, field

from pesquared.core.attempt import Skipped
from pesquared.core.events import BenchmarksChosen, CeilingSet
from pesquared.core.source import Definition
from pesquared.search.ceiling import Ceiling, Ceilings
from pesquared.search.parts import Parts
from pesquared.search.reached import Reached


@dataclass(slots=True)
class OwnTime:
    """Asks the judge for the profile when the first question comes. One baseline each."""

    parts: Parts
    baseline: str  # its commit
    _asked: bool = False
    _ceilings: Ceilings | None = None
    _samples: float = 0.0
    _looked: bool = False
    _reached: Reached | None = None
    _told: set[tuple[str, ...]] = field(default_factory=set)
    _files: dict[str, bytes] = field(default_factory=dict)

    def ceiling(self, functions: tuple[str, ...] | None) -> Ceiling | None:
        """The most that a rewrite of these functions can save; None where it is not known.

        Args:
            functions: qualified names; None for a rewrite that does other things, too.
        """
        if not self._asked:
            self._asked = True
            profile = self.parts.judge.benchmark_profile()
            if profile is not None:
                self._samples = profile.total
                self._ceilings = Ceilings(profile, self.parts.source, self._text)
        return self._ceilings.of(functions) if self._ceilings and functions else None

    def benchmarks(self, functions: tuple[str, ...] | None) -> tuple[str, ...]:
        """Those of several that a rewrite of these functions is judged on; () where all count. Told once.

        Args:
            functions: as for ``ceiling``.
        """
        if not self._looked:
            self._looked = True
            profiles = self.parts.judge.benchmark_profiles()
            if profiles is not None:
                self._reached = Reached(profiles, self.parts.source, self._text)
        chosen = self._reached.by(functions) if self._reached and functions else None
        if self._reached is None or functions is None or chosen is None or len(chosen) == self._reached.of:
            return ()
        if functions not in self._told:
            self._told.add(functions)
            self.parts.observer.notify(BenchmarksChosen(functions, chosen, self._reached.of))
        return chosen

    def not_reached(self, definition: Definition) -> Skipped | None:
        """Why the function need not be tried: the benchmark cannot show what it would gain. Tells its ceiling."""
        ceiling = self.ceiling((definition.name,))
        if ceiling is None:
            return None
        # Time that was never sampled does not count here: who works in the kernel alone calls it from somewhere.
        if ceiling.share == 0 and ceiling.sampled_at_most < self.parts.settings.accept.target:
            reason = f"the benchmark never spends time in it: it is in none of {self._samples:.0f} samples"
            return Skipped(definition.name, reason)
        self.parts.observer.notify(CeilingSet(definition.name, ceiling.share, ceiling.at_most))
        return None

    def _text(self, definition: Definition) -> str:
        """Its source; "" in a file that is no part of the commit."""
        extent, repository = definition.extent, self.parts.repository
        if extent.path not in self._files:
            tracked = repository.tracks(self.baseline, extent.path)
            self._files[extent.path] = repository.read(self.baseline, extent.path) if tracked else b""
        return self._files[extent.path][extent.start : extent.end].decode(errors="replace")
