"""What builds and tests of the unchanged code touch in the tree: candidates may do the same, and no more."""

from collections.abc import Set as AbstractSet
from pathlib import Path

from pesquared.verify.trees.effect import Effect
from pesquared.verify.trees.files import Writes, remove
from pesquared.verify.trees.linked import fingerprint
from pesquared.verify.trees.pristine import Pristine, SpoiltTreeError
from pesquared.verify.verifier import Suite


class Footprint:
    """What tests leave in the tree.

    Tests run candidate code in a tree it can write. So that is a copy, and the benchmark never sees it, unless it
    cannot do without what tests make. Then a candidate's tests may leave what the baseline's leave and no more,
    and what is no build product is the baseline's.

    Attributes:
        leaving: suites that change anything.
        linking: suites that link programs, as the benchmark's own may be one.
        kept: the benchmark needs what tests make.
        chained: the full tests need what the quick ones make.
    """

    def __init__(self) -> None:
        self.leaving: set[Suite] = set()
        self.linking: set[Suite] = set()
        self.kept = False
        self.chained = False
        self._expected: set[str] = set()
        self._sources: frozenset[str] = frozenset()  # files that were there before anything was built
        self._rewritten: set[str] = set()
        self._baselines: Pristine | None = None

    def learn_build(self, build: Effect) -> None:
        """From a build of the unchanged code from nothing: which of its own files it rewrites."""
        self._sources = frozenset(build.before)
        self._rewritten |= build.touched & build.before.keys()

    def sources_among(self, paths: AbstractSet[str]) -> list[str]:
        """Those that were there before anything was built."""
        return sorted(self._sources & paths)

    def overwritten(self, build: Effect) -> tuple[str, ...]:
        """Files of the code base that a candidate's build changed and the unchanged code's leaves alone.

        A build may run what it has just built: a generator, or the benchmark itself.
        """
        return tuple(sorted(build.touched & build.before.keys() & self._sources - self._rewritten))

    def learn(self, suite: Suite, tests: Effect) -> None:
        """From a run on the baseline."""
        self._expected |= tests.touched
        if tests.touched:
            self.leaving.add(suite)
        if tests.products().linked:
            self.linking.add(suite)

    def keep(self, tree: Path) -> tuple[str, ...]:
        """From now on the benchmark is run among what tests make, of which ``tree`` has the baseline's.

        Returns:
            What tests make, without what only lies in folders that they make.
        """
        self.kept = True
        made = sorted(path for path in self._expected if (tree / path).is_symlink() or (tree / path).exists())
        found = fingerprint(tree, made)
        folders = {path for path in made if (tree / path).is_dir() and not (tree / path).is_symlink()}
        exact = frozenset(found.digests.keys() - found.programs | folders)
        try:
            self._baselines = Pristine(tree, Writes(exact))
        except SpoiltTreeError:  # more than is held in memory: each side has its own
            self._baselines = None
        return tuple(path for path in made if path.rpartition("/")[0] not in folders)

    def beyond(self, tests: Effect) -> tuple[str, ...]:
        """What was there before a candidate's tests, and they touched though the baseline's do not."""
        return tuple(sorted((tests.touched - self._expected) & tests.before.keys()))

    def clean(self, tests: Effect) -> tuple[str, ...]:
        """Where ``kept``: leaves in the tree what may stay there; returns what tests touched and must not.

        Raises:
            SpoiltTreeError: what a candidate's tests left stands in the way.
        """
        added = sorted(
            tests.touched - self._expected - tests.before.keys(), reverse=True
        )  # contents before folders
        stuck = {path for path in added if not remove(tests.tree / path)}
        if self._baselines is not None:
            self._baselines.restore(tests.tree)
        return tuple(sorted({*self.beyond(tests), *stuck}))
