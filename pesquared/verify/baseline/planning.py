"""How the benchmark is run from now on: what it writes, how long it may take, what of it is compared."""

from collections.abc import Iterator
from dataclasses import replace

from pesquared.core.events import Notice
from pesquared.core.protocols import Slot
from pesquared.verify.diagnosis import refusal
from pesquared.verify.ladder.priming import BenchmarkBuildsError
from pesquared.verify.measuring.bench import Bench, BenchPlan, BenchRun, in_codebase, in_tree
from pesquared.verify.rig import Rig
from pesquared.verify.trees.files import Writes, read_regular

_FIRST_TIMEOUT_S = 600.0  # before it is known how long a run takes
_TIMEOUT_FACTOR, _SHORTEST_TIMEOUT_S = 10.0, 30.0
_FILES_COMPARED = 200


def plan_bench(rig: Rig) -> Bench:
    """Runs the benchmark on a copy of the built baseline to see what it writes.

    Baseline, original and copy end up captured.

    Raises:
        BaselineError: it fails.
        BenchmarkBuildsError: it links a program while it runs.
    """
    settings = rig.settings.bench
    bench = unplanned(rig)
    run = run_in_copy(rig, bench, Slot.BASELINE)
    _must_succeed(rig, run)
    bench.plan = replace(
        bench.plan,
        timeout_s=settings.timeout_s or max(_SHORTEST_TIMEOUT_S, _TIMEOUT_FACTOR * run.result.usage.wall_s),
        writes=Writes(frozenset(run.touched), bench.plan.writes.patterns),
        streams=compared_streams(rig, run),
    )
    if len(files := _written(rig, run)) > _FILES_COMPARED:
        said = f"the benchmark writes {len(files)} files; the first {_FILES_COMPARED} are compared"
        rig.observer.notify(Notice(said))
    rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)  # as it was before that run
    for slot in (Slot.ORIGINAL, Slot.BASELINE, Slot.CANDIDATE):
        bench.capture(slot)
    if not bench.plan.writes:
        _close(bench)
    return bench


def unplanned(rig: Rig) -> Bench:
    """The benchmark as it is run before anything is known of it: it may write wherever it likes."""
    settings = rig.settings.bench
    declared = Writes(patterns=tuple(in_tree(rig.workspaces, path) for path in settings.writes))
    plan = BenchPlan(
        settings.timeout_s or _FIRST_TIMEOUT_S, writable=True, writes=declared, streams=settings.compare
    )
    return Bench(rig.verifier, rig.workspaces, rig.sandbox, plan, rig.host)


def run_in_copy(rig: Rig, bench: Bench, source: Slot) -> BenchRun:
    """One run in a new copy of a tree, which stands in the slot CANDIDATE as the run left it."""
    rig.workspaces.copy(source, Slot.CANDIDATE)
    bench.capture(Slot.CANDIDATE)
    return bench.run(Slot.CANDIDATE)


def _close(bench: Bench) -> None:
    """Takes the right to write from a benchmark that leaves nothing behind, unless it cannot do without."""
    open_plan = bench.plan
    bench.plan = replace(open_plan, writable=False)
    if not bench.run(Slot.CANDIDATE).result.ok:  # it makes a file and removes it again, for example
        bench.plan = open_plan


def _must_succeed(rig: Rig, run: BenchRun) -> None:
    if not run.result.ok:
        raise refusal("the benchmark", run.result, rig.ignored())
    for path in programs_of(rig, run):
        raise BenchmarkBuildsError(
            f"the benchmark command builds {in_codebase(rig.workspaces, path)} in every run, which is timed",
            "let --build build everything that the benchmark runs",
        )


def programs_of(rig: Rig, run: BenchRun) -> Iterator[str]:
    """What the run that was just made has compiled, relative to the tree."""
    for path in run.touched:
        if (read_regular(rig.workspaces.tree, path) or b"").startswith(b"\x7fELF"):
            yield path


def compared_streams(rig: Rig, run: BenchRun) -> tuple[str, ...]:
    """What is compared: as declared, and every file that the run which was just made has written."""
    files = (f"file:{in_codebase(rig.workspaces, path)}" for path in _written(rig, run)[:_FILES_COMPARED])
    return tuple(dict.fromkeys((*rig.settings.bench.compare, *files)))


def _written(rig: Rig, run: BenchRun) -> list[str]:
    return [path for path in run.touched if read_regular(rig.workspaces.tree, path) is not None]
