"""The tests on the unchanged code: do they pass, and can the benchmark do without what they leave in the tree?"""

from dataclasses import replace

from pesquared.core.events import Notice
from pesquared.core.protocols import Slot
from pesquared.core.running import RunResult
from pesquared.errors import BaselineError
from pesquared.verify.baseline.calibration import calibrate
from pesquared.verify.baseline.planning import compared_streams, programs_of, run_in_copy, unplanned
from pesquared.verify.diagnosis import one_line, refusal
from pesquared.verify.ladder.commands import name_of, run_suite
from pesquared.verify.ladder.crash import CrashWatch
from pesquared.verify.ladder.footprint import Footprint
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.rig import Rig
from pesquared.verify.trees.effect import effect_of
from pesquared.verify.verifier import Suite

# Nothing else is in these slots before the baseline is established. Each suite has a tree of its own, as later.
_TREES = {Suite.QUICK: Slot.VARIANT, Suite.FULL: Slot.TESTED}
_RUNS = 3  # what differs among them varies by itself
_NAMED = 3  # files in a message


class TestsOnBaseline:
    """Runs the tests in copies of the slot BASELINE, which is built.

    Attributes:
        suites: those that there are, once ``run`` has run them.
    """

    __test__ = False  # whoever collects tests by their names finds none here

    def __init__(self, rig: Rig, footprint: Footprint, crashes: CrashWatch) -> None:
        self.suites: frozenset[Suite] = frozenset()
        self._rig = rig
        self._footprint = footprint
        self._crashes = crashes

    def run(self) -> None:
        """All suites.

        Raises:
            BaselineError: one fails.
        """
        self.suites = frozenset(suite for suite in Suite if self._passes(suite))

    def calibrate(self, output: OutputGate) -> None:
        """Lets the verifier calibrate; decides whether what tests make is there when the benchmark is run.

        It is in BASELINE and ORIGINAL afterwards if it is needed, and nothing of it is there otherwise.

        Args:
            output: a gate that has learned nothing yet.

        Raises:
            BaselineError, UsageError: as ``calibrate`` of the verifier.
        """
        try:
            calibrate(self._rig)
            needed = self._needed(output)
        except BaselineError:
            if not self._footprint.leaving:
                raise
            needed = True  # among what tests make the same will happen again, or not
        if needed:
            self._keep()
            calibrate(self._rig)

    def _passes(self, suite: Suite) -> bool:
        """Runs a suite as the build left the tree; False if there is none."""
        workspaces, footprint, place = self._rig.workspaces, self._footprint, _TREES[suite]
        workspaces.copy(Slot.BASELINE, place)
        result = self._run(suite, place)
        if result is not None and not result.ok and suite is Suite.FULL and Suite.QUICK in footprint.leaving:
            workspaces.copy(_TREES[Suite.QUICK], place)
            result, footprint.chained = self._run(suite, place), True
        if result is None:
            return False
        if not result.ok:
            raise refusal(f"the {suite} test command", result, self._rig.ignored())
        self._crashes.learn(name_of(suite), result)
        return True

    def _run(self, suite: Suite, place: Slot) -> RunResult | None:
        rig = self._rig
        rig.workspaces.activate(place)
        result, effect = effect_of(rig.workspaces.tree, lambda: run_suite(rig, place, suite))
        if result is not None and result.ok:
            self._footprint.learn(suite, effect)
        return result

    def _needed(self, output: OutputGate) -> bool:
        """Does the benchmark fail, print something else, or have to build, without what tests make?"""
        rig, bench = self._rig, unplanned(self._rig)
        trees = [place for suite, place in _TREES.items() if suite in self._footprint.leaving]
        if not trees:
            return False
        first = run_in_copy(rig, bench, Slot.BASELINE)
        if not first.result.ok:
            return len(trees) > 1 or run_in_copy(rig, bench, trees[0]).result.ok
        builds = any(programs_of(rig, first))
        bench.plan = replace(bench.plan, streams=compared_streams(rig, first))
        for _ in range(_RUNS):
            output.learn(run_in_copy(rig, bench, Slot.BASELINE).streams)
        for place in trees:
            run = run_in_copy(rig, bench, place)
            finds_program = builds and not any(programs_of(rig, run))
            if run.result.ok and (finds_program or output.difference(run.streams)):
                return True
        return False

    def _keep(self) -> None:
        """The tree with what all tests make becomes the baseline's and the original's."""
        rig, footprint = self._rig, self._footprint
        last = Suite.FULL if Suite.FULL in footprint.leaving else Suite.QUICK
        if footprint.leaving == set(Suite) and not footprint.chained:
            rig.workspaces.copy(_TREES[Suite.QUICK], _TREES[last])
            result = self._run(last, _TREES[last])
            if result is not None and not result.ok:
                raise refusal(f"the {last} test command", result, rig.ignored())
        rig.workspaces.copy(_TREES[last], Slot.BASELINE)
        rig.workspaces.copy(Slot.BASELINE, Slot.ORIGINAL)
        rig.workspaces.activate(Slot.BASELINE)
        made = footprint.keep(rig.workspaces.tree)
        which = ", ".join(map(one_line, made[:_NAMED])) + (" …" if len(made) > _NAMED else "")
        rig.observer.notify(Notice(f"the benchmark uses what the tests make: {which}"))
