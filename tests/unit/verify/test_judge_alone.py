"""The judge asked for less than the whole way: gates without measuring, one candidate without a screen."""

from dataclasses import replace

import pytest

from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Noise, Word
from pesquared.errors import BaselineError, PesquaredError
from tests.unit.verify.conftest import FAST, KERNEL, SETTINGS


def gates(verdict) -> list[tuple[str, bool]]:
    return [(gate.name, gate.passed) for gate in verdict.gates]


def test_a_check_climbs_all_gates_and_measures_nothing(court) -> None:
    it = court()
    it.judge.establish_gates()
    verdict = it.judge.check(it.commit({"kernel.c": FAST}))
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "not-measured")
    assert gates(verdict) == [("build", True), ("quick-tests", True), ("output", True), ("full-tests", True)]
    assert verdict.gain is None
    assert not any(it.recorder.pairs(stage) for stage in ("noise", "screen", "confirm", "claim"))
    assert (it.workspaces.codebase / "kernel.c").read_text() == KERNEL
    with pytest.raises(PesquaredError, match="measured before establish"):
        it.judge.judge(it.commit({"kernel.c": FAST + "int more;\n"}))


@pytest.mark.parametrize(
    ("change", "word", "code", "gate"),
    [
        (("int s = 0;", ""), Word.BUILD_FAILED, "build", ("build", False)),
        (("return s", "return n == 100 ? 7 : s"), Word.WRONG, "output", ("output", False)),
        (("return s", "return n == 3 ? 7 : s"), Word.WRONG, "tests", ("full-tests", False)),
        (("peak", "more"), Word.UNCHANGED, "same-program", ("build", True)),
    ],
)
def test_a_check_says_which_gate_does_not_hold(court, change, word, code, gate) -> None:
    it = court(replace(SETTINGS, test=SuiteSettings(full="./prog test")))
    it.judge.establish_gates()
    verdict = it.judge.check(it.commit({"kernel.c": KERNEL.replace(*change)}))
    assert (verdict.word, verdict.reason_code) == (word, code)
    assert gates(verdict)[-1] == gate


def test_an_output_that_is_masked_whole_is_no_gate_that_was_passed(court) -> None:
    it = court(replace(SETTINGS, bench=replace(SETTINGS.bench, command="./prog > /dev/null; date +'at %s%N'")))
    it.judge.establish_gates()
    verdict = it.judge.check(it.commit({"kernel.c": FAST}))
    assert gates(verdict) == [("build", True), ("quick-tests", True), ("full-tests", True)]
    assert any("no result is compared" in said and "stdout, line 1: “at " in said for said in it.recorder.notices)


def test_a_check_needs_a_baseline_that_passes(court) -> None:
    with pytest.raises(BaselineError, match="quick test command"):
        court(replace(SETTINGS, test=SuiteSettings(quick="false"))).judge.establish_gates()


@pytest.mark.parametrize(
    ("change", "word", "code"),
    [
        (("int s = 0;", ""), Word.BUILD_FAILED, "build"),
        (("peak", "more"), Word.UNCHANGED, "same-program"),
    ],
)
def test_what_is_not_to_be_measured_costs_no_measurement_of_the_noise(court, change, word, code) -> None:
    it = court()
    told: list[Noise] = []
    verdict = it.judge.compare(it.commit({"kernel.c": KERNEL.replace(*change)}), told.append)
    assert (verdict.word, verdict.reason_code) == (word, code)
    assert told == []
    assert not it.recorder.pairs("noise")


def test_a_candidate_alone_is_built_before_the_noise_is_measured_once(court) -> None:
    it = court()
    told: list[Noise] = []
    verdict = it.judge.compare(it.commit({"kernel.c": FAST}), told.append)
    assert verdict.word is Word.ACCEPTED
    assert (it.judge.metric, it.judge.runtime_s) == ("cpu", pytest.approx(0.02, rel=0.1))
    stages = it.recorder.stages
    assert stages.index("building the candidate") < stages.index("measuring the baseline against itself")
    assert (
        it.judge.compare(it.commit({"kernel.c": KERNEL.replace("0.02", "0.03")}), told.append).word is Word.SLOWER
    )
    assert [noise.pairs for noise in told] == [30]
    assert len(it.recorder.pairs("noise")) == 30


@pytest.mark.parametrize("stage", ["building the candidate", "measuring the baseline against itself"])
def test_an_interruption_before_the_first_pair_tells_no_noise(court, stage) -> None:
    it = court()
    it.recorder.stop_at = lambda _event: it.recorder.stages[-1:] == [stage]
    told: list[Noise] = []
    verdict = it.judge.compare(it.commit({"kernel.c": FAST}), told.append)
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "interrupted")
    assert [(noise.half_width, noise.pairs) for noise in told] == [(None, 0)] * stage.startswith("measuring")


def test_a_candidate_alone_is_decided_once_at_the_full_level(court) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.compare(it.commit({"kernel.c": FAST}))
    assert verdict.word is Word.ACCEPTED
    assert verdict.gain is not None
    assert verdict.gain.alpha == 0.001
    assert gates(verdict) == [("build", True), ("quick-tests", True), ("output", True), ("full-tests", True)]
    assert not it.recorder.pairs("screen")
    slower = it.judge.compare(it.commit({"kernel.c": KERNEL.replace("0.02", "0.03")}))
    assert (slower.word, slower.reason_code) == (Word.SLOWER, "slower")
    assert it.judge.compare(it.base).reason_code == "identical"
