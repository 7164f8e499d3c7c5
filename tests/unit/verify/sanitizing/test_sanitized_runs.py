"""What the benchmark must print in a tree that is built with sanitizers."""

from dataclasses import dataclass, field

import pytest

from pesquared.core.stopping import StopRequest
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.measuring.bench import BenchPlan, BenchRun
from pesquared.verify.sanitizing.sanitized_runs import bench_probe
from tests.support.own_figures import a_run, bench_settings
from tests.unit.verify.conftest import Recorder


@dataclass
class Printing:
    """A benchmark that prints what it is told to."""

    stdout: bytes
    plan: BenchPlan = field(default_factory=lambda: BenchPlan(1.0, writable=False))

    def under(self, _plan: BenchPlan) -> "Printing":
        return self

    def capture(self, _slot: object) -> None:
        pass

    def run(self, _slot: object = None) -> BenchRun:
        return BenchRun(a_run(self.stdout), {"stdout": self.stdout})


@pytest.fixture
def printing():
    """A probe whose benchmark prints "plain" without sanitizers; and what decides what it prints with them."""
    bench = Printing(b"plain\n")
    checks = RunChecks(OutputGate(bytes, verifier=Picky(bench_settings())), Recorder(StopRequest()), tested=True)
    checks.baseline(bench.run())

    def probed(stdout: bytes, *, learn: bool = False) -> str:
        bench.stdout = stdout
        if learn:
            probe.learn("")
        return probe.run("")[1]

    probe = bench_probe(bench, checks)
    return probed


class Picky(CommandVerifier):
    """Cannot read everything."""

    def comparable(self, stream: str, data: bytes) -> bytes:
        if b"unreadable" in data:
            raise ValueError("no idea")
        return data


def test_both_outputs_of_the_unchanged_code_are_right(printing) -> None:
    assert not printing(b"at length\n", learn=True)
    assert not printing(b"plain\n")
    assert "expected “at length”, got “wrong”" in printing(b"wrong\n")


def test_another_build_that_prints_something_else_does_not_take_the_stream_away(printing) -> None:
    printing(b"one\n", learn=True)
    assert not printing(b"another, at length\n", learn=True)
    assert printing(b"wrong\n")
    assert printing(b"one\n")


def test_what_the_verifier_cannot_read_with_sanitizers_ends_nothing(printing) -> None:
    assert "cannot be read" in printing(b"unreadable\n", learn=True)
    assert not printing(b"plain\n")
