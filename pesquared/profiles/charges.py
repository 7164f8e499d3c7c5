"""Time in foreign code counts for the function of ours that called it."""

from collections import defaultdict
from collections.abc import Iterable

from pesquared.core.profile import Sample
from pesquared.profiles.held import HeldStacks, Stack
from pesquared.profiles.names.spellings import Spellings, stacks_of


class Charges:
    """Each stack counts for its deepest owned function, where its chain ends; a stack without one for none."""

    def __init__(self, owned: frozenset[str]) -> None:
        self._owned = owned
        self.selfs: dict[str, float] = defaultdict(float)
        self.held: HeldStacks[str] = HeldStacks()

    def add(self, samples: Iterable[Sample]) -> None:
        """Counts samples as readers yield them."""
        with Spellings() as spellings:
            self.add_stacks(stacks_of(samples, spellings.__getitem__))

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
        for function, weight in other.selfs.items():
            self.selfs[function] += weight
        self.held.merge(other.held)
