"""The verifiers that read a harness's report: our own small reports, and whatever else may be printed."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.verdict import Evidence
from pesquared.verifiers.catch2 import Catch2Verifier
from pesquared.verifiers.google_benchmark import GoogleBenchmarkVerifier
from pesquared.verifiers.hyperfine import HyperfineVerifier
from pesquared.verifiers.junit import JUnitTimesVerifier
from pesquared.verifiers.pytest_benchmark import PytestBenchmarkVerifier
from pesquared.verify.measuring.figures import Figures
from tests.support.own_figures import a_run, bench_settings

ROW = {
    "name": "a",
    "run_type": "iteration",
    "iterations": 5,
    "real_time": 30.0,
    "cpu_time": 20.0,
    "time_unit": "us",
}
GOOGLE = {"context": {}, "benchmarks": [ROW, ROW | {"name": "b/real_time", "time_unit": "ms", "sum": 7.0}]}
HYPERFINE = {"results": [{"command": "./a", "mean": 9.0, "times": [0.3, 0.1, 0.2], "exit_codes": [0, 0, 0]}]}
PYTEST = {"benchmarks": [{"name": "t", "fullname": "m.py::t", "stats": {"median": 0.25, "mean": 0.5}}]}
CATCH2 = """\
<?xml version="1.0" encoding="UTF-8"?>
<Catch name="bench"><Group name="bench"><TestCase name="sums"><Section name="in">
  <BenchmarkResults name="short" samples="100" resamples="100000" iterations="11" clockResolution="21.5">
    <mean value="1500" lowerBound="1490" upperBound="1510" ci="0.95"/>
    <standardDeviation value="10" lowerBound="9" upperBound="11" ci="0.95"/>
  </BenchmarkResults></Section>
  <BenchmarkResults name="long"><mean value="2500.5"/></BenchmarkResults>
