"""Before anything is tried: does the code base build, pass and repeat itself?"""

from dataclasses import dataclass, replace
from functools import partial

from pesquared.core.events import Notice, StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.running import RunResult
from pesquared.verify.baseline.learning import learn_output
from pesquared.verify.baseline.planning import plan_bench
from pesquared.verify.baseline.tested import TestsOnBaseline
from pesquared.verify.diagnosis import one_line, refusal
from pesquared.verify.ladder.case_lines import require_files
from pesquared.verify.ladder.cases import Cases
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.ladder.commands import run_build
from pesquared.verify.ladder.crash import CrashWatch
from pesquared.verify.ladder.footprint import Footprint
from pesquared.verify.ladder.output import OutputGate, excused_lines, masked_streams
from pesquared.verify.ladder.priming import BenchmarkBuildsError
from pesquared.verify.ladder.rungs import Rung
from pesquared.verify.ladder.scrub import Scrubber
from pesquared.verify.measuring.bench import Bench, in_codebase
from pesquared.verify.measuring.figures import Figures
from pesquared.verify.rig import Rig
from pesquared.verify.sanitizing.sanitized_runs import bench_probe, case_probe, suite_probe
from pesquared.verify.sanitizing.sanitizers import Sanitizers
from pesquared.verify.trees.effect import effect_of
from pesquared.verify.trees.linked import Fingerprint
from pesquared.verify.trees.other_builds import other_builds
from pesquared.verify.verifier import Suite

_NAMED = 3  # files in a message


@dataclass(frozen=True, slots=True)
class Established:
    """What is known of the unchanged code; attempts are judged by it."""

    rig: Rig
    bench: Bench
    checks: RunChecks
    footprint: Footprint
    suites: frozenset[Suite]
    crashes: CrashWatch
    rungs: tuple[Rung, ...]  # beyond tests and benchmark
    built: Fingerprint | None  # None: builds do not repeat themselves, or link nothing
    runs: tuple[RunResult, ...]  # the first of the benchmark


def establish(rig: Rig, commit: str) -> Established:
    """Builds and checks ``commit``; leaves it in the slots ORIGINAL and BASELINE.

    Raises:
        UsageError: a setting cannot be used.
        BaselineError: it does not build or pass, or there is nothing to be right by.
    """
    scrubber = Scrubber(rig.settings.bench.ignore)  # a wrong setting is said before an hour of building
    other_builds(rig.settings.accept.also)
    crashes = CrashWatch(rig.observer)
    cases = Cases(rig, crashes)
    Figures(rig.verifier)
    footprint = Footprint()
    built = _build_twice(rig, commit, footprint)
    tests = TestsOnBaseline(rig, footprint, crashes)
    tests.run()

    rig.observer.notify(StageStarted("running the benchmark on the unchanged code"))
    output = OutputGate(scrubber, rig.settings.bench.tolerance, rig.verifier)
    tests.calibrate(output.unlearned())
    if built is not None and footprint.kept and footprint.linking:
        built = None
        _tell(rig, "the tests link programs, too: candidates that make the same program will be measured")
    try:
        bench = plan_bench(rig)
    except BenchmarkBuildsError:
        if rig.primed:
            raise
        _tell(rig, "the benchmark command builds what it runs: it is run once after each build, untimed")
        return establish(replace(rig, primed=True), commit)
    _tell_sources_written(rig, footprint.sources_among(bench.plan.writes.exact))
    cases.learn()
    tested = bool(tests.suites) or cases.comparable
    checks = RunChecks(output, rig.observer, tested=tested, required=rig.must_be_checked)
    runs = learn_output(bench, checks)
    rungs: list[Rung] = [cases]
    if rig.settings.check.sanitizers:
        probes = [suite_probe(rig, Suite.QUICK)] if Suite.QUICK in tests.suites else []
        probes += [*map(case_probe, cases.known), bench_probe(bench, checks)]
        rungs.append(Sanitizers(rig, commit, probes))
        rungs[-1].learn()
    return Established(rig, bench, checks, footprint, tests.suites, crashes, tuple(rungs), built, runs)


def tell_excused(known: Established) -> None:
    """Says which lines may differ, though they never did or leave nothing; once all that teaches it was run."""
    output = known.checks.output
    for text in (*excused_lines(output), *masked_streams(output)):
        _tell(known.rig, text)


def _build_twice(rig: Rig, commit: str, footprint: Footprint) -> Fingerprint | None:
    """Cold builds in two slots. Their fingerprint if they agree: then equal outputs mean equal programs."""
    prints = []
    for slot, text in ((Slot.ORIGINAL, "building the unchanged code"), (Slot.BASELINE, "building it once more")):
        rig.observer.notify(StageStarted(text))
        rig.workspaces.place(slot, commit)
        rig.workspaces.activate(slot)
        require_files(rig)
        result, effect = effect_of(rig.workspaces.tree, partial(run_build, rig, slot))
        if result is not None and not result.ok:
            raise refusal("the build", result, rig.ignored())
        footprint.learn_build(effect)
        prints.append(effect.products())
    first, second = prints
    if not first.linked:
        return None
    if first != second:
        differing = first.differing(second)
        which = ", ".join(differing[:_NAMED]) + (" …" if len(differing) > _NAMED else "")
        _tell(rig, f"two builds of the same code differ ({which}): unchanged candidates will be measured too")
        return None
    return second


def _tell(rig: Rig, text: str) -> None:
    rig.observer.notify(Notice(text))


def _tell_sources_written(rig: Rig, written: list[str]) -> None:
    """Names the cause before a candidate is wrong by nothing but its own edit."""
    if written:
        names = ", ".join(one_line(in_codebase(rig.workspaces, path)) for path in written[:_NAMED])
        more = f" and {len(written) - _NAMED} more" if len(written) > _NAMED else ""
        _tell(
            rig,
            f"the benchmark writes into files of the code itself ({names}{more}): what it leaves there is "
            "compared, so a candidate that edits one is wrong if its edit is still there afterwards",
        )
