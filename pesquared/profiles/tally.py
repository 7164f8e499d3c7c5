"""Adds up a profile while it is read: weights of functions, of calls, of lines; and its heaviest stacks.

No stack is kept for the sums, so that a profile may be larger than the memory. Of a stack in which no function
occurs twice only the calls are counted: a function's total is then what comes in through its calls, plus the
stacks that begin with it. Stacks with recursion are counted beside them, each function and each call once.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Protocol, Self, TypeVar

from pesquared.core.profile import UNKNOWN, Sample
from pesquared.errors import UsageError
from pesquared.profiles.held import MAX_FRAMES, HeldStacks
from pesquared.profiles.names.spellings import MAX_SPELLINGS, Spellings, collapse_unknown

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
    """The sums, in the profile's own unit.

    Args:
        most_frames: of the stacks that are held, see ``HeldStacks``.

    Raises:
        UsageError: more different functions or calls than any program has.
        ValueError: a sample without frames, or a weight that is negative or not finite. No reader yields those.
    """

    def __init__(self, most_frames: float = MAX_FRAMES) -> None:
        self._most_frames = most_frames
        self.total = 0.0
        self.selfs: dict[str, float] = defaultdict(float)
        self.totals: dict[str, float] = defaultdict(float)
        self.calls: dict[Call, float] = defaultdict(float)
        self.lines: dict[tuple[str, str], float] = defaultdict(float)  # by function and "file:line"
        self.held: HeldStacks[str] = HeldStacks(most_frames)
        self.symbols: dict[str, str] = {}  # mangled names by function, of those that have one

    def add(self, samples: Iterable[Sample]) -> None:
        """Counts samples as readers yield them."""
        with Spellings() as spellings:
            self._add(samples, _Functions(spellings))
            for function, symbol in spellings.symbols.items():
                self.symbols.setdefault(function, symbol)

    def _add(self, samples: Iterable[Sample], functions: "_Functions") -> None:
        function_of, unknown = functions.__getitem__, functions[UNKNOWN]
        held: HeldStacks[_Function] = HeldStacks(self._most_frames)
        drops = 0
        for sample in samples:
            weight = sample.weight
            if not sample.frames or not 0 <= weight < math.inf:
                raise ValueError(f"not a usable sample: {sample!r}")
            if not weight:
                continue
            stack = tuple(map(function_of, sample.frames))
            if len(set(stack)) == len(stack):
                stack[0].begun += weight
                for caller, callee in pairwise(stack):
                    caller.callees[callee] += weight
            else:
                stack = collapse_unknown(stack, unknown)
                self._add_recursive(stack, weight)
            stack[-1].own += weight
            held.add(stack, weight)
            if sample.lines or functions.places:
                self._add_lines(sample, functions)
            if held.drops != drops:
                drops = held.drops
                functions.check_calls()
        self._take(functions, held)

    def _add_recursive(self, stack: "tuple[_Function, ...]", weight: float) -> None:
        for function in set(stack):
            self.totals[function.name] += weight
        for caller, callee in set(pairwise(stack)):
            self.calls[caller.name, callee.name] += weight

    def _add_lines(self, sample: Sample, functions: "_Functions") -> None:
        """A line counts once in a stack, as functions do."""
        places = sample.lines or [functions.places.get(frame, "") for frame in sample.frames]
        frames = zip(sample.frames, places, strict=False)
        for line in {(functions[frame].name, place) for frame, place in frames if place}:
            if line in self.lines or len(self.lines) < MAX_LINES:
                self.lines[line] += sample.weight

    def _take(self, functions: "_Functions", held: "HeldStacks[_Function]") -> None:
        """What was counted by function is now counted by name."""
        for function in functions.made():
            self.total += function.own
            _count(self.selfs, function.name, function.own)
            _count(self.totals, function.name, function.begun)
            for callee, weight in function.callees.items():
                _count(self.totals, callee.name, weight)
                _count(self.calls, (function.name, callee.name), weight)
        names = ((tuple(one.name for one in stack), weight) for stack, weight in held.weights.items())
        self.held.add_all(names)
        self.held.drops += held.drops

    def merge(self, other: "Tally") -> None:
        """Counts what another part of the profile came to."""
        self.total += other.total
        self.held.merge(other.held)
        _add(self.selfs, other.selfs)
        _add(self.totals, other.totals)
        _add(self.calls, other.calls)
        _add(self.lines, other.lines)
        self.symbols = {**other.symbols, **self.symbols}


class _Function:
    """A function while it is counted. Compared by identity, which is what makes counting calls quick."""

    __slots__ = ("begun", "callees", "name", "own")

    def __init__(self, name: str) -> None:
        self.name = name
        self.own = 0.0  # weight of the stacks that end here
        self.begun = 0.0  # and of those without recursion that begin here
        self.callees: dict[_Function, float] = defaultdict(float)  # likewise without recursion


class _Functions(dict[str, _Function]):
    """The function of each spelling of a frame."""

    def __init__(self, spellings: Spellings) -> None:
        super().__init__()
        self._spellings = spellings
        self._made: dict[str, _Function] = {}
        self.places = spellings.places

    def __missing__(self, frame: str) -> _Function:
        name = self._spellings.understood(frame)
        function = self._made.get(name)
        if function is None:
            function = self._made[name] = _Function(name)
        if len(self) < MAX_SPELLINGS:
            self[frame] = function
        return function

    def made(self) -> Iterable[_Function]:
        """Each function once."""
        return self._made.values()

    def check_calls(self) -> None:
        """Refuses what would fill the memory."""
        if sum(len(function.callees) for function in self._made.values()) > MAX_CALLS:
            raise UsageError(
                f"the profile names more than {MAX_CALLS} different calls",
                "its frames look like addresses: record it with symbols (a build that is not stripped)",
            )


def _add(sums: dict[Key, float], others: Mapping[Key, float]) -> None:
    for key, weight in others.items():
        sums[key] += weight


def _count(sums: dict[Key, float], key: Key, weight: float) -> None:
    if weight:
        sums[key] += weight
