"""Weighs functions, calls and call chains of recorded stacks."""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path

from pesquared.core.profile import CallChain, Diagnostic, Hotspot, LineWeight, Sample
from pesquared.errors import UsageError
from pesquared.profiles.charges import Charges
from pesquared.profiles.filters import Filters
from pesquared.profiles.held import Stack
from pesquared.profiles.names.spellings import Spellings, stacks_of
from pesquared.profiles.names.symbols import clean
from pesquared.profiles.recorded import Recorded
from pesquared.profiles.stacks import HOW_TO_RECORD, stack_files
from pesquared.profiles.tally import Tally

MAX_CHAINS = 32  # a hotspot; beyond the heaviest few, chains are noise


class StackAnalyzer:
    """A profile: hotspots with their chains, and the share of functions and calls.

    Functions are the ``text`` of cleaned and demangled symbols, so that the copies a compiler makes of a function
    are one and overloads stay apart. Weights are in the profile's own unit; shares are fractions of all of it.

    Made of samples, it keeps all different stacks. Made of files (``read``), it needs memory for functions and
    calls only: of the stacks the heaviest are kept, and what needs all of them reads the files again.

    Args:
        samples: stacks root first, as readers yield them.
        diagnostics: what the readers could not use, complete once the samples are drawn.

    Raises:
        ValueError: a sample without frames, or a weight that is negative or not finite. No reader yields those.
        UsageError: more functions or calls than any program has.
    """

    total: float

    def __init__(self, samples: Iterable[Sample], diagnostics: Iterable[Diagnostic] = ()) -> None:
        tally = Tally(most_frames=math.inf)
        tally.add(samples)
        self._recorded: Recorded | None = None
        self._take(tally, diagnostics)

    def _take(self, tally: Tally, diagnostics: Iterable[Diagnostic]) -> None:
        self._tally = tally
        self.total = tally.total
        self.diagnostics = tuple(diagnostics)

    @classmethod
    def read(cls, *paths: Path, filters: Filters | None = None, processes: int | None = None) -> "StackAnalyzer":
        """All stacks of files, or of the files of folders (see ``stack_files``), as one profile.

        Args:
            paths: one or more.
            filters: what counts; None: everything.
            processes: at most so many read large files; None: by the number of cores.

        Raises:
            UsageError: no file there holds a stack that can be read; the first problems are named.
        """
        files = tuple(dict.fromkeys(file for path in paths for file in stack_files(path)))
        diagnostics: list[Diagnostic] = []
        recorded = Recorded.of(files, filters or Filters(), diagnostics)
        tally = recorded.gather(Tally, diagnostics, processes)
        if not tally.total:
            named = "; ".join(str(diagnostic) for diagnostic in diagnostics[:3])
            where = ", ".join(str(path) for path in paths[:3])
            raise UsageError(f"no stacks could be read from {where}: {named or 'all counts are 0'}", HOW_TO_RECORD)
        profile = cls(())
        profile._recorded = recorded
        profile._take(tally, diagnostics)
        return profile

    @property
    def keeps_all_stacks(self) -> bool:
        """If not, the weights of call chains are *at least* what they say; all other figures are exact."""
        return self._tally.held.complete

    def hotspots(self, owns: Callable[[str], bool] | None = None) -> Iterator[Hotspot]:
        """Functions by self weight, heaviest first, ties by name; chains are sorted when a function's turn comes.

        Args:
            owns: does the code base define this function? Each stack then counts for its deepest owned frame,
                where its chain ends, and a stack without one is left out: ``memcpy`` called by ``parse`` is time
                of ``parse``. Asked once for each function of the profile.
        """
        counted = self._tally if owns is None else self._charges(owns)
        chains: dict[str, list[tuple[Stack, float]]] = defaultdict(list)  # a function without kept stacks: itself
        for stack, weight in counted.held.weights.items():
            chains[stack[-1]].append((stack, weight))
        selfs, totals = counted.selfs, self._tally.totals
        for function in sorted(selfs, key=lambda name: (-selfs[name], name)):
            yield Hotspot(
                function=function,
                self_weight=selfs[function],
                total_weight=totals[function],
                self_share=self._share(selfs[function]),
                total_share=self._share(totals[function]),
                chains=self._chains(chains.get(function) or [((function,), 0.0)]),
                symbol=self._tally.symbols.get(function, ""),
            )

    def functions(self) -> Mapping[str, float]:
        """All functions, with the share of the profile at and below each; recursion counts once."""
        return {function: self._share(weight) for function, weight in self._tally.totals.items()}

    def calls(self) -> Mapping[tuple[str, str], float]:
        """All direct calls, caller and callee, with the share of the profile that runs through each."""
        return {call: self._share(weight) for call, weight in self._tally.calls.items()}

    def lines(self, function: str) -> tuple[LineWeight, ...]:
        """The lines of a function that stacks run through, heaviest first; () where the profile shows none."""
        found = []
        for text in self._meant(function):
            for place, weight in self._lines_of.get(text, ()):
                file, _, line = place.rpartition(":")
                found.append(LineWeight(file, int(line), weight, self._share(weight)))
        return tuple(sorted(found, key=lambda one: (-one.weight, one.file, one.line)))

    def edge_share(self, caller: str, callee: str) -> float | None:
        """Share of the profile that runs through a direct call; None if the profile never saw it.

        Both are named as ``total_share`` says. A stack counts once, however often it recurses through the call.
        """
        calls = self._tally.calls
        wanted = {(a, b) for a in self._meant(caller) for b in self._meant(callee) if (a, b) in calls}
        if len(wanted) > 1:
            return self.share_where(lambda stack: not wanted.isdisjoint(pairwise(stack)))
        return self._share(calls[wanted.pop()]) if wanted else None

    def total_share(self, function: str) -> float:
        """Share of the profile at and below ``function``; 0 if the profile never saw it.

        A name without parameters means all overloads; with parameters it also finds a profile that shows none.
        """
        meant = self._meant(function)
        if len(meant) > 1:
            return self.share_where(lambda stack: not meant.isdisjoint(stack))
        return self._share(sum(self._tally.totals[text] for text in meant))

    def share_where(self, holds: Callable[[Sequence[str]], bool]) -> float:
        """Share of the profile in the stacks, root first, for which ``holds(stack)`` is true."""
        return self._share(sum(weight for stack, weight in self._stacks() if holds(stack)))

    def _share(self, weight: float) -> float:
        return weight / self.total if self.total else 0.0

    def _stacks(self) -> Iterator[tuple[Stack, float]]:
        """All stacks; one may come several times."""
        if self._recorded is None or self.keeps_all_stacks:
            yield from self._tally.held.weights.items()
            return
        with Spellings() as spellings:
            yield from stacks_of(self._recorded.samples(), spellings.__getitem__)

    def _charges(self, owns: Callable[[str], bool]) -> Charges:
        begin = partial(Charges, frozenset(function for function in self._tally.totals if owns(function)))
        if self._recorded is not None and not self.keeps_all_stacks:
            return self._recorded.gather(begin, [])
        charges = begin()
        charges.add_stacks(self._tally.held.weights.items())
        return charges

    def _chains(self, stacks: list[tuple[Stack, float]]) -> tuple[CallChain, ...]:
        heaviest = heapq.nsmallest(MAX_CHAINS, stacks, key=lambda item: (-item[1], item[0]))
        return tuple(CallChain(stack, weight, self._share(weight)) for stack, weight in heaviest)

    @cached_property
    def _lines_of(self) -> Mapping[str, list[tuple[str, float]]]:
        lines: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for (function, place), weight in self._tally.lines.items():
            lines[function].append((place, weight))
        return lines

    @cached_property
    def _by_name(self) -> Mapping[str, frozenset[str]]:
        texts: dict[str, set[str]] = defaultdict(set)
        for text in self._tally.totals:
            texts[clean(text).name].add(text)
        return {name: frozenset(overloads) for name, overloads in texts.items()}

    def _meant(self, function: str) -> frozenset[str]:
        """The functions of the profile that a text, or a name without parameters, stands for."""
        symbol, totals = clean(function), self._tally.totals
        if symbol.text in totals:
            return frozenset((symbol.text,))
        if symbol.parameters is None:
            return self._by_name.get(symbol.name, frozenset())
        return frozenset((symbol.name,)) if symbol.name in totals else frozenset()
