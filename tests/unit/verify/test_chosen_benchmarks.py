"""The judge with several benchmarks of which some are chosen: they alone are combined; the others are told, or guard."""

from dataclasses import replace

import pytest

from pesquared.core.settings import BenchSettings
from pesquared.core.verdict import Word
from pesquared.errors import PesquaredError
from tests.support.own_figures import NoisyFigures, SaidFigures
from tests.support.perf import SaidByPerf
from tests.unit.verify.conftest import KERNEL, SETTINGS

BEFORE = ("cpu 0.02", "fig a 10", "fig b 20", "fig c 5")


class Framed(NoisyFigures):
    """Each benchmark runs in a function of its name, but for c."""

    def frames_of(self, benchmark):
        return () if benchmark == "c" else (f"bench_{benchmark}",)


def kernel(*lines):
    return KERNEL.replace("cpu 0.02\\n", "".join(f"{line}\\n" for line in lines))


@pytest.fixture
def opened(court):
    def open_court(verifier=SaidFigures, sandbox=None, **bench):
        settings = replace(SETTINGS, bench=BenchSettings(command="./prog", timeout_s=5.0, **bench))
        it = court(settings, kernel__c=kernel(*BEFORE))
        if sandbox is not None:
            it.rig = replace(it.rig, sandbox=sandbox)
        it.use(verifier)
        it.judge.establish()
        return it

    return open_court


def candidate(it, *lines):
    return it.commit({"kernel.c": kernel(*lines)})


@pytest.mark.parametrize("verifier", [SaidFigures, NoisyFigures])
def test_only_the_chosen_are_combined_and_all_are_told(opened, verifier):
    it = opened(verifier)
    commit = candidate(it, "cpu 0.02", "fig a 5", "fig b 20", "fig c 5.5")
    verdict = it.judge.judge(commit, benchmarks=("a",))
    assert verdict.word is Word.ACCEPTED
    assert verdict.benchmarks == ("a",)
    assert verdict.gain is not None
    assert verdict.gain.median == pytest.approx(0.5)
    assert [part.name for part in verdict.parts] == ["a", "b", "c"]
    assert {event.baseline for stage in ("screen", "confirm", "claim") for event in it.recorder.pairs(stage)} == {
        10
    }

    it.judge.adopt(commit)
    lines = ("cpu 0.02", "fig a 1", "fig b 20", "fig c 8")  # a gain, if a counted
    lost = it.judge.judge(candidate(it, *lines), benchmarks=("c",))
    assert not lost.accepted
    assert lost.gain is not None
    assert lost.gain.high < 0


def test_all_count_where_none_is_named(opened):
    it = opened()
    verdict = it.judge.judge(candidate(it, "cpu 0.02", "fig a 5", "fig b 20", "fig c 5"))
    assert verdict.gain is not None
    assert verdict.gain.median == pytest.approx(1 - 0.5 ** (1 / 3))
    assert verdict.benchmarks == ()


def test_a_guard_vetoes_though_it_is_not_chosen(opened):
    it = opened(guard="c")
    verdict = it.judge.judge(candidate(it, "cpu 0.02", "fig a 5", "fig b 20", "fig c 6"), benchmarks=("a",))
    assert (verdict.word, verdict.reason_code) == (Word.NOT_FASTER, "guard-benchmark")


def test_the_whole_is_judged_on_what_is_named(opened):
    it = opened()
    commit = candidate(it, "cpu 0.02", "fig a 5", "fig b 10", "fig c 20")
    assert it.judge.judge(commit, benchmarks=("a",)).accepted
    it.judge.adopt(commit)
    verdict, gain = it.judge.conclude(commit, ("a", "b"))
    assert verdict.benchmarks == ("a", "b")
    assert gain is not None
    assert gain.median == pytest.approx(0.5)
    lost, _ = it.judge.conclude(commit)  # all of them: 4 times as slow in one, twice as fast in two
    assert not lost.accepted


@pytest.mark.parametrize("named", [("d",), ("a", "d"), ("",)])
def test_what_does_not_count_cannot_be_named(opened, named):
    it = opened(filter="a|b")
    with pytest.raises(PesquaredError, match="not all of these"):
        it.judge.judge(candidate(it, "cpu 0.01", *BEFORE[1:]), benchmarks=named)


def stack(*frames):
    """A sample as ``perf script`` prints it, leaf first, of 2 ms."""
    lines = "".join(f"\t {number} {name} (/tree/prog)\n  a.c:3\n" for number, name in enumerate(frames, 1))
    return f"prog 1/1 1.5: 2000000 cpu-clock:\n{lines}\t 99 _start (/tree/prog)\n  :0\n\n".encode()


STACKS = 700 * stack("f", "bench_a", "main") + 900 * stack("g", "bench_b", "main") + 9 * stack("g", "main")


def test_the_profile_is_told_apart_by_benchmark(opened):
    sandbox = SaidByPerf(text=STACKS)
    it = opened(Framed, sandbox)
    profiles = it.judge.benchmark_profiles()
    assert profiles is not None
    assert profiles.each["c"] is None
    assert profiles.each["a"].share_where(lambda frames: tuple(frames) == ("bench_a", "f")) == 1
    assert profiles.each["b"].total > profiles.each["a"].total > 50
    assert profiles.outside.share_where(lambda frames: "g" in frames) == 1
    assert it.judge.benchmark_profile() is None  # shares of the whole say nothing of the figures
    recorded = sandbox.runs
    assert it.judge.benchmark_profiles() is not None
    assert sandbox.runs == recorded


@pytest.mark.parametrize(
    ("verifier", "bench"), [(Framed, {"filter": "a|b"}), (Framed, {"filter": "a"}), (NoisyFigures, {})]
)
def test_nothing_is_recorded_where_nothing_is_to_be_chosen(opened, verifier, bench):
    sandbox = SaidByPerf(text=STACKS)
    it = opened(verifier, sandbox, **bench)
    assert it.judge.benchmark_profiles() is None
    assert sandbox.runs == 0


def test_where_perf_is_refused_that_is_said_and_all_count(opened):
    it = opened(Framed, SaidByPerf(exit_code=255, said=b"no permission"))
    assert it.judge.benchmark_profiles() is None
    assert any("all benchmarks count for every change: perf ended" in text for text in it.recorder.notices)


def test_without_accounting_of_cpu_time_nothing_is_recorded(opened):
    sandbox = SaidByPerf(text=STACKS, accounting="wall")
    it = opened(Framed, sandbox)
    assert it.judge.benchmark_profiles() is None
    assert sandbox.runs == 0
