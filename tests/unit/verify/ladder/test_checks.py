"""Each run is looked at: the unchanged code's teach, all later ones are held against what they taught."""

import os
import signal
import subprocess
import threading
from dataclasses import replace

import pytest

from pesquared.core.running import RunResult, Usage
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Word
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.ladder.scrub import EndlessMatchingError, Scrubber
from pesquared.verify.measuring.bench import BenchRun
from tests.unit.verify.conftest import Recorder

ENDLESS = b"a" * 60 + b"b"


def run(stdout: bytes, exit_code: int = 0) -> BenchRun:
    return BenchRun(RunResult(exit_code, stdout, b"", Usage(1.0, None, None, "wall")), {"stdout": stdout})


def checks(*patterns: str) -> RunChecks:
    return RunChecks(OutputGate(Scrubber(patterns, timeout_s=0.5)), Recorder(StopRequest()), tested=False)


def test_only_the_unchanged_code_widens_what_may_vary() -> None:
    these = checks()
    for took in (b"15.25", b"16.75"):
        assert these.baseline(run(b"sum 4950\ntook " + took + b" ms\n")) is None
    other = run(b"sum 4951\ntook 9.5 ms\n")
    for _ in range(2):
        failed = these.settled(other)
        assert failed is not None
        assert (failed.word, failed.reason_code) == (Word.INCONCLUSIVE, "baseline-unstable")
        assert "sum 4951" in failed.detail
    wrong = these.candidate(other)
    assert wrong is not None
    assert (wrong.word, wrong.reason_code) == (Word.WRONG, "output")
    assert these.settled(run(b"sum 4950\ntook 9.5 ms\n")) is None


def test_a_baseline_that_fails_later_is_a_verdict() -> None:
    these = checks()
    these.baseline(run(b"sum 4950\n"))
    failed = these.settled(run(b"sum 4950\n", exit_code=3))
    assert failed is not None
    assert failed.reason == "the baseline did not repeat itself: the benchmark ended with exit code 3"


@pytest.mark.parametrize(
    ("stopped", "word", "reason"),
    [
        ("timeout", Word.SLOWER, "took too long"),
        ("output", Word.WRONG, "printed too much"),
        ("memory", Word.WRONG, "took too much memory"),
        ("disk", Word.WRONG, "filled the disk"),
    ],
)
def test_a_limit_that_a_candidate_passes_is_its_reason_code(stopped: str, word: Word, reason: str) -> None:
    ended = run(b"sum 4950\n")
    failed = checks().candidate(replace(ended, result=replace(ended.result, stopped=stopped)))
    assert failed is not None
    assert (failed.word, failed.reason_code) == (word, stopped)
    assert reason in failed.reason


def test_a_candidate_whose_output_keeps_the_matching_busy_is_wrong() -> None:
    these = checks("(a+)+$")
    these.baseline(run(b"sum 4950\n"))
    failed = these.candidate(run(ENDLESS))
    assert failed is not None
    assert (failed.word, failed.reason_code) == (Word.WRONG, "output")
    assert "matching takes more than" in failed.reason


def test_a_matching_process_that_dies_is_said() -> None:
    said: list[str] = []

    def match() -> None:
        try:
            Scrubber(("(a+)+$",), timeout_s=30.0)(ENDLESS)
        except EndlessMatchingError as error:
            said.append(error.message)

    matching, killed = threading.Thread(target=match), False
    matching.start()
    while matching.is_alive():
        listed = subprocess.run(
            ["ps", "-ww", "--ppid", str(os.getpid()), "-o", "pid=,comm=,args="], capture_output=True, check=False
        )
        for line in listed.stdout.splitlines():
            if b"stdin.buffer.readline" in line and not killed:
                os.kill(int(line.split()[0]), signal.SIGKILL)
                killed = True
    assert said == ["[bench] ignore: matching broke off (killed)"]
