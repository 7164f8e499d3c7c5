"""Crash messages: which there are, and whose they may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.running import RunResult, Usage
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Word
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.ladder.crash import CrashWatch, crash_messages
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.ladder.scrub import Scrubber
from pesquared.verify.measuring.bench import BenchRun
from tests.unit.verify.conftest import FAST, KERNEL, Recorder


def said(stderr: bytes = b"", stdout: bytes = b"") -> RunResult:
    return RunResult(0, stdout, stderr, Usage(1.0, None, None, "wall"))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (b"==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6", "a sanitizer's report"),
        (b"src/a.c:3:51: runtime error: signed integer overflow: 1 + 2", "a sanitizer's report"),
        (b"WARNING: ThreadSanitizer: data race (pid=3)", "a sanitizer's report"),
        (b"./run.sh: line 3:  4711 Segmentation fault      ./prog", "a signal"),
        (b"Aborted (core dumped)", "a signal"),
        (b"Aborted", "a signal"),
        (b"*** stack smashing detected ***: terminated", "a damaged heap or stack"),
        (b"free(): invalid pointer", "a damaged heap or stack"),
        (b"terminate called after throwing an instance of 'std::bad_alloc'", "an exception that nobody caught"),
        (b"Traceback (most recent call last):", "an exception that nobody caught"),
        (b"prog: a.c:3: main: Assertion `n > 0' failed.", "an assertion"),
        (b"thread 'main' panicked at src/main.rs:2:5:", "a panic"),
        (b"panic: runtime error: index out of range [5]", "a panic"),
    ],
)
def test_what_breaking_programs_say_is_known(message, kind) -> None:
    found = crash_messages(said(b"loading\n" + message + b"\nmore\n"))
    assert kind in found
    assert message.decode() in found[kind]
    assert crash_messages(said(stdout=message)).keys() == found.keys()


@pytest.mark.parametrize(
    "text",
    [
        b"0 tests failed, 3 assertions",
        b"the transaction was Aborted by the user",
        b"elapsed time of a runtime: error rate 3 %",
        b"don't panic: it is fine",
        b"",
    ],
)
def test_other_words_are_no_crash(text) -> None:
    assert crash_messages(said(text)) == {}


@given(
    st.binary(max_size=300), st.sampled_from([b"Assertion ", b"thread '", b"\nAborted", b"ERROR: A", b"\x1b[2J"])
)
def test_any_bytes_can_be_looked_at(noise, sign) -> None:
    for line in crash_messages(said(noise + sign + noise, sign * 50)).values():
        assert "\x1b" not in line
        assert "\n" not in line


def test_only_the_ends_of_a_long_output_are_looked_at() -> None:
    long = b"x" * (3 << 20)
    assert crash_messages(said(long + b"Segmentation fault" + long)) == {}
    assert crash_messages(said(long + b"\nSegmentation fault\n"))["a signal"] == "Segmentation fault"


def test_what_the_unchanged_code_prints_itself_is_said_once_and_excused() -> None:
    recorder = Recorder(StopRequest())
    watch = CrashWatch(recorder)
    broken = said(b"Segmentation fault\n")
    for _ in range(2):
        watch.learn("the quick tests", broken)
    assert recorder.notices == ["the quick tests printed a signal on the unchanged code: “Segmentation fault”"]
    assert watch.candidate("the quick tests", broken) is None
    elsewhere = watch.candidate("the benchmark", broken)
    assert elsewhere is not None
    assert elsewhere.reason_code == "crash-message"
    another = watch.candidate("the quick tests", said(b"terminate called without an active exception\n"))
    assert another is not None
    assert "terminate called" in another.detail


def test_a_benchmark_that_hides_a_crash_is_wrong() -> None:
    checks = RunChecks(OutputGate(Scrubber(())), Recorder(StopRequest()), tested=False)
    for _ in range(2):
        checks.baseline(BenchRun(said(stdout=b"sum 1\n"), {"stdout": b"sum 1\n"}))
    failed = checks.candidate(BenchRun(said(b"free(): invalid pointer\n", b"sum 1\n"), {"stdout": b"sum 1\n"}))
    assert failed is not None
    assert (failed.word, failed.reason_code) == (Word.WRONG, "crash-message")


@pytest.mark.parametrize(("when", "gate"), [(3, "quick-tests"), (100, "output")])
def test_a_crash_that_a_candidate_hides_is_found_in_tests_and_benchmark(court, when, gate) -> None:
    it = court()
    it.judge.establish_gates()
    hidden = FAST.replace("return s", f'if (n == {when}) fputs("Segmentation fault\\n", stderr); return s')
    verdict = it.judge.check(it.commit({"kernel.c": "#include <stdio.h>\n" + hidden}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "crash-message")
    assert (verdict.gates[-1].name, verdict.gates[-1].passed) == (gate, False)
    assert it.judge.check(it.commit({"kernel.c": KERNEL})).reason_code == "identical"
