"""Pauses and what is told of them: pure arithmetic, and files that may hold anything."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.llm.continuing import joined
from pesquared.llm.patience.backoff import Tries, pause_before
from pesquared.llm.patience.breaker import Breaker
from pesquared.llm.patience.holds import Holds
from pesquared.llm.provider import Failed, Kind
from pesquared.llm.wire.failures import error_of, failure_of, retry_after


@settings(max_examples=200)
@given(st.text(max_size=40) | st.floats().map(str) | st.dates().map(str), st.integers(0, 2**33))
def test_any_header_is_a_time_or_none(text, now):
    for name in ("retry-after", "retry-after-ms", "x-ratelimit-reset-tokens"):
        after = retry_after({name: text, "x-ratelimit-remaining-tokens": "0"}, now)
        assert after is None or 0 <= after < float("inf")


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry-after": "7"}, 7.0), ({"retry-after": " 0.5 "}, 0.5), ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0), ({"retry-after-ms": "250"}, 0.25),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 360.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h2m3s"}, 3723.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms"}, 0.02),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "20ms"}, None),
    ],
)  # fmt: skip
def test_times_are_read(headers, after):
    assert retry_after(headers, 1_500_000_000) == after


@settings(max_examples=200)
@given(
    st.integers(100, 599),
    st.binary(max_size=60) | st.sampled_from([b"[" * 99_999, b'{"error": 1}', b'{"error": {"message": {}}}']),
)
def test_any_error_has_a_kind(status, body):
    failed = failure_of(status, {}, body, "x", 0)
    assert failed.kind in Kind
    assert failed.reason.isprintable()
    assert len(failed.reason) < 400
    assert len(error_of(body)[1]) <= 300


@settings(max_examples=200)
@given(
    st.sampled_from([Kind.RETRY, Kind.RETRY_AFTER, Kind.FATAL_BUDGET]),
    st.integers(1, 10**6),
    st.none() | st.floats(0, 1e12),
)
def test_no_pause_is_longer_than_what_is_allowed(kind, failures, after):
    pause = pause_before(Failed(kind, "", after), Tries(failures), random.Random(failures))
    assert 0 <= pause <= 3600 * 1.1
    if after is not None:
        assert pause >= min(after, 3600)


def test_the_breaker_opens_lets_one_through_and_closes():
    breaker = Breaker()
    assert [breaker.failed(0.0) for _ in range(5)] == [False] * 4 + [True]
    assert breaker.wait_s(1.0) == 29.0
    assert breaker.wait_s(31.0) == 0.0  # one
    assert breaker.wait_s(31.0) > 0.0  # and no other
    assert breaker.failed(32.0)
    assert breaker.wait_s(33.0) == 59.0
    breaker.succeeded()
    assert breaker.wait_s(33.0) == 0.0


def test_holds_outlive_the_process_and_broken_files(tmp_path):
    path = tmp_path / "holds.json"
    Holds(path).hold("a", 1100.0, 1000.0, "full")
    assert Holds(path).wait_s("a", 1000.0) == (100.0, "full")
    assert Holds(path).wait_s("b", 1000.0) == (0.0, "")
    assert Holds(path).wait_s("a", 1200.0) == (0.0, "")
    assert Holds(path).wait_s("a", -1e9) == (0.0, "")  # the clock was set back
    for broken in (b"", b"[]", b"\xff", b'{"a": 1}', b'{"a": ["x", 2]}', b"[" * 99_999):
        path.write_bytes(broken)
        assert Holds(path).wait_s("a", 1000.0) == (0.0, "")


@pytest.mark.parametrize(
    ("so_far", "more", "whole"),
    [
        ("abc", "def", "abcdef"),
        ("int f(void) {\n    ret", "    return 1;", "int f(void) {\n    ret    return 1;"),
        ("a long line of text", "line of text goes on", "a long line of text goes on"),
        ("```c\nint a;\nint b", "```c\nint b;\n```", "```c\nint a;\nint b;\n```"),
        ("```c\nint a;\n", "```c\nint b;\n```", "```c\nint a;\nint b;\n```"),
        ("```c\nint a;\n```\n", "```c\nint b;\n```", "```c\nint a;\n```\n```c\nint b;\n```"),
        ("", "x", "x"),
    ],
)
def test_a_seam_says_nothing_twice(so_far, more, whole):
    assert joined(so_far, more) == whole


@settings(max_examples=100)
@given(st.text("ab`\n~ {};", max_size=60), st.integers(0, 60), st.integers(0, 20))
def test_any_cut_is_mended(text, at, again):
    """Cut anywhere and gone on with, with some of it said again: nothing is lost."""
    so_far, more = text[:at], text[at:]
    assert len(joined(so_far, more)) <= len(text)
    unique = "0123456789abcdefghijklmnopqrstuvwxyz" * 2
    cut = 8 + min(at, 28)
    said = max(0, cut - again - 8)
    assert joined(unique[:cut], unique[said:36]) == unique[:36]
