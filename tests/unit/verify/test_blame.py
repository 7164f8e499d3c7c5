"""Errors in a user's verifier are reported with their file and line; ours stay what they are."""

import re
from pathlib import Path

import pytest

from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import BenchSettings, Settings
from pesquared.errors import BaselineError, UsageError
from pesquared.sandbox.none import Unconfined
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import Suite, Workspace, load_verifier
from pesquared.verify.blame import answerable
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.measuring.figures import Figures
from pesquared.verify.registry import make_verifier

RUN = RunResult(0, b"", b"", Usage(1.0, None, None, "wall"))
MINE = """\
import json
from dataclasses import dataclass
from pesquared import PerformanceVerifier


@dataclass
class Limits:
    most: "int" = 3


class Mine(PerformanceVerifier):
    metric_name = "mine"
    higher_is_better = True
    def build(self, workspace): {build}
    def prepare(self, workspace): {prepare}
    def test(self, workspace, suite): {test}
    def bench(self, workspace): {bench}
    def metric(self, result): {metric}
    def calibrate(self, workspace): {calibrate}
    def comparable(self, stream, data): {comparable}
    def differs(self, stream, expected, actual): {differs}
    def frames_of(self, benchmark): {frames_of}
"""
METHODS = ("build", "prepare", "test", "bench", "metric", "calibrate", "comparable", "differs", "frames_of")
LINES = {name: number for number, name in enumerate(METHODS, 14)}


def mine(folder: Path, **bodies: str):
    path = folder / "mine.py"
    path.write_text(MINE.format(**{name: bodies.get(name, "return None") for name in LINES}))
    return answerable(load_verifier(f"{path}:Mine")(Settings()))


def call(verifier, method: str, folder: Path):
    workspace = Workspace(folder, folder, Unconfined(accounting="wall"))
    arguments = {
        "metric": (RUN,),
        "test": (workspace, Suite.QUICK),
        "comparable": ("stdout", b"x"),
        "differs": ("stdout", b"x", b"y"),
        "frames_of": ("BM_x",),
    }.get(method, (workspace,))
    return getattr(verifier, method)(*arguments)


@pytest.mark.parametrize("method", LINES)
@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("raise RuntimeError('no such luck')", "RuntimeError: no such luck"),
        ("return json.dumps({1, 2})", "TypeError: Object of type set is not JSON serializable"),
        ("return self.nothing", "AttributeError: "),
        ("raise SystemExit(0)", "SystemExit: 0"),  # else the program would end as if it were faster
        ("exit()", "SystemExit: None"),
    ],
)
def test_an_exception_is_theirs(tmp_path: Path, method: str, body: str, what: str) -> None:
    with pytest.raises(
        UsageError, match=rf"{re.escape(str(tmp_path))}/mine\.py:{LINES[method]}: {what}"
    ) as caught:
        call(mine(tmp_path, **{method: body}), method, tmp_path)
    assert caught.value.fix == "mend the file"


@pytest.mark.parametrize("method", LINES)
def test_so_is_an_answer_that_cannot_be_used(tmp_path: Path, method: str) -> None:
    with pytest.raises(UsageError, match=rf"mine\.py: Mine\.{method}\(\) returns list, not"):
        call(mine(tmp_path, **{method: "return [b'done']"}), method, tmp_path)
    with pytest.raises(UsageError, match=r"Mine\.bench\(\) returns NoneType"):
        call(mine(tmp_path), "bench", tmp_path)


def test_what_works_works_as_before(tmp_path: Path) -> None:
    verifier = mine(tmp_path, bench="return workspace.run('echo 3')", metric="return 2")
    assert (verifier.metric_name, verifier.higher_is_better, verifier.deterministic) == ("mine", True, False)
    assert call(verifier, "bench", tmp_path).stdout == b"3\n"
    assert call(verifier, "metric", tmp_path) == 2.0
    assert call(verifier, "build", tmp_path) is None


def test_a_run_that_does_not_report_the_metric_is_no_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        call(mine(tmp_path, metric="return float(result.stdout)"), "metric", tmp_path)
    with pytest.raises(RecursionError):
        call(mine(tmp_path, metric="return json.loads('[' * 100000)"), "metric", tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_who_stops_the_program_stops_it(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        call(mine(tmp_path, bench=f"raise {error.__name__}"), "bench", tmp_path)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("return workspace.run('echo 1') and workspace.run('echo 2')", 2),
        (
            "from pesquared.core.running import RunResult as R, Usage as U; return R(0, b'', b'', U(1, 1, 1, 'wall'))",
            0,
        ),
    ],
)
def test_a_benchmark_is_one_run(tmp_path: Path, body: str, count: int) -> None:
    with pytest.raises(UsageError, match=rf"mine\.py: Mine: bench\(\) runs {count} commands") as caught:
        call(mine(tmp_path, bench=body), "bench", tmp_path)
    assert "one command line" in caught.value.fix


@pytest.mark.parametrize("method", ["comparable", "differs"])
def test_what_cannot_be_read_on_the_unchanged_code_has_its_line(tmp_path: Path, method: str) -> None:
    works = {"comparable": "return data"}
    verifier = mine(tmp_path, **{**works, method: "return 1 / 0"})
    gate = OutputGate(bytes, verifier=verifier)
    where = rf"cannot be read: \S*mine\.py:{LINES[method]}: ZeroDivisionError: division by zero"
    with pytest.raises(BaselineError, match=where):
        _ = [gate.learn({"stdout": b"1\n"}) for _ in range(2)]


