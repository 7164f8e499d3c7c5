"""The rungs before measuring: does a candidate build, do its tests pass, what do further rungs say?"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.running import RunResult
from pesquared.core.verdict import Gate, Word
from pesquared.verify.diagnosis import ending, excerpt, one_line
from pesquared.verify.failure import Failed
from pesquared.verify.ladder.commands import name_of, run_build, run_suite
from pesquared.verify.ladder.crash import CrashWatch
from pesquared.verify.ladder.footprint import Footprint
from pesquared.verify.ladder.rungs import Rung
from pesquared.verify.rig import Rig
from pesquared.verify.trees.effect import Effect, effect_of
from pesquared.verify.trees.pristine import SpoiltTreeError
from pesquared.verify.verifier import Suite

LIMITS = ("timeout", "memory", "disk")  # what passes them has a reason code of that name
GATE_OF_SUITE = {Suite.QUICK: "quick-tests", Suite.FULL: "full-tests"}


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
        result, effect = effect_of(self._rig.workspaces.tree, lambda: run_build(self._rig, slot))
        if result is None:
            return None
        if not result.ok:
            return self.note("build", _build_failure(result))
        return self.note("build", _changed_by("build", self._footprint.overwritten(effect)))

    def test_first(self, slot: Slot, *, cold: bool) -> Failed | None:
        """The quick tests, and the full ones if the benchmark needs what they make and this tree lacks."""
        footprint = self._footprint
        full_first = footprint.kept and Suite.FULL in (footprint.leaving if cold else footprint.linking)
        failed = self.test(slot, Suite.QUICK)
        return failed if failed or not full_first else self.test(slot, Suite.FULL)

    def test(self, slot: Slot, suite: Suite) -> Failed | None:
        """Runs a suite, and leaves nothing of it in the slot; records nothing where the baseline has none."""
        if suite not in self._suites:
            return None
        rig, kept = self._rig, self._footprint.kept
        rig.observer.notify(StageStarted(f"running the {suite} tests"))
        place = slot if kept else Slot.TESTED
        if not kept:
            rig.workspaces.copy(slot, Slot.TESTED)
        rig.workspaces.activate(place)
        result, effect = effect_of(rig.workspaces.tree, lambda: self._run(place, suite))
        touched = self._cleaned(slot, effect) if kept else self._footprint.beyond(effect)
        rig.workspaces.activate(slot)
        if result is None:
            return self.note(GATE_OF_SUITE[suite], Failed(Word.WRONG, "tests", "the tests are gone"))
        failed = _test_failure(result, touched) or self._crashes.candidate(name_of(suite), result)
        return self.note(GATE_OF_SUITE[suite], failed)

    def _run(self, place: Slot, suite: Suite) -> RunResult | None:
        """Runs a suite, in a copy after the one whose files it needs."""
        if place is Slot.TESTED and suite is Suite.FULL and self._footprint.chained:
            first = run_suite(self._rig, place, Suite.QUICK)
            if first is None or not first.ok:
                return first
        return run_suite(self._rig, place, suite)

    def _cleaned(self, slot: Slot, effect: Effect) -> tuple[str, ...]:
        try:
            return self._footprint.clean(effect)
        except SpoiltTreeError as spoilt:
            spoilt.slot = slot
            raise

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
