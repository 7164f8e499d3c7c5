"""Pairs, tests over them, guards, and what outcomes are called."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from pesquared.core.running import Activity, RunResult, Usage
from pesquared.core.settings import AcceptSettings, Settings
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Word
from pesquared.errors import UsageError
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.failure import Failed
from pesquared.verify.measuring.decision import Comparison, Outcome, describe, gain_of, why_not
from pesquared.verify.measuring.guards import time_guard
from pesquared.verify.measuring.meter import Meter, Reading
from pesquared.verify.measuring.metric import CoreUse, choose_metric, core_use
from pesquared.verify.measuring.pairs import Pair
from tests.unit.verify.conftest import Recorder

ACCEPT = AcceptSettings()


def pairs(gain: float, spread: float, seed: int = 1, wall_gain: float | None = None):
    """Endless pairs of a candidate with a true gain."""
    rng = random.Random(seed)
    while True:
        cpu = (0.02 * rng.lognormvariate(0, spread), 0.02 * (1 - gain) * rng.lognormvariate(0, spread))
        wall = cpu if wall_gain is None else (0.03, 0.03 * (1 - wall_gain) * rng.lognormvariate(0, spread))
        yield Pair(Reading(wall[0], cpu[0]), Reading(wall[1], cpu[1]))


def comparison(source, accept: AcceptSettings = ACCEPT) -> Comparison:
    recorder = Recorder(StopRequest())
    return Comparison(lambda: next(source), "cpu", accept, recorder, recorder.stop)


@pytest.mark.parametrize(
    ("gain", "spread", "outcome", "word"),
    [
        (0.10, 0.02, Outcome.FASTER, None),
        (0.0, 0.01, Outcome.NOT_FASTER, Word.NOT_FASTER),
        (-0.5, 0.01, Outcome.NOT_FASTER, Word.SLOWER),
        (0.0, 0.8, Outcome.COMPLETE, Word.INCONCLUSIVE),
    ],
)
def test_outcomes_and_their_words(gain, spread, outcome, word) -> None:
    series = comparison(pairs(gain, spread)).decide("screen", 0.001, 150)
    assert series.outcome is outcome
    assert series.gain is not None
    assert series.gain.low <= gain <= series.gain.high
    if word:
        assert why_not(series, ACCEPT.target).word is word


@pytest.mark.parametrize("spread", [0.01, 0.1, 0.3])
def test_a_clear_loss_is_called_slower_even_in_noise(spread) -> None:
    for seed in range(20):
        series = comparison(pairs(-1.0, spread, seed)).decide("screen", 0.05, 40)
        assert why_not(series, ACCEPT.target).word is Word.SLOWER
        assert len(series.pairs) <= 14


def test_a_gain_ruled_out_by_the_last_pairs_stays_ruled_out() -> None:
    series = comparison(pairs(-0.02, 0.02, seed=3)).decide("screen", 0.05, 8)
    assert series.outcome is Outcome.NOT_FASTER


def test_whole_tests_of_identical_programs_accept_less_often_than_alpha() -> None:
    source = pairs(0.0, 0.02, seed=5)
    accept = AcceptSettings(min_gain=0.0, target=0.01)
    found = Counter(comparison(source, accept).decide("screen", 0.05, 20).outcome for _ in range(120))
    assert found[Outcome.FASTER] <= 6
    assert found[Outcome.NOT_FASTER] > 0


def test_a_failed_candidate_ends_the_series() -> None:
    failed = Failed(Word.WRONG, "output", "differs")
    source = iter([*[next(pairs(0.1, 0.01)) for _ in range(3)], failed])
    series = comparison(source).decide("screen", 0.05, 40)
    assert series.outcome is Outcome.FAILED
    assert len(series.pairs) == 3
    assert why_not(series, 0.015) is failed


@pytest.mark.parametrize(("wall_gain", "vetoed"), [(-0.02, False), (-0.3, True), (0.5, False)])
def test_the_other_time_guards(wall_gain: float, vetoed: bool) -> None:
    source = pairs(0.3, 0.02, wall_gain=wall_gain)
    failed = time_guard([next(source) for _ in range(30)], "cpu", 0.05)
    assert (failed is not None) is vetoed
    if failed:
        assert (failed.word, failed.reason_code) == (Word.NOT_FASTER, "guard-wall")


def test_a_time_that_was_not_read_once_silences_no_guard() -> None:
    source = pairs(0.3, 0.02, wall_gain=-0.3)
    worse = [next(source) for _ in range(30)]
    assert time_guard([Pair(Reading(1.0, None), Reading(1.0, 1.0)), *worse], "instructions", 0.05) is not None
    halves = [replace(pair, candidate=replace(pair.candidate, cpu_s=9.0)) for pair in worse]
    unread = replace(halves[0], baseline=replace(halves[0].baseline, cpu_s=None))
    failed = time_guard([unread, *halves[1:]], "wall", 0.05)
    assert failed is not None
    assert failed.reason_code == "guard-cpu"


def test_a_guard_needs_evidence_not_a_suspicion() -> None:
    source = pairs(0.3, 0.02, wall_gain=-0.3)
    assert time_guard([next(source) for _ in range(4)], "cpu", 0.05) is None
    assert time_guard([Pair(Reading(1.0, None), Reading(9.0, None))] * 30, "wall", 0.05) is None
    assert time_guard([next(source) for _ in range(30)], "instructions", 0.05) is not None


def test_gains_are_told_in_words() -> None:
    source = pairs(0.25, 0.01)
    gain = gain_of([next(source) for _ in range(20)], "cpu", 0.001)
    assert gain is not None
    assert describe(gain).startswith(f"{100 * gain.median:.1f} % less CPU time (95 % interval ")


def result(wall: float, cpu: float | None) -> RunResult:
    return RunResult(0, b"", b"", Usage(wall, cpu, None, "task-clock" if cpu is not None else "wall"))


def test_the_cost_of_launching_is_taken_off_and_never_makes_a_time_negative() -> None:
    meter = Meter(CommandVerifier(Settings()), Usage(0.005, 0.004, None, "task-clock"))
    reading = meter.read(result(0.025, 0.024))
    assert [reading.wall_s, reading.cpu_s] == pytest.approx([0.02, 0.02])
    fast = meter.read(result(0.004, 0.003))
    assert fast.wall_s > 0
    assert fast.cpu_s is not None
    assert fast.cpu_s > 0
    assert meter.net_cpu(result(0.004, 0.003)) == pytest.approx(-0.001)
    assert meter.net_cpu(result(0.004, None)) is None
    assert meter.read(result(0.025, None)).cpu_s is None


def test_higher_is_better_is_turned_round() -> None:
    class Rate(CommandVerifier):
        metric_name = "rate"
        higher_is_better = True

        def metric(self, result):
            return float(result.stdout.split()[0])

    meter = Meter(Rate(Settings()), Usage(0.0, 0.0, None, "wall"))
    slow, fast, none = (
        meter.read(RunResult(0, said, b"", Usage(1.0, None, None, "wall"))) for said in (b"10", b"20", b"")
    )
    assert Pair(slow, fast).log_ratio("rate") == pytest.approx(0.6931, abs=1e-3)
    assert none.own is None
    assert Pair(slow, none).log_ratio("rate") is None


def watched(looks: int, busy: int, ready: int) -> RunResult:
    return RunResult(0, b"", b"", Usage(1.0, 1.0, 1, "task-clock", Activity(looks, busy, ready)))


def test_core_use_is_what_the_program_adds_to_its_launch() -> None:
    launches = [watched(4, 2, 2), watched(2, 2, 3)]  # one idle look a launch
    busy = core_use([watched(20, 19, 19), watched(80, 79, 80)], launches)
    assert busy is not None
    assert busy.busy == 1.0
    assert busy.threads == pytest.approx(99 / 98)
    sleeping = core_use([watched(40, 4, 4)], launches)
    assert sleeping is not None
    assert sleeping.busy < 0.2
    assert core_use([watched(3, 0, 0)], launches) is None
    assert core_use([], launches) is None


def test_the_metric_is_chosen_by_how_the_program_uses_cores() -> None:
    verifier = CommandVerifier(Settings())
    assert choose_metric(verifier, ACCEPT, CoreUse(0.97, 1.02)) == "cpu"
    assert choose_metric(verifier, AcceptSettings(metric="wall"), CoreUse(1.0, 1.0)) == "wall"
    assert choose_metric(verifier, ACCEPT, CoreUse(0.5, 1.0)) == "wall"
    assert choose_metric(verifier, ACCEPT, CoreUse(1.0, 1.9)) == "wall"
    assert choose_metric(verifier, ACCEPT, None) == "wall"
    demanded = AcceptSettings(metric="cpu")
    assert choose_metric(verifier, demanded, None) == "cpu"  # accounted for, though it never computes
    with pytest.raises(UsageError, match="task clock; CPU time is not accounted for here"):
        choose_metric(verifier, demanded, None, "wall")
    with pytest.raises(UsageError, match="task clock; CPU time is accounted for here by 'cgroup'"):
        choose_metric(verifier, demanded, None, "cgroup")
