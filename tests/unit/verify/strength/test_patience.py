"""Limits learned from the unchanged code: ten times its longest run, at least five seconds."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pesquared.core.running import Usage
from pesquared.core.settings import Settings
from pesquared.errors import UsageError
from pesquared.sandbox.none import Unconfined
from pesquared.verify.strength.patience import impatient
from pesquared.verify.verifier import PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace


@dataclass
class Seen:
    limits: list[float] = field(default_factory=list)
    takes: float = 0.1


def verifier(seen):
    class Slow(PerformanceVerifier):
        metric_name = "hits"
        deterministic = True

        def test(self, workspace, suite):
            return None if suite is Suite.FULL else self.bench(workspace)

        def bench(self, workspace):
            seen.limits.append(workspace.timeout_s)
            return replace(workspace.run("true"), usage=Usage(seen.takes, None, None, "wall"))

        def metric(self, result):
            return 1.0

    return impatient(Slow(Settings()))


@pytest.fixture
def workspace(tmp_path: Path):
    return Workspace(tmp_path, tmp_path, Unconfined(), timeout_s=300.0)


def test_runs_have_their_time_until_it_is_tightened(workspace):
    seen = Seen()
    patient = verifier(seen)
    patient.test(workspace, Suite.QUICK)
    seen.takes = 2.0
    patient.test(workspace, Suite.QUICK)
    patient.bench(workspace)
    patient.tighten()
    patient.test(workspace, Suite.QUICK)
    assert seen.limits == [300.0, 300.0, 300.0, 20.0]


def test_a_short_test_still_has_five_seconds_and_a_short_limit_stays(workspace):
    seen = Seen()
    patient = verifier(seen)
    patient.test(workspace, Suite.QUICK)
    patient.tighten()
    patient.test(workspace, Suite.QUICK)
    patient.test(replace(workspace, timeout_s=3.0), Suite.QUICK)
    assert seen.limits == [300.0, 5.0, 3.0]


def test_what_was_never_run_on_the_unchanged_code_has_the_time_of_the_settings(workspace):
    seen = Seen()
    patient = verifier(seen)
    patient.test(workspace, Suite.QUICK)
    patient.tighten()
    patient.test(replace(workspace, setup="CFLAGS=-fsanitize=address"), Suite.QUICK)
    assert patient.test(workspace, Suite.FULL) is None
    assert seen.limits == [300.0, 300.0]


def test_the_metric_is_the_inner_ones_and_so_is_the_blame(workspace):
    class Broken(PerformanceVerifier):
        metric_name = "hits"

        def bench(self, workspace):
            raise KeyError("gone")

        def metric(self, result):
            return 1.0

    patient = impatient(Broken(Settings()))
    assert (patient.metric_name, patient.deterministic) == ("hits", False)
    with pytest.raises(UsageError, match=r"test_patience\.py"):
        patient.bench(workspace)
