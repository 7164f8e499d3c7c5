"""How the benchmark is run from now on: what it writes, how long it may take, what of it is compared."""

from dataclasses import replace

from pesquared.core.events import Notice
from pesquared.core.protocols import Slot
from pesquared.errors import BaselineError
from pesquared.verify.diagnosis import ending, excerpt, explain
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
    rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)
    declared = Writes(patterns=tuple(in_tree(rig.workspaces, path) for path in settings.writes))
    plan = BenchPlan(
        settings.timeout_s or _FIRST_TIMEOUT_S, writable=True, writes=declared, streams=settings.compare
    )
    bench = Bench(rig.verifier, rig.workspaces, rig.sandbox, plan, rig.host)
    bench.capture(Slot.CANDIDATE)
    run = bench.run(Slot.CANDIDATE)
    _must_succeed(rig, run)
    bench.plan = replace(
        plan,
        timeout_s=settings.timeout_s or max(_SHORTEST_TIMEOUT_S, _TIMEOUT_FACTOR * run.result.usage.wall_s),
        writes=Writes(frozenset(run.touched), declared.patterns),
        streams=_streams(rig, run),
    )
    rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)  # as it was before that run
    for slot in (Slot.ORIGINAL, Slot.BASELINE, Slot.CANDIDATE):
        bench.capture(slot)
    if not bench.plan.writes:
        _close(bench)
    return bench


def _close(bench: Bench) -> None:
    """Takes the right to write from a benchmark that leaves nothing behind, unless it cannot do without."""
    open_plan = bench.plan
    bench.plan = replace(open_plan, writable=False)
    if not bench.run(Slot.CANDIDATE).result.ok:  # it makes a file and removes it again, for example
        bench.plan = open_plan


def _must_succeed(rig: Rig, run: BenchRun) -> None:
    if not run.result.ok:
        why, fix = explain(run.result, rig.ignored())
        message = f"the benchmark {ending(run.result)} on the unchanged code{': ' + why if why else ''}"
        raise BaselineError(f"{message}\n{excerpt(run.result)}".rstrip(), fix)
    for path in run.touched:
        if (read_regular(rig.workspaces.tree, path) or b"").startswith(b"\x7fELF"):
            raise BenchmarkBuildsError(
                f"the benchmark command builds {in_codebase(rig.workspaces, path)} in every run, which is timed",
                "let --build build everything that the benchmark runs",
            )


def _streams(rig: Rig, run: BenchRun) -> tuple[str, ...]:
    """What is compared: as declared, and every file it writes."""
    tree = rig.workspaces.tree
    written = [path for path in run.touched if read_regular(tree, path) is not None]
    if len(written) > _FILES_COMPARED:
        rig.observer.notify(
            Notice(f"the benchmark writes {len(written)} files; the first {_FILES_COMPARED} are compared")
        )
    files = (f"file:{in_codebase(rig.workspaces, path)}" for path in written[:_FILES_COMPARED])
    return tuple(dict.fromkeys((*rig.settings.bench.compare, *files)))
