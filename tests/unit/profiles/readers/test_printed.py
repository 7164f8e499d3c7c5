"""Tools that print without end, hang, or fail."""

import time

import pytest

from pesquared.core.profile import Diagnostic
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.printed import printed


def test_what_is_given_is_read_and_what_is_printed_comes_back():
    with printed(["cat"], 60, given=b"abc\n") as stream:
        assert stream.read() == b"abc\n"


def test_a_tool_that_never_stops_is_ended_with_the_context():
    with printed(["sh", "-c", "yes & yes"], 60) as stream:
        assert stream.read(4) == b"y\ny\n"


def test_a_tool_that_hangs_is_ended_with_all_it_started():
    begun = time.monotonic()
    with printed(["sh", "-c", "sleep 1000 & sleep 1000"], 0.2) as stream:
        assert stream.read() == b""
    assert time.monotonic() - begun < 60


def test_a_tool_that_fails_is_said():
    said: list[Diagnostic] = []
    with printed(["sh", "-c", "echo x; exit 3"], 60, Problems("f", said)) as stream:
        stream.read()
    assert "exit code 3" in str(said[0])


def test_a_tool_that_is_not_there_is_an_error():
    with pytest.raises(OSError, match="nowhere"), printed(["/nowhere/at-all"], 60):
        pass
