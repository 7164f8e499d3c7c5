"""A verifier around another one is what that one is, and leaves out none of its steps."""

import inspect
from pathlib import Path

from pesquared.core.verdict import Evidence
from pesquared.sandbox.none import Unconfined
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import PerformanceVerifier, Suite, Workspace
from pesquared.verify.wrapped import Wrapped
from tests.support.own_figures import a_run, bench_settings


class Speaking(CommandVerifier):
    metric_name = "said"
    higher_is_better = deterministic = True
    evidence = Evidence.COUNTS

    def prepare(self, workspace):
        return a_run(b"prepared")

    def build(self, workspace):
        return a_run(b"built")

    def test(self, workspace, suite):
        return a_run(suite.value.encode())

    def calibrate(self, workspace):
        self.metric_name, self.evidence = "said/2", Evidence.RUNS
        return a_run(b"calibrated")

    def bench(self, workspace):
        return a_run(b"benched")

    def metric(self, result):
        return {"all": 1.0}

    def comparable(self, stream, data):
        return stream.encode()

    def differs(self, stream, expected, actual):
        return "differs"


def test_everything_is_handed_on(tmp_path: Path) -> None:
    place = Workspace(tmp_path, tmp_path, Unconfined(accounting="wall"))
    wrapped = Wrapped(Speaking(bench_settings()))
    assert (wrapped.metric_name, wrapped.evidence) == ("said", Evidence.COUNTS)
    steps = [wrapped.build, wrapped.prepare, wrapped.calibrate, wrapped.bench]
    said = [result.stdout for step in steps if (result := step(place)) is not None]
    assert said == [b"built", b"prepared", b"calibrated", b"benched"]
    tested = wrapped.test(place, Suite.FULL)
    assert tested is not None
    assert tested.stdout == b"full"
    assert wrapped.metric(a_run()) == {"all": 1.0}
    assert (wrapped.comparable("x", b""), wrapped.differs("x", b"", b"")) == (b"x", "differs")
    assert (wrapped.metric_name, wrapped.evidence) == ("said/2", Evidence.RUNS)
    assert (wrapped.higher_is_better, wrapped.deterministic, wrapped.compares) == (True, True, True)
    assert not Wrapped(CommandVerifier(bench_settings())).compares


def test_no_step_is_forgotten() -> None:
    steps = {name for name, _ in inspect.getmembers(PerformanceVerifier) if not name.startswith("_")}
    attributes = {"metric_name", "higher_is_better", "deterministic", "is_time", "evidence"}
    assert steps - attributes <= vars(Wrapped).keys()