def test_a_figure_that_cannot_be_read_has_its_line(tmp_path: Path) -> None:
    problem = Figures(mine(tmp_path, metric="return 1 / 0")).read(RUN).problem
    assert f"mine.py:{LINES['metric']}: ZeroDivisionError" in problem


def test_several_benchmarks_are_numbers_by_name(tmp_path: Path) -> None:
    assert call(mine(tmp_path, metric="return {'a': 2, 'b': 2.5}"), "metric", tmp_path) == {"a": 2.0, "b": 2.5}
    for answer in ("{1: 2.0}", "{'a': 'b'}"):
        with pytest.raises(UsageError, match=r"Mine\.metric\(\) returns dict, not a number, a mapping of names"):
            call(mine(tmp_path, metric=f"return {answer}"), "metric", tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("metric_name = 3", "metric_name is 3, not a str"),
        ("evidence = 'runs'", "evidence is 'runs', not an Evidence"),
        ("def __init__(self, settings): pass", r"settings are missing: its __init__ must call super"),
    ],
)
def test_attributes_of_the_wrong_kind_are_theirs(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=rf"mine\.py: Mine: {message}"):
        mine(tmp_path, differs=f"pass\n    {line}")


HALF = """\
from pesquared import PerformanceVerifier
from pesquared.verifiers.number import NumberVerifier
from pesquared.verifiers.command import CommandVerifier

class Mine({base}):
    def bench(self, workspace): return workspace.run("true")
    {body}
"""
READS = "def metric(self, result): return 1.0"
NAMED_LATER = "def calibrate(self, workspace): self.metric_name = 'x'"


def half(folder: Path, base: str, *lines: str):
    (folder / "mine.py").write_text(HALF.format(base=base, body="\n    ".join(lines)))
    kind = load_verifier(f"{folder}/mine.py:Mine")
    return answerable(kind(Settings(bench=BenchSettings(number="([0-9]+) x", number_name="x/s"))))


def test_a_metric_without_a_name_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mine\.py:7: Mine: metric\(\) has no metric_name") as caught:
        half(tmp_path, "PerformanceVerifier", READS)
    assert 'metric_name = "requests/s"' in caught.value.fix
    verifier = half(tmp_path, "PerformanceVerifier", READS, "def calibrate(self, workspace): pass")
    with pytest.raises(UsageError, match="has no metric_name"):  # it had its chance
        call(verifier, "calibrate", tmp_path)


def test_a_name_without_a_metric_is_not_either(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mine\.py: Mine: metric_name is 'x', but there is no metric\(\)"):
        half(tmp_path, "CommandVerifier", "metric_name = 'x'")


@pytest.mark.parametrize(
    ("base", "lines", "name"),
    [
        ("PerformanceVerifier", (READS, "metric_name = ''"), ""),  # so it is meant
        ("PerformanceVerifier", (READS, "metric_name = 'x'"), "x"),
        ("PerformanceVerifier", (READS, NAMED_LATER), "x"),
        ("NumberVerifier", (), "x/s"),
        ("NumberVerifier", (READS,), "x/s"),
        ("CommandVerifier", (), ""),
    ],
)
def test_both_or_none_is_well(tmp_path: Path, base: str, lines: tuple[str, ...], name: str) -> None:
    verifier = half(tmp_path, base, *lines)
    call(verifier, "calibrate", tmp_path)
    assert verifier.metric_name == name


def test_what_calibration_finds_out_is_taken_over(tmp_path: Path) -> None:
    verifier = mine(tmp_path, calibrate="self.metric_name = 'mine/iteration'")
    call(verifier, "calibrate", tmp_path)
    assert verifier.metric_name == "mine/iteration"
    with pytest.raises(UsageError, match="higher_is_better is 'yes', not a bool"):
        call(mine(tmp_path, calibrate="self.higher_is_better = 'yes'"), "calibrate", tmp_path)


def test_who_compares_is_known(tmp_path: Path) -> None:
    assert mine(tmp_path).compares
    (tmp_path / "plain.py").write_text(
        MINE.format(**dict.fromkeys(METHODS, "pass")).partition("    def differs")[0]
    )
    plain = answerable(load_verifier(f"{tmp_path}/plain.py:Mine")(Settings()))
    assert not plain.compares


def test_our_own_errors_pass(tmp_path: Path) -> None:
    ours = CommandVerifier(Settings())
    assert answerable(ours) is ours
    with pytest.raises(UsageError, match="no benchmark command"):
        call(ours, "bench", tmp_path)


class Hasty(CommandVerifier):
    def bench(self, workspace):
        raise KeyError(workspace.timeout_s)


def test_a_judge_reports_them_so(court) -> None:
    it = court()
    it.use(Hasty)
    with pytest.raises(UsageError, match=r"test_blame\.py:\d+: KeyError"):
        it.judge.establish()


def test_what_its_constructor_raises_is_theirs(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from pesquared import PerformanceVerifier\nclass Mine(PerformanceVerifier):\n"
        "    def __init__(self, settings):\n        super().__init__(settings)\n        self.rate = 1 / 0\n"
        "    def bench(self, workspace): return workspace.run('true')\n"
    )
    with pytest.raises(UsageError, match=r"mine\.py:5: ZeroDivisionError"):
        make_verifier(f"{path}:Mine", Settings())
