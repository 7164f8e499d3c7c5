"""The rungs before measuring: does it build, do its tests pass? The same for baseline and candidates."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.running import Purpose, RunResult
from pesquared.core.verdict import Gate, Word
from pesquared.verify.diagnosis import ending, excerpt, one_line
from pesquared.verify.failure import Failed
from pesquared.verify.ladder.crash import CrashWatch
from pesquared.verify.ladder.priming import prime
from pesquared.verify.ladder.rungs import Rung
from pesquared.verify.rig import Rig
from pesquared.verify.trees.files import Snapshot, changed, remove, snapshot
from pesquared.verify.trees.linked import fingerprint
from pesquared.verify.verifier import Suite
from pesquared.verify.workspace import Workspace

LIMITS = ("timeout", "memory", "disk")  # what passes them has a reason code of that name
GATE_OF_SUITE = {Suite.QUICK: "quick-tests", Suite.FULL: "full-tests"}


def workspace_in(
    rig: Rig, slot: Slot, timeout_s: float, purpose: Purpose = Purpose.TEST, setup: str = ""
) -> Workspace:
    """The slot at its constant path, writable: for builds and tests."""
    rig.workspaces.activate(slot)
    places = rig.workspaces.codebase, rig.workspaces.tree
    return Workspace(*places, rig.sandbox, timeout_s, writable=True, purpose=purpose, setup=setup)


def run_build(rig: Rig, slot: Slot, setup: str = "") -> RunResult | None:
    """Builds and prepares; the last result, None when there was nothing to do."""
    workspace = workspace_in(rig, slot, rig.settings.build.timeout_s, Purpose.BUILD, setup)
    built = rig.verifier.build(workspace)
    if built is not None and not built.ok:
        return built
    prepared = rig.verifier.prepare(workspace) or built
    if rig.primed and (prepared is None or prepared.ok):
        # The benchmark command is no build, though it makes what it lacks: it never runs where builds may.
        return prime(rig.verifier, replace(workspace, purpose=Purpose.TEST)) or prepared
    return prepared


def run_suite(rig: Rig, slot: Slot, suite: Suite, slowdown: float = 1.0, setup: str = "") -> RunResult | None:
    """Runs a suite, with ``slowdown`` times as long a limit; None where there is none."""
    return rig.verifier.test(workspace_in(rig, slot, slowdown * rig.settings.test.timeout_s, setup=setup), suite)


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

    def learn_build(self, before: Snapshot, after: Snapshot) -> None:
        """From a build of the unchanged code from nothing: which of its own files it rewrites."""
        self._sources = frozenset(before)
        self._rewritten |= {path for path in before if before[path] != after.get(path)}

    def overwritten(self, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
        """Files of the code base that a candidate's build changed and the unchanged code's leaves alone.

        A build may run what it has just built: a generator, or the benchmark itself.
        """
        watched = (self._sources & before.keys()) - self._rewritten
        return tuple(sorted(path for path in watched if before[path] != after.get(path)))

    def learn(self, suite: Suite, tree: Path, before: Snapshot, after: Snapshot) -> None:
        """From a run on the baseline."""
        touched = changed(before, after)
        self._expected |= touched
        if touched:
            self.leaving.add(suite)
        if fingerprint(tree, touched & after.keys()).linked:
            self.linking.add(suite)

    def clean(self, rig: Rig, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
        """Removes what a candidate's tests added; returns what they touched and must not."""
        tree = rig.workspaces.tree
        added = after.keys() - before.keys() - self._expected
        stuck = {
            path for path in sorted(added, reverse=True) if not remove(tree / path)
        }  # contents before folders
        touched = {path for path in before if before[path] != after.get(path)} - self._expected
        return tuple(sorted(touched | stuck))


class Gates:
    """The rungs a candidate climbs, remembered in order."""

    def __init__(
        self,
        rig: Rig,
        footprint: Footprint,
        suites: AbstractSet[Suite],
        crashes: CrashWatch,
        rungs: Sequence[Rung],
    ) -> None:
        self._rig = rig
        self._footprint = footprint
        self._suites = suites
        self._crashes = crashes
        self._further = rungs
        self._rungs: dict[str, Gate] = {}

    def note(self, name: str, failed: Failed | None) -> Failed | None:
        """Records how a rung ended; a rung that breaks later is a rung that broke."""
        self._rungs[name] = Gate(name, failed is None, failed.detail if failed else "")
        return failed

    @property
    def all(self) -> tuple[Gate, ...]:
        return tuple(self._rungs.values())

    def build(self, slot: Slot, text: str = "building the candidate") -> Failed | None:
        self._rig.observer.notify(StageStarted(text))
        self._rig.workspaces.activate(slot)
        before = snapshot(self._rig.workspaces.tree)
        result = run_build(self._rig, slot)
        if result is None:
            return None
        if not result.ok:
            return self.note("build", _build_failure(result))
        touched = self._footprint.overwritten(before, snapshot(self._rig.workspaces.tree))
        return self.note("build", _changed_by("build", touched))

    def test_first(self, slot: Slot, *, cold: bool) -> Failed | None:
        """The quick tests, and the full ones if the benchmark may need what they make and this tree lacks."""
        full_first = Suite.FULL in (self._footprint.leaving if cold else self._footprint.linking)
        failed = self.test(slot, Suite.QUICK)
        return failed if failed or not full_first else self.test(slot, Suite.FULL)

    def test(self, slot: Slot, suite: Suite) -> Failed | None:
        """Runs a suite; records nothing where the baseline has none."""
        if suite not in self._suites:
            return None
        rig = self._rig
        rig.workspaces.activate(slot)
        before = snapshot(rig.workspaces.tree)
        rig.observer.notify(StageStarted(f"running the {suite} tests"))
        result = run_suite(rig, slot, suite)
        if result is None:
            return self.note(GATE_OF_SUITE[suite], Failed(Word.WRONG, "tests", "the tests are gone"))
        touched = self._footprint.clean(rig, before, snapshot(rig.workspaces.tree))
        failed = _test_failure(result, touched) or self._crashes.candidate(name_of(suite), result)
        return self.note(GATE_OF_SUITE[suite], failed)

    def further(self, commit: str, *, cold: bool) -> Failed | None:
        """The rungs beyond tests and benchmark, for the candidate that is built in its slot.

        Args:
            commit: the candidate.
            cold: it had to be built from nothing.
        """
        for rung in self._further:
            if not rung.judges:
                continue
            self._rig.observer.notify(StageStarted(rung.stage))
            failed = self.note(rung.name, rung.candidate(commit, cold=cold))
            if failed:
                return failed
        return None


def name_of(suite: Suite) -> str:
    """A suite as the subject of a sentence."""
    return f"the {suite} tests"


def _build_failure(result: RunResult) -> Failed:
    code = result.stopped if result.stopped in LIMITS else "build"
    return Failed(Word.BUILD_FAILED, code, f"the build {ending(result)}", excerpt(result) or ending(result))


def _test_failure(result: RunResult, touched: tuple[str, ...]) -> Failed | None:
    if not result.ok:
        code = result.stopped if result.stopped in LIMITS else "tests"
        reason = f"the test command {ending(result)}"
        return Failed(Word.WRONG, code, reason, f"{reason}\n{excerpt(result)}")
    return _changed_by("tests", touched)


def _changed_by(what: str, touched: tuple[str, ...]) -> Failed | None:
    if not touched:
        return None
    names = ", ".join(map(one_line, touched[:3]))
    reason = f"the {what} changed files that stay as they are on the baseline: {names}"
    return Failed(Word.WRONG, "tree-changed", reason, reason)
