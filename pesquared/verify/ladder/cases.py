"""Differential cases: on inputs of the user's a candidate must do what the unchanged code does."""

from dataclasses import dataclass, replace

from pesquared.core.events import Notice, StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.running import Purpose, RunResult
from pesquared.core.settings import Settings
from pesquared.core.verdict import Word
from pesquared.verify.diagnosis import ending, one_line
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.ladder.case_lines import CaseLine, case_lines
from pesquared.verify.ladder.crash import CrashWatch
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.measuring.bench import Bench, BenchPlan, BenchRun, in_tree
from pesquared.verify.rig import Rig
from pesquared.verify.trees.files import Writes
from pesquared.verify.trees.pristine import SpoiltTreeError
from pesquared.verify.verifier import PerformanceVerifier
from pesquared.verify.workspace import Workspace

_TIMEOUT_FACTOR, _SHORTEST_TIMEOUT_S = 10.0, 5.0
_CRASHES = frozenset(128 + signal for signal in (4, 5, 6, 7, 8, 11))  # how shells report ILL, TRAP, ABRT, …, SEGV
_SHOWN = 1000  # characters of a case's command line


class _Program(PerformanceVerifier):
    """Runs a case as if it were a benchmark, so that files and limits are looked after in the same way."""

    def __init__(self, settings: Settings, line: str) -> None:
        super().__init__(settings)
        self._line = line

    def bench(self, workspace: Workspace) -> RunResult:
        return workspace.run(self._line)


@dataclass(frozen=True, slots=True)
class Case:
    """A case and what the unchanged code does with it."""

    line: CaseLine
    bench: Bench
    output: OutputGate
    exit_code: int
    talks: bool | None  # does it say anything on standard error? None: now and then
    crashes: CrashWatch

    def difference(self, run: BenchRun) -> str:
        """What a run does otherwise than the unchanged code, "" if nothing."""
        result = run.result
        if result.stopped:
            return f"it {ending(result)}"
        if result.exit_code != self.exit_code:
            return f"it {ending(result)}, not {self.exit_code}"
        if failed := self.crashes.candidate(self.line.label, result):
            return failed.detail
        if run.strays:
            names = ", ".join(map(one_line, run.strays[:3]))
            return f"it changed files that the unchanged code leaves alone: {names}"
        if self.talks is not None and self.talks != _talks(result):
            return f"it says {'nothing' if self.talks else 'something'} on standard error"
        return self.output.difference(run.streams) or ""

    def failed(self, difference: str, code: str = "case") -> Failed:
        """The verdict on a candidate. Of a hidden case it tells the name, whoever reads it."""
        name = self.line.case.name
        if self.line.case.hidden:
            reason = f"a hidden case differs: {name}"
            return Failed(Word.WRONG, code, reason, reason)
        reason = f"the case {self.line.label!r} differs from the unchanged code's"
        return Failed(Word.WRONG, code, reason, f"{reason}\n$ {self.line.text[:_SHOWN]}\n{difference}")


class Cases:
    """The rung of ``[[check.case]]``; implements ``Rung``.

    Attributes:
        known: what the unchanged code repeats, once it is learned.
    """

    name = "cases"
    stage = "running the cases"

    def __init__(self, rig: Rig, crashes: CrashWatch) -> None:
        self.known: list[Case] = []
        self._rig = rig
        self._crashes = crashes
        self._lines = case_lines(rig.settings.check)

    @property
    def comparable(self) -> bool:
        """Is there any output in them that could show a wrong result?"""
        return any(case.output.comparable for case in self.known)

    @property
    def judges(self) -> bool:
        return bool(self.known)

    def learn(self) -> None:
        """Runs each case twice on a copy of the built baseline, in the slot CANDIDATE."""
        if not self._lines:
            return
        self._rig.observer.notify(StageStarted("running the cases on the unchanged code"))
        self._rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)
        for line in self._lines:
            if self._rig.stop.requested:
                break
            try:
                case = self._learn(line)
            except SpoiltTreeError as spoilt:
                self._leave_out(line, spoilt.message)
                self._rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)
                continue
            self.known += [case] if case else []
        self._rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)  # as it was

    def candidate(self, commit: str, *, cold: bool) -> Failed | None:  # noqa: ARG002 - it stands in its slot
        for case in list(self.known):
            difference = case.difference(_run(case.bench, Slot.CANDIDATE))
            if not difference:
                continue
            if not case.difference(_run(case.bench, Slot.ORIGINAL)):
                return case.failed(difference)
            # Left out, it would pass: nothing is accepted by a case that says nothing.
            return unstable(f"the case {one_line(case.line.case.name)!r} does not print again what it printed")
        return None

    def adopted(self, commit: str) -> None:
        """Nothing moves on: the unchanged code stays the measure."""

    def _learn(self, line: CaseLine) -> Case | None:
        rig = self._rig
        files = [place.removeprefix("file:") for place in line.case.compare if place.startswith("file:")]
        declared = tuple(in_tree(rig.workspaces, path) for path in files)
        plan = BenchPlan(
            rig.settings.check.timeout_s,
            writable=True,
            writes=Writes(patterns=declared),
            purpose=Purpose.TEST,
            streams=line.case.compare,
        )
        bench = Bench(_Program(rig.settings, line.text), rig.workspaces, rig.sandbox, plan, rig.host)
        bench.capture(Slot.CANDIDATE)
        first = bench.run(Slot.CANDIDATE)
        if first.touched:
            rig.workspaces.copy(Slot.BASELINE, Slot.CANDIDATE)
        if first.result.stopped or first.result.exit_code < 0 or first.result.exit_code in _CRASHES:
            self._leave_out(line, f"the unchanged code {ending(first.result)}")
            return None
        slowest = max(_SHORTEST_TIMEOUT_S, _TIMEOUT_FACTOR * first.result.usage.wall_s)
        bench.plan = replace(
            plan,
            timeout_s=min(plan.timeout_s, slowest),
            writable=bool(first.touched),
            writes=Writes(frozenset(first.touched), declared),
        )
        return self._repeated(line, bench, first)

    def _repeated(self, line: CaseLine, bench: Bench, first: BenchRun) -> Case | None:
        """The second run: what differs from the first varies by itself."""
        second = _run(bench, Slot.CANDIDATE)
        if second.result.exit_code != first.result.exit_code and not bench.plan.writable:
            bench.plan = replace(bench.plan, writable=True)  # it makes a file and removes it again, for example
            second = _run(bench, Slot.CANDIDATE)
        if second.result.stopped or second.result.exit_code != first.result.exit_code or second.strays:
            self._leave_out(line, "the unchanged code does not do the same twice")
            return None
        output = OutputGate(lambda data: data)
        for run in (first, second):
            self._crashes.learn(line.label, run.result)
            for notice in output.learn(run.streams):
                self._rig.observer.notify(Notice(f"case {line.label!r}: {notice}"))
        talks = _talks(first.result)
        steady = talks if talks == _talks(second.result) else None
        return Case(line, bench, output, first.result.exit_code, steady, self._crashes)

    def _leave_out(self, line: CaseLine, why: str) -> None:
        self._rig.observer.notify(Notice(f"case {line.label!r} is left out: {why}"))


def _talks(result: RunResult) -> bool:
    return bool(result.stderr.strip())


def _run(bench: Bench, slot: Slot) -> BenchRun:
    """One run in a built slot, which is as it was before."""
    bench.capture(slot)
    run = bench.run(slot)
    bench.restore(slot)
    return run
