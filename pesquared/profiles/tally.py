"""Adds up a profile while it is read: weights of functions, of calls, of lines; and its heaviest stacks.

No stack is kept for the sums, so that a profile may be larger than the memory. Of a stack in which no function
occurs twice only the calls are counted: a function's total is then what comes in through its calls, plus the
stacks that begin with it. Stacks with recursion are counted beside them, each function and each call once.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Protocol, Self, TypeVar

from pesquared.core.profile import Sample
from pesquared.errors import UsageError
from pesquared.profiles.held import MAX_FRAMES, HeldStacks, Stack
from pesquared.profiles.spellings import Spellings, collapse_unknown, stacks_of

MAX_CALLS = 1 << 20  # different ones; large programs show some 50,000
MAX_LINES = 1 << 18

Call = tuple[str, str]
Key = TypeVar("Key")


class Gathering(Protocol):
    """What is gathered from a profile in one pass, from its parts one by one or at the same time."""

    def add(self, samples: Iterable[Sample]) -> None:
        """Counts them."""

    def merge(self, other: Self) -> None:
        """Counts what another one of the same kind has counted."""


class Tally:
    """The sums, in the profile's own unit. ``finish`` comes last.

    Args:
        most_frames: of the stacks that are held, see ``HeldStacks``.

    Raises:
        UsageError: more different functions or calls than any program has.
        ValueError: a sample without frames, or a weight that is negative or not finite. No reader yields those.
    """

    def __init__(self, most_frames: float = MAX_FRAMES) -> None:
        self.total = 0.0
        self.selfs: dict[str, float] = defaultdict(float)
        self.totals: dict[str, float] = defaultdict(float)  # complete after ``finish``; before: of recursion
        self.calls: dict[Call, float] = defaultdict(float)
        self.lines: dict[tuple[str, str], float] = defaultdict(float)  # by function and "file:line"
        self.held = HeldStacks(most_frames)
        # Emptied by ``finish``: stacks by their first function, and calls in stacks with recursion.
        self.roots: dict[str, float] = defaultdict(float)
        self.recursive_calls: dict[Call, float] = defaultdict(float)

    def add(self, samples: Iterable[Sample]) -> None:
        """Counts samples as readers yield them."""
        spellings = Spellings()
        function_of = spellings.__getitem__
        roots, selfs, calls, held = self.roots, self.selfs, self.calls, self.held
        total = 0.0
        for sample in samples:
            weight = sample.weight
            if not sample.frames or not 0 <= weight < math.inf:
                raise ValueError(f"not a usable sample: {sample!r}")
            if not weight:
                continue
            stack = tuple(map(function_of, sample.frames))
            if len(set(stack)) == len(stack):
                roots[stack[0]] += weight
                for call in pairwise(stack):
                    calls[call] += weight
            else:
                stack = collapse_unknown(stack)
                self._add_recursive(stack, weight)
            selfs[stack[-1]] += weight
            held.add(stack, weight)
            total += weight
            if sample.lines or spellings.places:
                self._add_lines(sample, spellings)
            if len(calls) > MAX_CALLS:
                raise UsageError(
                    f"the profile names more than {MAX_CALLS} different calls",
                    "its frames look like addresses: record it with symbols (a build that is not stripped)",
                )
        self.total += total

    def _add_recursive(self, stack: Stack, weight: float) -> None:
        for function in set(stack):
            self.totals[function] += weight
        for call in set(pairwise(stack)):
            self.recursive_calls[call] += weight

    def _add_lines(self, sample: Sample, spellings: Spellings) -> None:
        """A line counts once in a stack, as functions do."""
        places = sample.lines or [spellings.places.get(frame, "") for frame in sample.frames]
        seen = {(spellings[frame], place) for frame, place in zip(sample.frames, places, strict=False) if place}
        for line in seen:
            if line in self.lines or len(self.lines) < MAX_LINES:
                self.lines[line] += sample.weight

    def merge(self, other: "Tally") -> None:
        """Counts what another part of the profile came to; both before ``finish``."""
        self.total += other.total
        self.held.merge(other.held)
        _add(self.selfs, other.selfs)
        _add(self.totals, other.totals)
        _add(self.calls, other.calls)
        _add(self.lines, other.lines)
        _add(self.roots, other.roots)
        _add(self.recursive_calls, other.recursive_calls)

    def finish(self) -> "Tally":
        """Puts the stacks with and without recursion together, once."""
        for (_, callee), weight in self.calls.items():
            self.totals[callee] += weight
        _add(self.totals, self.roots)
        _add(self.calls, self.recursive_calls)
        self.roots, self.recursive_calls = {}, {}
        return self


class Charges:
    """Each stack counts for its deepest owned function, where its chain ends; a stack without one for none."""

    def __init__(self, owned: frozenset[str]) -> None:
        self._owned = owned
        self.selfs: dict[str, float] = defaultdict(float)
        self.held = HeldStacks()

    def add(self, samples: Iterable[Sample]) -> None:
        """Counts samples as readers yield them."""
        self.add_stacks(stacks_of(samples, Spellings().__getitem__))

    def add_stacks(self, stacks: Iterable[tuple[Stack, float]]) -> None:
        """Counts stacks of functions."""
        owned = self._owned
        for stack, weight in stacks:
            depth = len(stack)
            while depth and stack[depth - 1] not in owned:
                depth -= 1
            if depth:
                self.selfs[stack[depth - 1]] += weight
                self.held.add(stack[:depth], weight)

    def merge(self, other: "Charges") -> None:
        """Counts what another part of the profile came to."""
        _add(self.selfs, other.selfs)
        self.held.merge(other.held)


def _add(sums: dict[Key, float], others: dict[Key, float]) -> None:
    for key, weight in others.items():
        sums[key] = sums.get(key, 0.0) + weight