</TestCase></Group><OverallResults successes="{}" failures="0" expectedFailures="0"/></Catch>
"""
JUNIT = """\
<testsuites><testsuite name="s"><testcase classname="c" name="one" time="0.5"/><testcase name="two" time="0.25"/>
<testcase name="left out" time="0"><skipped/></testcase></testsuite></testsuites>
"""
KINDS = [
    (GoogleBenchmarkVerifier, json.dumps(GOOGLE), {"a": 20e-6, "b/real_time": 30e-3}),
    (HyperfineVerifier, json.dumps(HYPERFINE), {"./a": 0.2}),
    (PytestBenchmarkVerifier, json.dumps(PYTEST, indent=4), {"m.py::t": 0.25}),
    (Catch2Verifier, CATCH2.format(3), {"sums/in/short": 1500e-9, "sums/long": 2500.5e-9}),
    (JUnitTimesVerifier, JUNIT, {"c/one": 0.5, "two": 0.25}),
]


@pytest.mark.parametrize(("kind", "report", "expected"), KINDS)
def test_each_benchmark_has_its_time(kind, report, expected) -> None:
    verifier = kind(bench_settings())
    said = f"some words\n{report}\nand more"
    assert verifier.metric(a_run(said.encode())) == pytest.approx(expected)
    assert verifier.evidence is (Evidence.RUNS if kind is HyperfineVerifier else Evidence.SUMMARY)
    assert verifier.comparable("stderr", b"as it is") == b"as it is"


@pytest.mark.parametrize(("kind", "report"), [row[:2] for row in KINDS])
def test_times_are_not_compared_and_a_report_that_is_cut_off_is_no_figure(kind, report) -> None:
    verifier = kind(bench_settings())
    other = report.replace("20.0", "11.0").replace("0.25", "0.11").replace("0.3", "0.4").replace("1500", "11")
    assert other != report
    assert verifier.comparable("stdout", report.encode()) == verifier.comparable("stdout", other.encode())
    assert Figures(verifier).read(a_run(report[: len(report) // 2].encode())).problem
    assert Figures(verifier).read(a_run()).problem


def altered(report, key: str, **changes: object) -> bytes:
    return json.dumps({key: [report[key][0] | changes]}).encode()


@pytest.mark.parametrize(
    ("kind", "said", "problem"),
    [
        (GoogleBenchmarkVerifier, b'{"benchmarks": []}', "names no benchmarks"),
        (GoogleBenchmarkVerifier, b'{"benchmarks": 3}', "names no benchmarks"),
        (GoogleBenchmarkVerifier, altered(GOOGLE, "benchmarks", cpu_time="x"), "'cpu_time' is not a number"),
        (GoogleBenchmarkVerifier, altered(GOOGLE, "benchmarks", cpu_time=0), "a is 0"),
        (
            GoogleBenchmarkVerifier,
            altered(GOOGLE, "benchmarks", error_occurred=True, error_message="bad\x01"),
            "a failed: bad",
        ),
        (HyperfineVerifier, altered(HYPERFINE, "results", exit_codes=[0, 1]), "does not end with exit code 0"),
        (HyperfineVerifier, altered(HYPERFINE, "results", times=[]), "no times of './a'"),
        (HyperfineVerifier, altered(HYPERFINE, "results", times=["x"]), "no times"),
        (HyperfineVerifier, b'{"results": []}', "reports none"),
        (PytestBenchmarkVerifier, altered(PYTEST, "benchmarks", stats=3), "no statistics of 'm.py::t'"),
        (PytestBenchmarkVerifier, altered(PYTEST, "benchmarks", stats={}), "'median' is not a number"),
        (Catch2Verifier, b"<Catch/>", "reports none"),
        (Catch2Verifier, CATCH2.format(3).replace("2500.5", "x").encode(), "could not convert"),
        (JUnitTimesVerifier, JUNIT.replace('time="0.5"', "").encode(), "c/one is nan"),
        (
            JUnitTimesVerifier,
            JUNIT.replace("<skipped/>", "<failure message='1 is not 2'/>").encode(),
            "failed: left out: 1 is not 2",
        ),
    ],
)
def test_what_is_wrong_with_a_report_is_said(kind, said, problem) -> None:
    figure = Figures(kind(bench_settings())).read(a_run(said))
    assert figure.cost is None
    assert problem in figure.problem


def test_hyperfine_writes_its_report_anew_after_each_command() -> None:
    first = {"command": "./a", "times": [0.5]}
    said = "\n".join(json.dumps({"results": runs}) for runs in ([first], [first, first]))
    assert HyperfineVerifier(bench_settings()).metric(a_run(said.encode())) == {"./a": 0.5, "./a #2": 0.5}


def test_results_in_a_report_are_compared() -> None:
    google, catch2 = GoogleBenchmarkVerifier(bench_settings()), Catch2Verifier(bench_settings())
    report = json.dumps(GOOGLE).encode()
    assert google.comparable("stdout", report) == b'{"name": "b/real_time", "sum": 7.0}'
    assert google.comparable("stdout", report.replace(b"7.0", b"8.0")) != google.comparable("stdout", report)
    assert b"successes=3" in catch2.comparable("stdout", CATCH2.format(3).encode())
    assert not catch2.comparable("stdout", CATCH2.format(0).encode()).strip()  # nothing to be right by


def test_repetitions_are_one_benchmark() -> None:
    rows = [ROW, ROW | {"cpu_time": 40.0}, ROW | {"name": "a_mean", "run_type": "aggregate", "cpu_time": 1.0}]
    verifier = GoogleBenchmarkVerifier(bench_settings())
    assert verifier.metric(a_run(json.dumps({"benchmarks": rows}).encode())) == pytest.approx({"a": 30e-6})


pieces = st.sampled_from([row[1] for row in KINDS])


@given(st.sampled_from([row[0] for row in KINDS]), pieces, st.integers(0, 400), st.binary(max_size=6))
def test_whatever_is_printed_it_is_figures_or_a_problem(kind, report: str, at: int, inserted: bytes) -> None:
    said = report.encode()[:at] + inserted + report.encode()[at + len(inserted) :]
    verifier = kind(bench_settings())
    figure = Figures(verifier).read(a_run(said))
    assert (figure.cost is None) == bool(figure.problem)
    with contextlib.suppress(ValueError):
        assert isinstance(verifier.comparable("stdout", said), bytes)
