"""One candidate's way up the ladder: built, then held against all that is known of the unchanged code."""

from collections.abc import Callable

from pesquared.core.protocols import Slot
from pesquared.core.verdict import Gate
from pesquared.verify.baseline.establish import Established
from pesquared.verify.failure import Failed
from pesquared.verify.ladder.building import Built, build_again, build_candidate
from pesquared.verify.ladder.gates import Gates
from pesquared.verify.trees.interposing import Interposing
from pesquared.verify.trees.linked import Fingerprint
from pesquared.verify.verifier import Suite


def at_once() -> Failed | None:
    """Nothing comes between the build and the gates."""
    return None


class Climb:
    """A candidate in its slot, and the rungs that it has passed.

    Args:
        known: of the unchanged code.
        interposing: what the baseline's programs define already.
        baseline: fingerprint of its build, None where that means nothing.
        commit: the candidate.

    Attributes:
        built: the candidate as it stands in its slot.
    """

    def __init__(
        self, known: Established, interposing: Interposing, baseline: Fingerprint | None, commit: str
    ) -> None:
        self.gates = Gates(known.rig, known.footprint, known.suites, known.crashes, known.rungs)
        self.built = Built(None)
        self._known = known
        self._interposing = interposing
        self._baseline = baseline
        self._commit = commit

    @property
    def passed(self) -> tuple[Gate, ...]:
        return self.gates.all

    def up(self, once_built: Callable[[], Failed | None] = at_once) -> Failed | None:
        """From a build upon the baseline's to the last rung before measuring; ``once_built`` when that stands."""
        self._known.bench.restore(Slot.BASELINE)
        self.built = build_candidate(self._known.rig, self.gates, self._commit, self._baseline)
        return (
            self.built.failed
            or self._interposes()
            or once_built()
            or self.gates.test_first(Slot.CANDIDATE, cold=self.built.cold)
            or self._output()
            or self.gates.further(self._commit, cold=self.built.cold)
        )

    def again(self) -> Failed | None:
        """What a warm build has passed, passed by a cold one: build tools miss what includes what."""
        warm = self.built
        if warm.cold:
            return None
        self.built = build_again(self._known.rig, self.gates, self._commit, warm)
        failed = (
            self.built.failed
            or self._interposes()
            or self.gates.test_first(Slot.CANDIDATE, cold=True)
            or self._output()
        )
        same = warm.products is not None and self.built.products == warm.products
        return failed if failed or same else self.gates.further(self._commit, cold=True)

    def from_nothing(self) -> Failed | None:
        """Built cold and checked in full, for the comparison at the end."""
        self._known.rig.workspaces.place(Slot.CANDIDATE, self._commit)
        return (
            self.gates.build(Slot.CANDIDATE)
            or self.gates.test(Slot.CANDIDATE, Suite.QUICK)
            or self.gates.test(Slot.CANDIDATE, Suite.FULL)
            or self._output()
            or self.gates.further(self._commit, cold=True)
        )

    def fully_tested(self) -> Failed | None:
        """The full tests, after runs of the benchmark."""
        self._known.bench.restore(Slot.CANDIDATE)
        return self.gates.test(Slot.CANDIDATE, Suite.FULL)

    def _interposes(self) -> Failed | None:
        rig = self._known.rig
        own = bool(rig.verifier.metric_name)
        return self._interposing.found(rig.workspaces.tree, self.built.made, reports_itself=own)

    def _output(self) -> Failed | None:
        """The first run of the benchmark: its output, exit code and files."""
        bench = self._known.bench
        bench.capture(Slot.CANDIDATE)
        failed = self._known.checks.candidate(bench.trial(Slot.CANDIDATE))
        if failed is None and self._known.checks.output.blind:
            return None  # to end well is no output that was compared
        return self.gates.note("output", failed)
