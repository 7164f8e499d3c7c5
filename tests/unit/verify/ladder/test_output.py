"""The output gate: timings are masked, results are not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.settings import Settings
from pesquared.errors import BaselineError, UsageError
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.ladder.output import OutputGate, excused_lines, masked_streams
from pesquared.verify.ladder.reference import tokens
from pesquared.verify.ladder.scrub import Scrubber


def gate_of(*runs: bytes | None, ignore: tuple[str, ...] = ()) -> OutputGate:
    gate = OutputGate(Scrubber(ignore))
    for run in runs:
        gate.learn({"stdout": run})
    return gate


def difference(gate: OutputGate, data: bytes | None) -> str | None:
    return gate.difference({"stdout": data})


def test_timings_that_vary_are_masked() -> None:
    gate = gate_of(b"sum 42\ntook 12.31 ms\n", b"sum 42\ntook  9.87 ms\n", b"sum 42\ntook 998 us\n")
    assert difference(gate, b"sum 42\ntook 3 s\n") is None
    assert gate.comparable


def test_a_changed_result_is_said_with_its_line() -> None:
    gate = gate_of(b"took 1.23 s\nsum 42\n", b"took 1.25 s\nsum 42\n")
    assert difference(gate, b"took 0.5 s\nsum 43\n") == "stdout: line 2: expected “sum 42”, got “sum 43”"
    assert "the end of the output" in (difference(gate, b"took 1 s\nsum 42") or "")


def test_a_token_is_masked_only_at_its_place() -> None:
    gate = gate_of(b"a 1 b 2\n", b"a 9 b 2\n")
    assert difference(gate, b"a 7 b 2\n") is None
    assert difference(gate, b"a 1 b 3\n") is not None


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (b"elapsed: 0.01", b"elapsed: 0.00"),
        (b"0.01s", b"0.00s"),
        (b"rate 1.2e6 ops/s", b"rate 9.9e6 ops/s"),
        (b"copy 310 MB/s", b"copy 988 MB/s"),
        (b"wall 12 ms", b"wall 3 ms"),
        (b"real 0.02\nuser 0.02\nsys 0.00", b"real 0.01\nuser 0.01\nsys 0.00"),
        (b"real\t0m0.021s\nuser\t0m0.020s\nsys\t0m0.001s", b"real\t0m0.011s\nuser\t0m0.010s\nsys\t0m0.001s"),
    ],
)
def test_a_coarse_timing_may_differ_though_the_baseline_repeated_it(line: bytes, other: bytes) -> None:
    assert difference(gate_of(line, line, line), other) is None
    assert not gate_of(line, line).comparable


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (b"final time 12.503 s", b"final time 12.504 s"),  # four digits do not repeat by chance
        (b"checksum 12", b"checksum 13"),
        (b"size 12 sheep", b"size 13 sheep"),
        (b"timestamp 3.5", b"timestamp 3.6"),
        (b"time steps 100", b"time steps 101"),
        (b"hash 0x1f s", b"hash 0x2f s"),
        (b"energy -1.25", b"energy 1.25"),
        (b"real 0.12 imag 0.50", b"real 9.99 imag 7.77"),
        (b"real 0.12\nimag 0.50", b"real 0.13\nimag 0.50"),
        (b"step 3.5 s", b"step 999 s"),  # written in another way
        (b"step 3.5 s", b"step 35.1 s"),  # more than ten times as much
        (b"step 3.5 s", b"step 0.0 s"),
        (b"step 3.5 s", b"step 3.5 ms"),
        (b"drift -3.5 s", b"drift -3.6 s"),  # no time is below 0
        (b"age 1e9 s", b"age 2e9 s"),  # no benchmark takes so long
    ],
)
def test_a_result_may_not(line: bytes, other: bytes) -> None:
    assert difference(gate_of(line, line, line), other) is not None


def test_what_is_excused_is_named() -> None:
    first = b"sum 4\ntook 0.01 s\n" + b"lap 1.5 s\n" * 4
    (notice,) = excused_lines(gate_of(first, first))
    assert "stdout, line 2: “took 0.01 s”; stdout, line 3: “lap 1.5 s”; " in notice
    assert "and 2 more" in notice
    assert list(excused_lines(gate_of(b"took 0.01 s", b"took 0.02 s"))) == []
    assert list(excused_lines(gate_of(b"took 12.503 s, sum 4"))) == []


def test_what_varies_in_words_or_length_is_dropped_and_said() -> None:
    gate = OutputGate(Scrubber(()))
    assert gate.learn({"stdout": b"begin\nend\n"}) == []
    (notice,) = gate.learn({"stdout": b"begin\nmiddle\nend\n"})
    assert "not compared" in notice
    assert difference(gate, b"anything") is None
    assert not gate.comparable
    assert gate.learn({"stdout": b"x"}) == []


def test_files_that_are_missing_differ() -> None:
    assert difference(gate_of(b"x", b"x"), None) == "stdout: there is no such file"
    assert "no such file" in (difference(gate_of(None, None), b"x") or "")
    assert difference(gate_of(None, None), None) is None


def test_control_characters_are_made_visible() -> None:
    assert "\x1b" not in (difference(gate_of(b"ok"), b"\x1b[31mnot\x07\x00 ok") or "")


def test_what_is_ignored_is_not_compared() -> None:
    gate = gate_of(b"id abc\nsum 4\n", ignore=("^id .*$",))
    assert difference(gate, b"id xyz\nsum 4\n") is None
    assert difference(gate, b"id xyz\nsum 5\n") is not None


def test_an_expression_that_is_none_is_the_users_error() -> None:
    with pytest.raises(UsageError, match="no regular expression"):
        Scrubber(("(",))
    with pytest.raises(UsageError, match="longer"):
        Scrubber(("a" * 2000,))
    with pytest.raises(UsageError, match="no regular expression"):
        Scrubber(("\udcff",))


@pytest.mark.parametrize("mebibytes", [9, 18])
def test_what_lies_far_behind_is_compared_as_well(mebibytes: int) -> None:
    scrub, head = Scrubber(("^id .*$",)), b"id 7\n" + b"x" * (mebibytes << 20)
    assert scrub(head + b"\nsum 4") == head[4:] + b"\nsum 4"


def test_an_expression_that_takes_for_ever_is_ended() -> None:
    with pytest.raises(UsageError, match="matching takes more than"):
        Scrubber(("(a+)+$",), timeout_s=0.5)(b"a" * 60 + b"b")


lines = st.lists(st.text(alphabet="ab1 2.5\tse-+/", max_size=12), min_size=1, max_size=6)


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=5))
def test_the_baselines_own_runs_always_pass(runs: list[bytes]) -> None:
    gate = gate_of(*runs)
    assert all(difference(gate, run) is None for run in runs)


@given(lines, st.lists(st.integers(0, 10**6), min_size=2, max_size=4), st.data())
def test_numbers_that_vary_pass_and_a_changed_word_never_does(
    texts: list[str], numbers: list[int], data: st.DataObject
) -> None:
    runs = ["\n".join(f"{text} = {number}" for text in texts).encode() for number in numbers]
    gate = gate_of(*runs)
    assert all(difference(gate, run) is None for run in runs)
    place = data.draw(st.integers(0, len(texts) - 1))
    other = list(texts)
    other[place] = "q" + other[place]
    assert difference(gate, "\n".join(f"{text} = {numbers[0]}" for text in other).encode()) is not None


@given(st.integers(1000, 10**9), st.integers(1, 10**6))
def test_an_unmasked_number_that_changes_is_always_caught(result: int, change: int) -> None:
    gate = gate_of(*(f"took {took} ms, sum {result}".encode() for took in (12.5, 13.5, 14.5)))
    assert difference(gate, f"took 1.5 ms, sum {result}".encode()) is None
    assert difference(gate, f"took 1.5 ms, sum {result + change}".encode()) is not None


@given(st.binary(max_size=300))
def test_tokens_lose_nothing(line: bytes) -> None:
    parts = tokens(line)
    assert b"".join(parts) == line
    assert len(parts) % 2 == 1
    assert all(re.search(rb"[0-9]", number) for number in parts[1::2])


def tolerant(tolerance: float, *runs: bytes) -> OutputGate:
    gate = OutputGate(Scrubber(()), tolerance)
    for run in runs:
        gate.learn({"stdout": run})
    return gate


@pytest.mark.parametrize("other", [b"sum 1000.5 m", b"sum 1000 m", b"sum 999.6 m", b"sum  1.0e3 m"])
def test_numbers_may_differ_by_the_tolerance(other: bytes) -> None:
    assert difference(tolerant(1e-3, b"sum 1000.0 m"), other) is None


@pytest.mark.parametrize(
    "other", [b"sum 1002 m", b"sum -1000.0 m", b"total 1000.0 m", b"sum 1000.0 m 3", b"sum 0 m", b"sum nan m"]
)
def test_but_not_by_more_and_nothing_else_may(other: bytes) -> None:
    assert difference(tolerant(1e-3, b"sum 1000.0 m"), other) is not None


def test_without_a_tolerance_there_is_none() -> None:
    assert difference(tolerant(0.0, b"sum 1000.0"), b"sum 1000.00") is not None


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 0.1), st.floats(0, 3))
def test_the_tolerance_is_relative_to_the_larger(value: float, tolerance: float, times: float) -> None:
    other = value * (1 + times * tolerance)
    within = abs(value - other) <= tolerance * max(abs(value), abs(other))
    gate = tolerant(tolerance, f"x {value!r}".encode())
    assert (difference(gate, f"x {other!r}".encode()) is None) == (within or value == other)


class Halves(CommandVerifier):
    """Compares what stands before a bar, and only its length."""

    def comparable(self, stream, data):
        before, bar, _ = data.partition(b"|")
        if not bar:
            raise ValueError("no bar\x07")
        return before

    def differs(self, stream, expected, actual):
        return None if len(expected) == len(actual) else f"{len(actual)}\nletters"


def halves(*runs: bytes) -> OutputGate:
    gate = OutputGate(Scrubber(("x",)), verifier=Halves(Settings()))
    for run in runs:
        gate.learn({"stdout": run})
    return gate


def test_a_verifier_says_what_is_compared_and_how() -> None:
    gate = halves(b"abc|1", b"xxdef|2")
    assert gate.telling == ("stdout",)
    assert difference(gate, b"ghi|9999") is None
    assert difference(gate, b"gh|") == "stdout: 2\\nletters"
    assert difference(gate, b"ghi") == "stdout: it cannot be read: no bar\\x07"
    assert not halves(b"|1").comparable
    assert not halves(b"a|", b"ab|").comparable
    with pytest.raises(BaselineError, match="stdout of the unchanged code cannot be read: no bar"):
        halves(b"abc")


def test_a_gate_can_begin_anew() -> None:
    gate = halves(b"abc|").unlearned()
    assert not gate.compared
    gate.learn({"stdout": b"xx12|"})
    assert difference(gate, b"34|") is None
    assert difference(gate, b"345|") == "stdout: 3\\nletters"


def test_a_verifier_may_leave_the_comparison_to_us() -> None:
    class Upper(CommandVerifier):
        def comparable(self, stream, data):
            return data.upper()

    gate = OutputGate(Scrubber(()), verifier=Upper(Settings()))
    assert gate.learn({"stdout": b"took 12.5 ms, sum 4"}) == gate.learn({"stdout": b"Took 13.5 ms, sum 4"}) == []
    assert difference(gate, b"TOOK 1.5 ms, sum 4") is None
    assert "SUM 5" in (difference(gate, b"took 1.5 ms, sum 5") or "")


def test_what_is_masked_in_an_output_of_nothing_else_is_named() -> None:
    gate = gate_of(b"x 12.25\ntook 0.01 s\n", b"x 13.5\ntook 0.01 s\n")
    assert gate.blind
    (said,) = masked_streams(gate)
    assert "stdout, line 1: “x 12.25”; stdout, line 2: “took 0.01 s”" in said
    assert not list(masked_streams(gate_of(b"sum 42\ntook 12.25 ms\n", b"sum 42\ntook 13.5 ms\n")))
    assert not list(masked_streams(gate_of(b"", b"")))
    assert not gate_of(b"", b"").blind  # a candidate that prints something is told from it
    assert gate_of(b"one\n", b"other things\n").blind
    assert not gate_of(b"sum 42\ntook 12.25 ms\n", b"sum 42\ntook 13.5 ms\n").blind
