"""Verifiers of one figure: a number that is printed, peak memory, counted instructions, events of perf."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.verdict import Evidence
from pesquared.errors import UsageError
from pesquared.sandbox.none import Unconfined
from pesquared.verifiers.callgrind import CallgrindVerifier
from pesquared.verifiers.number import NumberVerifier
from pesquared.verifiers.peak_memory import PeakMemoryVerifier
from pesquared.verifiers.perf_stat import PerfStatVerifier
from pesquared.verify import Workspace
from pesquared.verify.measuring.figures import Figures
from tests.support.own_figures import a_run, bench_settings

RATE = "([^ ]+) requests/s"


def number(**settings: object) -> NumberVerifier:
    return NumberVerifier(bench_settings(**{"number": RATE, "number_name": "requests/s"} | settings))


def test_the_last_match_of_output_or_errors_counts() -> None:
    assert number().metric(a_run(b"10 requests/s\n1.5e3 requests/s\n", b"7 requests/s")) == 1500.0
    assert number().metric(a_run(b"nothing", b"7 requests/s")) == 7.0
    for said in (b"", b"x requests/s", b"nan requests/s", b"-3 requests/s", b"1e999 requests/s"):
        assert Figures(number()).read(a_run(said)).problem


def test_a_match_that_is_no_number_is_shown() -> None:
    with pytest.raises(ValueError, match=r"\[bench\] number matches 'abc', which is no number"):
        number(number="([a-z]+) requests").metric(a_run(b"abc requests"))


def test_the_number_is_what_the_settings_call_it() -> None:
    verifier = number(higher_is_better=True, deterministic=True)
    assert (verifier.metric_name, verifier.higher_is_better, verifier.deterministic) == ("requests/s", True, True)
    assert verifier.evidence is Evidence.RUNS


def test_the_number_itself_is_not_compared() -> None:
    one, other = (
        number().comparable("stdout", said) for said in (b"sum 4, 10 requests/s", b"sum 4, 9 requests/s")
    )
    assert one == other == b"sum 4,  requests/s"
    assert number().comparable("file:x", b"10 requests/s") == b"10 requests/s"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("", "needs"), ("requests", "0 groups"), ("(a)(b)", "2 groups"), ("(", "no regular"), ("(" * 2000, "longer")],
)
def test_an_expression_that_cannot_be_used_is_said(pattern: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        number(number=pattern)


@pytest.mark.parametrize("name", ["", "x" * 61, "a\nb"])
def test_so_is_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="number_name"):
        number(number_name=name)


def test_peak_memory_is_read_where_it_is_watched(tmp_path: Path) -> None:
    verifier = PeakMemoryVerifier(bench_settings())
    (tmp_path / "bench").write_text("#!/bin/sh\nsleep 0.1\n")
    (tmp_path / "bench").chmod(0o755)
    result = verifier.bench(Workspace(tmp_path, tmp_path, Unconfined(accounting="wall"), 60.0))
    assert result.ok
    assert verifier.metric(result) > 1e5
    assert Figures(verifier).read(a_run()).problem == "memory is not watched here"


def test_instructions_of_all_processes_are_added_up() -> None:
    verifier = CallgrindVerifier(bench_settings())
    said = b"own words\n==12== Events    : Ir\n==12== Collected : 1000\n==7== Collected : 500\n"
    assert verifier.metric(a_run(stderr=said)) == 1500.0
    assert verifier.evidence is Evidence.COUNTS
    assert verifier.comparable("stderr", said) == b"own words\n"
    assert Figures(verifier).read(a_run()).problem == "callgrind reports no count"


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="needs valgrind")
def test_callgrind_itself(tmp_path: Path) -> None:
    (tmp_path / "bench").write_text("#!/bin/sh\ntrue 2>/dev/null\n")
    (tmp_path / "bench").chmod(0o755)
    verifier = CallgrindVerifier(bench_settings())
    place = Workspace(tmp_path, tmp_path, Unconfined(accounting="wall"), 60.0)
    assert verifier.calibrate(place) is None
    assert verifier.metric(verifier.bench(place)) > 10_000
    (tmp_path / "bench").write_text("#!/bin/sh\nexit 3\n")
    failed = verifier.calibrate(place)
    assert failed is not None
    assert failed.exit_code == 3


def perf(event: str = "number") -> PerfStatVerifier:
    return PerfStatVerifier(bench_settings(number_name=event))


def test_the_last_line_of_the_event_is_read() -> None:
    said = b"1,,instructions\n12.5,msec,task-clock,1,100.00\n13.5,msec,task-clock:u,1,100.00\nwords, too\n"
    assert perf().metric(a_run(stderr=said)) == 13.5
    assert perf().comparable("stderr", said) == b"1,,instructions\nwords, too\n"
    for none in (b"", b"<not counted>,,task-clock,0,,", b"x,,task-clock,0"):
        assert Figures(perf()).read(a_run(stderr=none)).problem


@pytest.mark.parametrize(
    ("event", "evidence"),
    [("number", Evidence.RUNS), ("duration_time", Evidence.RUNS), ("instructions", Evidence.COUNTS)],
)
def test_only_times_may_accept(event: str, evidence: Evidence) -> None:
    assert perf(event).evidence is evidence


def test_what_is_no_event_is_said() -> None:
    with pytest.raises(UsageError, match="no event of perf"):
        perf("a; rm -rf b")


def test_an_event_that_the_host_cannot_count_is_said(tmp_path: Path) -> None:
    class Says(Unconfined):
        def run(self, command):
            return a_run(stderr=b"<not supported>,,cycles,0,100.00,,\n")

    with pytest.raises(UsageError, match="cannot count cycles: perf says <not supported>"):
        perf("cycles").calibrate(Workspace(tmp_path, tmp_path, Says(accounting="wall")))


@given(st.binary(max_size=100) | st.sampled_from([b"==1== Collected : ", b"1,,task-clock,", b"9 requests/s"]))
def test_whatever_is_printed_it_is_a_figure_or_a_problem(said: bytes) -> None:
    for verifier in (CallgrindVerifier(bench_settings()), perf()):
        figure = Figures(verifier).read(a_run(said, said))
        assert (figure.cost is None) == bool(figure.problem)
        assert isinstance(verifier.comparable("stderr", said), bytes)
