"""The harness for users' verifiers: good ones pass, each fault is said, and the ready ones pass with real tools."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pesquared.core.settings import BenchSettings, BuildSettings, Settings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Evidence
from pesquared.errors import UsageError
from pesquared.testing import check_verifier
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import PerformanceVerifier, Suite, load_verifier

SETTINGS = Settings(test=SuiteSettings(quick="test $(cat built) = 42"), bench=BenchSettings(command="cat built"))


class Good(CommandVerifier):
    """Copies an input and says what stands in it."""

    metric_name = "lines"
    deterministic = True

    def build(self, workspace):
        return workspace.run("cp input built")

    def metric(self, result):
        return {"all": float(len(result.stdout)), "some": 1.0}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "input").write_text("42\n")
    return folder


def break_result(folder: Path) -> None:
    (folder / "input").write_text("43\n")


def test_a_good_verifier_passes_and_is_reported_on(project: Path) -> None:
    report = check_verifier(Good, project, SETTINGS, breaks=break_result)
    assert (report.metric_name, report.evidence) == ("lines", Evidence.RUNS)
    assert report.figures == ({"all": 3.0, "some": 1.0},) * 3
    assert report.suites == {Suite.QUICK}
    assert report.compared == ("stdout",)
    assert not report.writes
    assert [path.name for path in project.iterdir()] == ["input"]


def test_a_metric_is_not_needed(project: Path) -> None:
    settings = Settings(build=BuildSettings("cp input built"), bench=BenchSettings("cat built > out; cat built"))
    report = check_verifier(CommandVerifier, project, settings, breaks=break_result)
    assert (report.metric_name, report.figures, report.writes) == ("", (), ("out",))
    assert report.compared == ("stdout", "file:out")


def test_settings_may_be_given_as_the_file_would_say_them(project: Path) -> None:
    report = check_verifier(Good, project, {"test": {"quick": "test -e built"}, "bench": {"command": "cat built"}})
    assert report.suites == {Suite.QUICK}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"bench": {"comand": "cat built"}},
            r"settings=: unknown setting bench\.comand\n.*did you mean bench\.command",
        ),
        ({"bench": {"timeout_s": "soon"}}, r"settings=: bench\.timeout_s: "),
        ({"bench": "cat built"}, "bench is not a table"),
        ({3: {}}, r"unknown setting \[3\]"),
        ("cat built", r"settings= is a str\n.*give Settings, or a mapping"),
    ],
)
def test_settings_that_are_none_are_not_the_class_s_fault(project: Path, settings, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_verifier(Good, project, settings)


def with_(**methods) -> type[PerformanceVerifier]:
    return type("Faulty", (Good,), methods)


def counting():
    values = iter(range(1, 1000))
    return lambda *_: next(values)


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        (
            {"build": lambda self, workspace: workspace.run("echo broken >&2; false")},
            r"build\(\) ended .*code 1 .*\n.*broken",
        ),
        ({"prepare": lambda self, workspace: workspace.run("exit 3")}, r"prepare\(\) ended with exit code 3"),
        ({"test": lambda self, workspace, suite: workspace.run("false")}, r"test\(quick\) ended with exit code 1"),
        ({"calibrate": lambda self, workspace: workspace.run("false")}, r"calibrate\(\) ended with exit code 1"),
        ({"bench": lambda self, workspace: workspace.run("false")}, r"bench\(\) ended with exit code 1"),
        ({"bench": lambda self, workspace: "done"}, r"Faulty\.bench\(\) returns str"),
        (
            {"bench": lambda self, workspace: workspace.run("cat built") and workspace.run("cat built")},
            "runs 2 commands",
        ),
        (
            {"bench": lambda self, workspace: workspace.run("cat built; mktemp -p . XXXXXX")},
            "other files from run to run",
        ),
        ({"metric": lambda self, result: float("nan")}, r"metric\(\) of lines: it is nan"),
        ({"metric": lambda self, result: 0.0}, "it is 0"),
        ({"metric": lambda self, result: None}, "reports none"),
        ({"metric": counting()}, "said to be deterministic"),
        ({"metric": lambda self, result: {str(len(result.stdout) and id(result)): 1.0}}, "does not report"),
        ({"metric": lambda self, result: result.nothing}, r"test_testing\.py:\d+: AttributeError"),
        (
            {"comparable": lambda self, stream, data: b"", "test": lambda self, workspace, suite: None},
            "nothing to be right by",
        ),
        ({"comparable": lambda self, stream, data: "text"}, r"Faulty\.comparable\(\) returns str"),
        ({"__init__": lambda self: None}, r"test_testing\.py:\d+: .*takes 1 positional argument"),
        ({"bench": lambda self, workspace: sys.exit(0)}, r"test_testing\.py:\d+: SystemExit: 0"),
        ({"deterministic": "yes"}, "deterministic is 'yes', not a bool"),
    ],
)
def test_each_fault_is_said(project: Path, methods, message: str) -> None:
    with pytest.raises(AssertionError, match=rf"(?s)Faulty.*(?:{message})"):
        check_verifier(with_(**methods), project, SETTINGS)


def test_a_report_that_is_not_there_is_said(project: Path) -> None:
    settings = Settings(build=BuildSettings("true"), bench=BenchSettings("echo 42"))
    with pytest.raises(
        AssertionError, match=r"calibrate\(\) cannot read what is printed: there is no JSON report"
    ):
        check_verifier(load_verifier("google-benchmark"), project, settings)


def test_an_edit_that_nobody_notices_is_said(project: Path) -> None:
    blind = with_(test=lambda self, workspace, suite: None, comparable=lambda self, stream, data: data[:1])
    with pytest.raises(AssertionError, match="does not show it"):
        check_verifier(blind, project, SETTINGS, breaks=break_result)
    with pytest.raises(AssertionError, match=r"build\(\) ended"):
        check_verifier(Good, project, SETTINGS, breaks=lambda folder: (folder / "input").unlink())


def test_files_that_are_not_declared_are_said(project: Path) -> None:
    settings = Settings(bench=BenchSettings("cat built; echo > out; echo > other", writes=("out",)))
    with pytest.raises(AssertionError, match=r"bench\(\) writes other, which \[bench\] writes does not name"):
        check_verifier(Good, project, settings)


def test_a_verifier_that_lives_on_what_it_left_is_found_out(project: Path) -> None:
    class Faulty(Good):
        made = 0

        def __init__(self, settings):
            super().__init__(settings)
            Faulty.made += 1

        def bench(self, workspace):
            return workspace.run("cat built" if self.made == 1 else "echo 41")

    with pytest.raises(AssertionError, match=r"bench\(\) on a second copy of the project differs: stdout: line 1"):
        check_verifier(Faulty, project, SETTINGS)


GOOGLE = """\
#include <benchmark/benchmark.h>
static void sum(benchmark::State &s) { for (auto _ : s) { int t = 0; for (int i = 0; i < 99; i++) benchmark::DoNotOptimize(t += i); } }
BENCHMARK(sum)->Iterations(1000);
BENCHMARK_MAIN();
"""


def needs(*tools: str):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


@pytest.mark.parametrize(
    ("name", "bench", "evidence"),
    [
        pytest.param("hyperfine", "hyperfine --style none --export-json /dev/stdout --runs 2 -N true", Evidence.RUNS, marks=needs("hyperfine")),
        pytest.param("perf-stat", "cat built", Evidence.RUNS, marks=needs("perf")),
        ("peak-memory", "cat built; sleep 0.05", Evidence.RUNS),
        ("number", "cat built; echo 3 s", Evidence.RUNS),
        ("command", "cat built", Evidence.RUNS),
    ],
)  # fmt: skip
def test_ready_verifiers_work_with_the_real_tools(
    project: Path, name: str, bench: str, evidence: Evidence
) -> None:
    settings = Settings(
        build=BuildSettings("cp input built"),
        test=SuiteSettings(quick="test $(cat built) = 42"),
        bench=BenchSettings(bench, number="([0-9]+) s" if name == "number" else ""),
    )
    report = check_verifier(load_verifier(name), project, settings, breaks=break_result)
    assert report.evidence is evidence


def test_google_benchmark_itself(project: Path) -> None:
    (project / "bench.cc").write_text(GOOGLE)
    command = ["c++", "-o", "bench", "bench.cc", "-lbenchmark", "-lpthread"]
    if subprocess.run(command, cwd=project, capture_output=True, check=False).returncode:
        pytest.skip("needs Google Benchmark")
    settings = Settings(build=BuildSettings("true"), test=SuiteSettings("true"), bench=BenchSettings("./bench"))
    report = check_verifier(load_verifier("google-benchmark"), project, settings)
    assert report.figures[0].keys() == {"sum/iterations:1000"}
    assert report.evidence is Evidence.RUNS  # its count is fixed in the code
