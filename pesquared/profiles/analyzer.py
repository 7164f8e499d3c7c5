"""Weighs functions, calls and call chains of recorded stacks."""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import TypeVar

from pesquared.core.profile import UNKNOWN, CallChain, Diagnostic, Hotspot, Sample
from pesquared.errors import UsageError
from pesquared.profiles.formats import recognise
from pesquared.profiles.stacks import HOW_TO_RECORD, stack_files
from pesquared.profiles.symbols import Symbol, clean

MAX_CHAINS = 32  # a hotspot; beyond the heaviest few, chains are noise

Stack = tuple[str, ...]
Key = TypeVar("Key")


class StackAnalyzer:
    """A profile: hotspots with their chains, and the share of functions and calls.

    Functions are the ``text`` of cleaned symbols, so that the copies a compiler makes of a function are one and
    overloads stay apart. Weights are in the profile's own unit; shares are fractions of all of it. Memory grows
    with the number of *different* stacks, not with the size of the files.

    Args:
        samples: stacks root first, as readers yield them.
        diagnostics: what the readers could not use, complete once the samples are drawn.

    Raises:
        ValueError: a sample without frames, or a weight that is negative or not finite. No reader yields those.
    """

    total: float

    def __init__(self, samples: Iterable[Sample], diagnostics: Iterable[Diagnostic] = ()) -> None:
        symbols = _Symbols()
        stacks: dict[Stack, float] = defaultdict(float)
        for sample in samples:
            if not sample.frames or not 0 <= sample.weight < math.inf:
                raise ValueError(f"not a usable sample: {sample!r}")
            stacks[_collapse_unknown([symbols[frame].text for frame in sample.frames])] += sample.weight
        self.diagnostics = tuple(diagnostics)
        self.total = math.fsum(stacks.values())
        self._stacks: Mapping[Stack, float] = {stack: weight for stack, weight in stacks.items() if weight}

    @classmethod
    def read(cls, path: Path) -> "StackAnalyzer":
        """All stacks of a file, or of the files of a folder (see ``stack_files``), as one profile.

        Raises:
            UsageError: no file there holds a stack that can be read; the first problems are named.
        """
        diagnostics: list[Diagnostic] = []
        files = stack_files(path)
        # The list fills while the samples are drawn; the constructor copies it after that.
        profile = cls(chain.from_iterable(_samples(file, diagnostics) for file in files), diagnostics)
        if not profile.total:
            named = "; ".join(str(diagnostic) for diagnostic in diagnostics[:3])
            raise UsageError(f"no stacks could be read from {path}: {named or 'all counts are 0'}", HOW_TO_RECORD)
        return profile

    def hotspots(self, owns: Callable[[str], bool] | None = None) -> Iterator[Hotspot]:
        """Functions by self weight, heaviest first, ties by name; chains are merged when a function's turn comes.

        Args:
            owns: does the code base define this function? Each stack then counts for its deepest owned frame,
                where its chain ends, and a stack without one is left out: ``memcpy`` called by ``parse`` is time
                of ``parse``. Asked once for each function of the profile.
        """
        paths: dict[str, list[tuple[Stack, float]]] = defaultdict(list)
        for stack, weight in self._charged(owns):
            paths[stack[-1]].append((stack, weight))
        selfs = {function: math.fsum(weight for _, weight in charged) for function, charged in paths.items()}
        for function in sorted(selfs, key=lambda name: (-selfs[name], name)):
            yield Hotspot(
                function=function,
                self_weight=selfs[function],
                total_weight=self._totals[function],
                self_share=self._share(selfs[function]),
                total_share=self._share(self._totals[function]),
                chains=self._chains(paths[function]),
            )

    def edge_share(self, caller: str, callee: str) -> float | None:
        """Share of the profile that runs through a direct call; None if the profile never saw it.

        Both are named as ``total_share`` says. A stack counts once, however often it recurses through the call.
        """
        wanted = {(a, b) for a in self._meant(caller) for b in self._meant(callee) if (a, b) in self._edges}
        if len(wanted) > 1:
            weights = (w for stack, w in self._stacks.items() if not wanted.isdisjoint(pairwise(stack)))
            return self._share(math.fsum(weights))
        return self._share(self._edges[wanted.pop()]) if wanted else None

    def total_share(self, function: str) -> float:
        """Share of the profile at and below ``function``; 0 if the profile never saw it.

        A name without parameters means all overloads; with parameters it also finds a profile that shows none.
        """
        meant = self._meant(function)
        if len(meant) > 1:
            return self._share(math.fsum(w for stack, w in self._stacks.items() if not meant.isdisjoint(stack)))
        return self._share(math.fsum(self._totals[text] for text in meant))

    def share_where(self, holds: Callable[[Sequence[str]], bool]) -> float:
        """Share of the profile in the stacks, root first, for which ``holds(stack)`` is true."""
        return self._share(math.fsum(weight for stack, weight in self._stacks.items() if holds(stack)))

    def _share(self, weight: float) -> float:
        return weight / self.total if self.total else 0.0

    def _charged(self, owns: Callable[[str], bool] | None) -> Iterator[tuple[Stack, float]]:
        """Each stack, cut below the frame that it counts for."""
        if owns is None:
            yield from self._stacks.items()
            return
        owned = {function for function in self._totals if owns(function)}
        for stack, weight in self._stacks.items():
            depth = len(stack)
            while depth and stack[depth - 1] not in owned:
                depth -= 1
            if depth:
                yield stack[:depth], weight

    def _chains(self, charged: list[tuple[Stack, float]]) -> tuple[CallChain, ...]:
        merged: dict[Stack, float] = defaultdict(float)
        for stack, weight in charged:
            merged[stack] += weight
        heaviest = heapq.nsmallest(MAX_CHAINS, merged.items(), key=lambda item: (-item[1], item[0]))
        return tuple(CallChain(stack, weight, self._share(weight)) for stack, weight in heaviest)

    @cached_property
    def _totals(self) -> Mapping[str, float]:
        """Weight at and below each function."""
        return _sums((set(stack), weight) for stack, weight in self._stacks.items())

    @cached_property
    def _edges(self) -> Mapping[tuple[str, str], float]:
        """Weight through each direct call."""
        return _sums((set(pairwise(stack)), weight) for stack, weight in self._stacks.items())

    @cached_property
    def _by_name(self) -> Mapping[str, frozenset[str]]:
        texts: dict[str, set[str]] = defaultdict(set)
        for text in self._totals:
            texts[clean(text).name].add(text)
        return {name: frozenset(overloads) for name, overloads in texts.items()}

    def _meant(self, function: str) -> frozenset[str]:
        """The functions of the profile that a text, or a name without parameters, stands for."""
        symbol = clean(function)
        if symbol.text in self._totals:
            return frozenset((symbol.text,))
        if symbol.parameters is None:
            return self._by_name.get(symbol.name, frozenset())
        return frozenset((symbol.name,)) if symbol.name in self._totals else frozenset()


class _Symbols(dict[str, Symbol]):
    """Each spelling is cleaned once."""

    def __missing__(self, frame: str) -> Symbol:
        symbol = self[frame] = clean(frame)
        return symbol


def _sums(weighted: Iterable[tuple[set[Key], float]]) -> Mapping[Key, float]:
    """The weight of each key; a key counts once in a stack, however often it recurs."""
    sums: dict[Key, float] = defaultdict(float)
    for keys, weight in weighted:
        for key in keys:
            sums[key] += weight
    return dict(sums)


def _collapse_unknown(texts: list[str]) -> Stack:
    """Frames that could not be unwound tell nothing by their number: one stands for a run of them."""
    if texts.count(UNKNOWN) < 2:
        return tuple(texts)
    kept = [text for before, text in pairwise(chain([""], texts)) if text != UNKNOWN or before != UNKNOWN]
    return tuple(kept)


def _samples(file: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
    reader = recognise(file)
    if isinstance(reader, Diagnostic):
        diagnostics.append(reader)
        return
    before = len(diagnostics)
    empty = True
    for sample in reader.read(file, diagnostics):
        empty = False
        yield sample
    if empty and len(diagnostics) == before:
        diagnostics.append(Diagnostic(str(file), 0, "holds no stacks"))
