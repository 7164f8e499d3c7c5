"""Is it faster under other compilers and options, too? ``[accept] also`` names them: "clang -O3", "-O2 -m32"."""

from collections.abc import Iterator

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.verdict import Finding
from pesquared.verify.baseline.establish import Established
from pesquared.verify.baseline.scale import Scale
from pesquared.verify.diagnosis import ending, excerpt
from pesquared.verify.ladder.commands import run_build
from pesquared.verify.measuring.decision import Comparison, Series, describe
from pesquared.verify.measuring.pairs import PairedRuns
from pesquared.verify.rig import Rig
from pesquared.verify.trees.other_builds import OtherBuild, other_builds
from pesquared.verify.trees.pristine import SpoiltTreeError
from pesquared.verify.trees.shims import write_shims

BEFORE, AFTER = Slot.OTHER, Slot.VARIANT
_SHIMS = ".pesquared-compilers"  # in the tree's root


def also_under(known: Established, scale: Scale, baseline: str, commit: str) -> Iterator[Finding]:
    """The gain of ``commit`` over ``baseline``, both built from nothing, under each further build."""
    rig = known.rig
    for build in other_builds(rig.settings.accept.also):
        if rig.stop.requested:
            yield Finding("also", f"{build.text}: interrupted before it was measured")
            continue
        rig.observer.notify(StageStarted(f"measuring under {build.text}"))
        try:
            problem = _built(rig, build, baseline, BEFORE) or _built(rig, build, commit, AFTER)
            yield _finding(build, problem or _measured(known, scale))
        except SpoiltTreeError as error:
            yield Finding("also", f"{build.text}: {error.message}")
    rig.workspaces.activate(Slot.BASELINE)


def _built(rig: Rig, build: OtherBuild, commit: str, slot: Slot) -> str:
    """Builds a commit in a slot; what went wrong, "" if nothing did."""
    rig.workspaces.place(slot, commit)
    rig.workspaces.activate(slot)
    setup = write_shims(rig.workspaces.tree / _SHIMS, build.options, build.compiler)
    result = run_build(rig, slot, setup)
    if result is None or result.ok:
        return ""
    return " ".join([f"the build {ending(result)}", *excerpt(result).splitlines()[:1]])


def _measured(known: Established, scale: Scale) -> Series:
    """As many pairs as a claim has; every run is held against the output that is known."""
    rig, bench, checks = known.rig, known.bench, known.checks
    bench.capture(BEFORE)
    bench.capture(AFTER)
    sides = (BEFORE, checks.settled), (AFTER, checks.candidate)
    pairs = PairedRuns(bench, scale.meter, rig.coin, *sides)
    comparison = Comparison(pairs.next_apart, scale.metric, rig.settings.accept, rig.observer, rig.stop)
    return comparison.measure("also", rig.settings.accept.claim_pairs, rig.settings.accept.alpha)


def _finding(build: OtherBuild, outcome: str | Series) -> Finding:
    if isinstance(outcome, str):
        return Finding("also", f"{build.text}: {outcome}", concern=True)
    if outcome.failed:
        return Finding("also", f"{build.text}: {outcome.failed.reason}", concern=True)
    if outcome.gain is None:
        return Finding("also", f"{build.text}: interrupted before it was measured")
    return Finding("also", f"{build.text}: {describe(outcome.gain)}", concern=outcome.gain.low <= 0)
