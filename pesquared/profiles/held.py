"""The heaviest stacks of a profile, in bounded memory: all of them while there is room for them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

Stack = tuple[str, ...]
Function = TypeVar("Function", bound=Hashable)

MAX_FRAMES = 1 << 18  # held at a time, in all stacks together: some 8 MB
_KEPT = 4  # when there is no room left, one stack in so many stays


class HeldStacks(Generic[Function]):
    """Weights by stack. When there are too many the light ones go; what is left weighs *at least* what it says.

    A function keeps its heaviest stack as long as there is room for one of each, so that a function whose time
    is spread over many light stacks has a chain to show.
    """

    def __init__(self, most_frames: float = MAX_FRAMES) -> None:
        self._most_frames = most_frames
        self._weights: dict[tuple[Function, ...], float] = defaultdict(float)
        self._frames = 0
        self.drops = 0  # how often light stacks had to go

    @property
    def complete(self) -> bool:
        """Are all stacks here, with all of their weight?"""
        return self.drops == 0

    @property
    def weights(self) -> Mapping[tuple[Function, ...], float]:
        """By stack, in no particular order."""
        return self._weights

    def add(self, stack: tuple[Function, ...], weight: float) -> None:
        """Counts a stack."""
        known = len(self._weights)
        self._weights[stack] += weight
        if len(self._weights) != known:
            self._frames += len(stack)
            if self._frames > self._most_frames:
                self._drop_light()

    def add_all(self, weighted: Iterable[tuple[tuple[Function, ...], float]]) -> None:
        """Counts several."""
        for stack, weight in weighted:
            self.add(stack, weight)

    def merge(self, other: "HeldStacks[Function]") -> None:
        """Counts what another part of the profile held."""
        self.add_all(other.weights.items())
        self.drops += other.drops

    def _drop_light(self) -> None:
        room = self._most_frames / _KEPT
        heavy: dict[tuple[Function, ...], float] = defaultdict(float)
        limit = sorted(self._weights.values(), reverse=True)[len(self._weights) // _KEPT]
        light: dict[Function, tuple[tuple[Function, ...], float]] = {}  # the heaviest of each function
        frames = 0
        for stack, weight in self._weights.items():
            if weight > limit and frames + len(stack) <= room:
                heavy[stack] = weight
                frames += len(stack)
            elif weight > light.get(stack[-1], ((), 0.0))[1]:
                light[stack[-1]] = (stack, weight)
        shown = {stack[-1] for stack in heavy}
        for stack, weight in sorted(light.values(), key=lambda one: -one[1]):
            if stack[-1] not in shown and frames + len(stack) <= 2 * room:
                heavy[stack] = weight
                frames += len(stack)
        self._weights, self._frames = heavy, frames
        self.drops += 1
