"""Runs what a user gave to build and to test, in a slot: the same for the unchanged code and for candidates."""

from dataclasses import replace

from pesquared.core.protocols import Slot
from pesquared.core.running import Purpose, RunResult
from pesquared.verify.ladder.priming import prime
from pesquared.verify.rig import Rig
from pesquared.verify.verifier import Suite
from pesquared.verify.workspace import Workspace


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


def name_of(suite: Suite) -> str:
    """A suite as the subject of a sentence."""
    return f"the {suite} tests"
