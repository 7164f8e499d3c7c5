"""Verifiers with figures of their own before the judge: what is accepted, vetoed, wrong, or never enough."""

from dataclasses import replace

import pytest

from pesquared.core.settings import BenchSettings
from pesquared.core.verdict import Evidence, Word
from pesquared.errors import BaselineError, UsageError
from pesquared.verifiers.google_benchmark import GoogleBenchmarkVerifier
from tests.support.own_figures import Counts, Held, NoisyFigures, SaidFigures, Summary
from tests.unit.verify.conftest import KERNEL, SETTINGS


def kernel(*lines: str) -> str:
    return KERNEL.replace("cpu 0.02\\n", "".join(f"{line}\\n" for line in lines))


BEFORE = kernel("cpu 0.02", "fig a 10", "fig b 20", "fig c 5")


def settings(**bench):
    return replace(SETTINGS, bench=BenchSettings(command="./prog", timeout_s=5.0, **bench))


@pytest.fixture
def opened(court):
    def open_court(verifier, **bench):
        it = court(settings(**bench), kernel__c=BEFORE)
        it.use(verifier)
        it.judge.establish()
        return it

    return open_court


def judged(it, *lines: str):
    return it.judge.judge(it.commit({"kernel.c": kernel(*lines)}))


def test_the_combination_decides_and_each_part_is_told(opened) -> None:
    it = opened(SaidFigures, filter="a|b", combine="sum", guard="c")
    verdict = judged(it, "cpu 0.02", "fig a 5", "fig b 19", "fig c 5.05")
    assert verdict.word is Word.ACCEPTED
    assert verdict.gain is not None
    assert verdict.gain.median == pytest.approx(0.2)
    assert verdict.reason.startswith("20.0 % better said")
    gains = {part.name: part.gain.median for part in verdict.parts}
    assert gains == pytest.approx({"a": 0.5, "b": 0.05, "c": -0.01})
    assert verdict.evidence is Evidence.RUNS

    lost = judged(it, "cpu 0.02", "fig a 5", "fig b 20", "fig c 6")
    assert (lost.word, lost.reason_code) == (Word.NOT_FASTER, "guard-benchmark")
    assert lost.parts


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (("fig a nan", "fig b 20", "fig c 5"), "a is nan"),
        (("fig a -1", "fig b 20", "fig c 5"), "a is -1"),
        (("fig a 0", "fig b 20", "fig c 5"), "a is 0"),
        (("fig a 1", "fig b 20"), "does not report c"),
        (("fig a 1", "fig b 20", "fig c 5", "fig d 1"), "reports d"),
        ((), "reports none"),
    ],
)
def test_a_candidate_without_its_figures_is_wrong(opened, lines, problem) -> None:
    verdict = judged(opened(SaidFigures), "cpu 0.01", *lines)
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "no-metric")
    assert problem in verdict.reason


@pytest.mark.parametrize("said", ["fig a nan", "fig a -1", "fig a 0", "fig a x", ""])
def test_so_is_a_baseline_but_that_ends_the_run(court, said) -> None:
    it = court(kernel__c=kernel("cpu 0.02", said))
    it.use(SaidFigures)
    with pytest.raises(BaselineError, match="the benchmark reports no said on the unchanged code") as caught:
        it.judge.establish()
    assert "metric()" in caught.value.fix


def test_a_filter_that_matches_nothing_is_the_users_error(opened) -> None:
    with pytest.raises(UsageError, match="there are: a, b, c"):
        opened(SaidFigures, filter="z")


def test_noisy_figures_are_judged_by_their_evidence(opened) -> None:
    verdict = judged(opened(NoisyFigures), "cpu 0.02", "fig a 5", "fig b 10", "fig c 2.5")
    assert verdict.word is Word.ACCEPTED
    assert [part.name for part in verdict.parts] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("verifier", "own_clock", "expected"),
    [
        (NoisyFigures, False, (Word.QUARANTINED, "clock")),
        (NoisyFigures, True, (Word.ACCEPTED, "faster")),
        (Held, False, (Word.ACCEPTED, "faster")),
    ],
)
def test_a_time_is_confirmed_by_the_process_and_what_is_none_cannot_be(court, verifier, own_clock, expected):
    it = court(settings(own_clock=own_clock), kernel__c=kernel("cpu 0.02", "fig a 10"))
    it.use(verifier)
    it.judge.establish()
    verdict = judged(it, "cpu 0.02", "fig a 5")
    assert (verdict.word, verdict.reason_code) == expected


