"""What is run in a tree that is built with sanitizers: quick tests, cases and the benchmark, once each."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pesquared.core.protocols import Slot
from pesquared.core.running import RunResult
from pesquared.errors import BaselineError
from pesquared.verify.diagnosis import ending, excerpt
from pesquared.verify.ladder.cases import Case
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.ladder.commands import name_of, run_suite
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.ladder.scrub import EndlessMatchingError
from pesquared.verify.measuring.bench import Bench, BenchRun
from pesquared.verify.rig import Rig
from pesquared.verify.sanitizing.sanitized_build import REPORTS
from pesquared.verify.trees.files import Writes
from pesquared.verify.verifier import Suite

SLOWDOWN = 10.0  # how much longer a run may take: sanitizers cost a factor of 2 to 5

Outcome = tuple[RunResult, str]  # how it ended, and what it did otherwise than the unchanged code, "" if nothing


def _nothing(_setup: str) -> None:
    """There is nothing to learn."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to run in the slot VARIANT, with shell text of ours before the command.

    Attributes:
        what: it is, as the subject of a sentence.
        run: it.
        learn: from a run of the unchanged code, built with sanitizers.
        hidden: the name of a hidden case: of what was run and said nothing may be told.
    """

    what: str
    run: Callable[[str], Outcome]
    learn: Callable[[str], None] = _nothing
    hidden: str = ""


def suite_probe(rig: Rig, suite: Suite) -> Probe:
    """Tests pass by ending with exit code 0."""

    def run(setup: str) -> Outcome:
        result = run_suite(rig, Slot.VARIANT, suite, SLOWDOWN, setup)
        if result is None:
            raise AssertionError(f"{name_of(suite)} are gone")
        return result, "" if result.ok else f"{name_of(suite)} {ending(result)}\n{excerpt(result)}"

    return Probe(name_of(suite), run)


def case_probe(case: Case) -> Probe:
    """A case, held against what the unchanged code does without sanitizers."""

    def run(setup: str) -> Outcome:
        ran = _run(case.bench, setup)
        return ran.result, case.difference(ran)

    return Probe(f"case {case.line.label!r}", run, hidden=case.line.case.name if case.line.case.hidden else "")


def bench_probe(bench: Bench, checks: RunChecks) -> Probe:
    """The benchmark. Its output must be the unchanged code's, be it that with sanitizers or that without."""
    output: OutputGate | None = None  # with them a run takes longer, and may print that

    def learn(setup: str) -> None:
        nonlocal output  # learned anew from each build: two builds' outputs may differ, and nothing would be left
        output = checks.output.unlearned()
        streams, compared = _run(bench, setup).streams, checks.output.compared
        try:
            output.learn({name: data for name, data in streams.items() if name in compared})
        except BaselineError:  # a verifier that cannot read it: what is printed without sanitizers has to do
            output = None

    def run(setup: str) -> Outcome:
        ran = _run(bench, setup)
        if not ran.result.ok:
            return ran.result, f"the benchmark {ending(ran.result)}\n{excerpt(ran.result)}"
        try:
            difference = checks.output.difference(ran.streams)
            if difference and output is not None:
                difference = output.difference(ran.streams)
        except EndlessMatchingError as error:
            difference = f"the benchmark's output cannot be compared: {error.message}"
        return ran.result, difference or ""

    return Probe("the benchmark", run, learn)


def _run(bench: Bench, setup: str) -> BenchRun:
    """One run in the slot VARIANT, which may write the sanitizers' logs."""
    plan = bench.plan
    under = bench.under(
        replace(
            plan,
            timeout_s=SLOWDOWN * plan.timeout_s,
            writable=True,
            writes=Writes(plan.writes.exact, (*plan.writes.patterns, f"{REPORTS}/")),
            setup=setup,
        )
    )
    under.capture(Slot.VARIANT)
    return under.run(Slot.VARIANT)
