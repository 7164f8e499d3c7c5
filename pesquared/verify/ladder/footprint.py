"""What builds and tests of the unchanged code touch in the tree: candidates may do the same, and no more."""

from pesquared.verify.trees.effect import Effect
from pesquared.verify.trees.files import remove
from pesquared.verify.verifier import Suite


class Footprint:
    """What tests leave in the tree.

    Tests run candidate code in a tree it can write, and the benchmark runs there next. What the baseline's tests
    write is known; a candidate may not touch more than that, and what it adds is removed.
    """

    def __init__(self) -> None:
        self._expected: set[str] = set()
        self._sources: frozenset[str] = frozenset()  # files that were there before anything was built
        self._rewritten: set[str] = set()
        self.leaving: set[Suite] = set()  # suites that change anything; the benchmark may need it
        self.linking: set[Suite] = set()  # suites that link programs, as the benchmark's own may be one

    def learn_build(self, build: Effect) -> None:
        """From a build of the unchanged code from nothing: which of its own files it rewrites."""
        self._sources = frozenset(build.before)
        self._rewritten |= build.touched & build.before.keys()

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

    def clean(self, tests: Effect) -> tuple[str, ...]:
        """Removes what a candidate's tests added; returns what they touched and must not."""
        beyond = tests.touched - self._expected
        added = sorted(beyond - tests.before.keys(), reverse=True)  # contents before folders
        stuck = {path for path in added if not remove(tests.tree / path)}
        return tuple(sorted((beyond & tests.before.keys()) | stuck))
