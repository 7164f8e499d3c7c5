"""Lets a verifier find out, on the unchanged code, what must be the same for both sides."""

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.running import Purpose, RunResult
from pesquared.errors import BaselineError
from pesquared.verify.diagnosis import one_line, refusal
from pesquared.verify.rig import Rig
from pesquared.verify.verifier import UNREADABLE, PerformanceVerifier
from pesquared.verify.workspace import Workspace

_TIMEOUT_S = 600.0  # where no limit is set for the benchmark: a harness may take its time to choose counts


def calibrate(rig: Rig) -> None:
    """Runs the verifier's ``calibrate`` in a copy of the built baseline, which is made anew afterwards.

    Raises:
        BaselineError: what it runs fails, or prints what the verifier cannot read.
        UsageError: the verifier cannot be used with this benchmark.
    """
    if type(rig.verifier).calibrate is PerformanceVerifier.calibrate:
        return
    rig.observer.notify(StageStarted("calibrating the benchmark"))
    rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)
    rig.workspaces.activate(Slot.CANDIDATE)
    timeout_s = rig.settings.bench.timeout_s or _TIMEOUT_S
    places = rig.workspaces.codebase, rig.workspaces.tree
    workspace = Workspace(*places, rig.sandbox, timeout_s, writable=True, purpose=Purpose.BENCH)
    with rig.host.measuring():  # it times what it finds out
        result = _calibrated(rig.verifier, workspace)
    if result is not None and not result.ok:
        raise refusal("the benchmark's calibration", result, rig.ignored())


def _calibrated(verifier: PerformanceVerifier, workspace: Workspace) -> RunResult | None:
    try:
        return verifier.calibrate(workspace)
    except UNREADABLE as error:
        raise BaselineError(
            f"what the benchmark prints on the unchanged code cannot be read: {one_line(str(error))}",
            "look at what it prints, and at verifiers/README.md",
        ) from error
