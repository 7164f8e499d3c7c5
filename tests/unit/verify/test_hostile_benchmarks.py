"""Benchmarks that do what benchmarks should not: each has a defined answer, on the unchanged code and later."""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pesquared.core.settings import AcceptSettings, BenchSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from pesquared.errors import BaselineError
from pesquared.verify.judge import TreeJudge
from tests.unit.verify.conftest import FAST, KERNEL, MAIN, SETTINGS


def bench(command: str, timeout_s: float = 5.0) -> BenchSettings:
    return BenchSettings(command=command, timeout_s=timeout_s)


UNTESTED = replace(SETTINGS, test=SuiteSettings())
RANDOM = "head -c 20 /dev/urandom | od -c | tr 0-9 a-j; ./prog > /dev/null"


def test_random_output_leaves_nothing_to_be_right_by(court) -> None:
    with pytest.raises(BaselineError, match="nothing to be right by"):
        court(replace(UNTESTED, bench=bench(RANDOM))).judge.establish()


def test_where_nothing_must_be_checked_that_is_said_once(court) -> None:
    it = court(replace(UNTESTED, bench=bench(RANDOM)))
    judge = TreeJudge(replace(it.rig, must_be_checked=False), it.base)
    judge.establish()
    assert [notice for notice in it.recorder.notices if notice.startswith("nothing is checked")] != []
    assert len([notice for notice in it.recorder.notices if notice.startswith("nothing is checked")]) == 1
    assert judge.compare(it.commit({"kernel.c": FAST})).accepted


# From the run on that the file names, the benchmark never ends where {1} holds.
HANGS = "echo run >> {0}/runs; [ $(wc -l < {0}/runs) -lt $(cat {0}/from) ] || ! {1} || exec sleep 1000; ./prog"


def hanging(court, tmp_path, run: int, where: str):
    (tmp_path / "from").write_text(str(run))
    return court(replace(SETTINGS, bench=bench(HANGS.format(tmp_path, where), timeout_s=1.0)))


def test_unchanged_code_that_hangs_in_the_fifth_run(court, tmp_path) -> None:
    with pytest.raises(BaselineError, match="took too long and was stopped on the unchanged code"):
        hanging(court, tmp_path, 5, "true").judge.establish()


@pytest.mark.parametrize(
    ("where", "ending"),
    [
        ("[ -f changed ]", (Word.SLOWER, "timeout")),
        ("[ ! -f changed ]", (Word.INCONCLUSIVE, "baseline-unstable")),
    ],
)
def test_one_side_hangs_in_the_fifth_run(court, tmp_path, where, ending) -> None:
    it = hanging(court, tmp_path, 100_000, where)
    it.judge.establish()
    so_far = len((tmp_path / "runs").read_text().splitlines())
    (tmp_path / "from").write_text(str(so_far + 5))
    verdict = it.judge.compare(it.commit({"kernel.c": FAST, "changed": ""}))
    assert (verdict.word, verdict.reason_code) == ending
    assert len(it.recorder.pairs("confirm")) in (1, 2)


MANY = "mkdir many && cd many && seq 12000 | xargs touch"


def test_unchanged_code_that_leaves_too_many_files(court) -> None:
    with pytest.raises(BaselineError, match="leaves or changes 12001 files, and 10000 are the most"):
        court(replace(SETTINGS, bench=bench(f"./prog; {MANY}", timeout_s=60.0))).judge.establish()


@pytest.mark.parametrize("writes", [(), ("many/",)])
def test_a_candidate_that_leaves_too_many_files(court, writes) -> None:
    it = court(replace(SETTINGS, bench=BenchSettings("./prog", timeout_s=60.0, writes=writes)))
    it.judge.establish()
    leaves = FAST.replace("return s", f'if (n == 100) system("{MANY}"); return s')
    verdict = it.judge.judge(it.commit({"kernel.c": "#include <stdlib.h>\n" + leaves}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "tree-changed")
    assert "leaves or changes 12001 files" in verdict.reason
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted


def test_what_is_left_running_is_not_waited_for(court, tmp_path) -> None:
    it = court(replace(SETTINGS, bench=bench(f"sleep 1000 & echo $! > {tmp_path}/pid; ./prog")))
    it.judge.establish()
    assert it.judge.compare(it.commit({"kernel.c": FAST})).accepted
    state = Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}/stat")
    with suppress(FileNotFoundError, ProcessLookupError):  # gone
        while " Z " not in state.read_text():  # killed, but not reaped yet by whoever inherited it
            time.sleep(0.01)


@pytest.mark.parametrize(("metric", "takes", "said"), [("cpu", "cpu", True), ("auto", "wall", False)])
def test_threads_are_summed_in_cpu_time_and_that_is_said(court, metric, takes, said) -> None:
    settings = replace(SETTINGS, accept=AcceptSettings(metric=metric))
    it = court(settings, kernel__c=KERNEL.replace("cpu 0.02", "cpu 0.08\\nwall 0.02"))
    assert it.judge.establish().metric == takes
    told = [notice for notice in it.recorder.notices if "threads at a time" in notice]
    assert len(told) == said
    assert not said or "4.0 threads" in told[0]


def test_standard_input_is_empty(court) -> None:
    it = court(replace(SETTINGS, bench=bench("cat; ./prog")))
    it.judge.establish()
    assert it.judge.compare(it.commit({"kernel.c": FAST})).accepted


def test_a_benchmark_that_needs_an_answer_is_refused(court) -> None:
    with pytest.raises(BaselineError, match="the benchmark ended with exit code 1"):
        court(replace(SETTINGS, bench=bench("read answer && ./prog"))).judge.establish()


FLOOD = "head -c 1000000000 /dev/zero"


def test_a_flood_of_output_on_the_unchanged_code(court) -> None:
    with pytest.raises(BaselineError, match="printed too much and was stopped"):
        court(replace(SETTINGS, bench=bench(FLOOD, timeout_s=60.0))).judge.establish()


def test_a_flood_of_output_from_a_candidate(court) -> None:
    it = court(replace(SETTINGS, bench=bench(f"[ ! -f floods ] || {FLOOD}; ./prog", timeout_s=60.0)))
    it.judge.establish()
    verdict = it.judge.compare(it.commit({"kernel.c": FAST, "floods": ""}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "output")
    assert "too much" in verdict.reason


def test_a_benchmark_that_writes_into_its_sources(court) -> None:
    it = court(replace(SETTINGS, bench=bench("echo '/* run */' >> main.c; ./prog")))
    it.judge.establish()
    assert it.judge.compare(it.commit({"kernel.c": FAST})).accepted  # each run begins from the same state
    assert (it.root / "main.c").read_text() == MAIN


def test_a_benchmark_that_writes_into_what_the_candidate_changes(court) -> None:
    it = court(replace(SETTINGS, bench=bench("echo '/* run */' >> kernel.c; ./prog > made; ./prog")))
    it.judge.establish()
    (said,) = [notice for notice in it.recorder.notices if "files of the code itself" in notice]
    assert "(kernel.c)" in said  # before anybody is told that the output differs; what is new is no part of it
    verdict = it.judge.compare(it.commit({"kernel.c": FAST}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "output")  # what it writes is compared
    assert "kernel.c" in verdict.gates[-1].detail
