"""What something that was run in a tree did to it: which files it touched, and what programs it made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pesquared.verify.trees.files import Snapshot, changed, snapshot
from pesquared.verify.trees.linked import Fingerprint, fingerprint

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Effect:
    """A tree before and after. Paths are relative to it."""

    tree: Path
    before: Snapshot
    after: Snapshot

    @property
    def touched(self) -> frozenset[str]:
        """What came, went or was changed."""
        return frozenset(changed(self.before, self.after))

    @property
    def made(self) -> frozenset[str]:
        """What came or was changed."""
        return self.touched & self.after.keys()

    def products(self, also: Iterable[str] = ()) -> Fingerprint:
        """The fingerprint of what was made, and of further files. The tree must stand as it was left."""
        return fingerprint(self.tree, self.made.union(also))


def effect_of(tree: Path, action: Callable[[], Result]) -> tuple[Result, Effect]:
    """Runs something, and says what it returned and what it did to the tree."""
    before = snapshot(tree)
    result = action()
    return result, Effect(tree, before, snapshot(tree))