def test_a_summary_accepts_with_the_processs_own_time_and_not_without(opened) -> None:
    it = opened(Summary)
    alone = judged(it, "cpu 0.02", "fig a 5", "fig b 10", "fig c 2.5")
    assert (alone.word, alone.reason_code, alone.evidence) == (
        Word.INCONCLUSIVE,
        "summary-only",
        Evidence.SUMMARY,
    )
    assert alone.gain is not None
    both = judged(it, "cpu 0.01", "fig a 5", "fig b 10", "fig c 2.5")
    assert (both.word, both.evidence) == (Word.ACCEPTED, Evidence.SUMMARY)


def test_counts_accept_nothing(opened) -> None:
    it = opened(Counts)
    for figure in ("1", "9", "11"):
        verdict = judged(it, "cpu 0.01", f"fig a {figure}", "fig b 20", "fig c 5")
        assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "counts-only")
        assert verdict.gain is not None


class Careless(SaidFigures):
    """Does not think of what a candidate may print."""

    def metric(self, result):
        return super().metric(result) if b"fig" in result.stderr else result.stderr["fig"]

    def comparable(self, stream, data):
        return data if data.startswith(b"sum 4950") else None


def test_a_users_verifier_that_chokes_on_a_candidates_output_ends_no_run(opened) -> None:
    it = opened(Careless)
    verdict = judged(it, "cpu 0.01")
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "no-metric")
    assert "test_own_metric.py" in verdict.reason
    assert "TypeError" in verdict.reason
    verdict = it.judge.judge(it.commit({"kernel.c": BEFORE.replace("return s", "return s + (n == 100)")}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "output")
    assert "comparable() returns NoneType" in verdict.gates[-1].detail


def test_on_the_unchanged_code_it_does(court) -> None:
    it = court()
    it.use(Careless)
    with pytest.raises(UsageError, match=r"test_own_metric\.py:\d+: TypeError"):
        it.judge.establish()


class Calibrated(SaidFigures):
    """Learns on the unchanged code how often to run."""

    runs = 0

    def calibrate(self, workspace):
        result = workspace.run("./prog && echo calibrated > main.c && touch left")
        self.runs, self.metric_name, self.deterministic = 3, "said/3", True
        return result

    def bench(self, workspace):
        assert self.runs == 3
        assert not (workspace.codebase / "left").exists()
        return super().bench(workspace)


def test_calibration_comes_first_and_leaves_nothing_behind(opened) -> None:
    it = opened(Calibrated)
    assert it.judge.metric == "said/3"
    assert it.recorder.stages.count("calibrating the benchmark") == 1
    verdict = judged(it, "cpu 0.02", "fig a 5", "fig b 20", "fig c 5")
    assert verdict.word is Word.ACCEPTED


def test_a_calibration_that_fails_is_the_baselines_error(court) -> None:
    class Fails(SaidFigures):
        def calibrate(self, workspace):
            return workspace.run("echo no luck >&2; exit 3")

    it = court(kernel__c=BEFORE)
    it.use(Fails)
    with pytest.raises(BaselineError, match=r"calibration ended with exit code 3(?s:.*)no luck"):
        it.judge.establish()


def test_so_is_one_that_prints_what_cannot_be_read(court) -> None:
    it = court()
    it.use(GoogleBenchmarkVerifier)
    with pytest.raises(BaselineError, match="unchanged code cannot be read: there is no JSON report"):
        it.judge.establish()


class Tolerant(SaidFigures):
    """Any sum will do that is odd where the other is."""

    def differs(self, stream, expected, actual):
        return None if int(expected) % 2 == int(actual) % 2 else f"{stream}: odd and even"

    def comparable(self, stream, data):
        return data.removeprefix(b"sum ")


def test_a_verifier_may_compare_itself(opened) -> None:
    it = opened(Tolerant)
    faster = kernel("cpu 0.02", "fig a 5", "fig b 20", "fig c 5")
    even = it.judge.judge(it.commit({"kernel.c": faster.replace("return s", "return n == 3 ? s : s + 2")}))
    assert even.word is Word.ACCEPTED
    odd = it.judge.judge(it.commit({"kernel.c": faster.replace("return s", "return n == 3 ? s : s + 1")}))
    assert (odd.word, odd.reason_code) == (Word.WRONG, "output")
    assert "odd and even" in odd.gates[-1].detail


def test_a_benchmark_gets_no_input(court) -> None:
    it = court(replace(SETTINGS, bench=BenchSettings(command="cat; ./prog", timeout_s=5.0)))
    it.judge.establish()
    assert it.judge.metric == "cpu"
