"""Whatever is printed, what is kept stays within bounds and tells equal streams from different ones."""

import os

from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.running import Limits
from pesquared.sandbox.output import Capture, KeptStream

NOTE = 120  # length of the line that stands for what was dropped, at most


def _kept(pieces: list[bytes], limit: int) -> bytes:
    stream = KeptStream(limit)
    for piece in pieces:
        stream.add(piece)
    return stream.content()


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(2, 64))
def test_keeps_head_and_tail_and_no_more(pieces, limit):
    whole, content = b"".join(pieces), _kept(pieces, limit)
    half = limit // 2
    if len(whole) <= 2 * half:
        assert content == whole
    else:
        assert content.startswith(whole[:half])
        assert content.endswith(whole[-half:])
        assert len(content) <= 2 * half + NOTE


@given(st.binary(max_size=200), st.integers(1, 30), st.integers(1, 30))
def test_how_the_pieces_arrive_makes_no_difference(whole, one, other):
    def cut(size: int) -> list[bytes]:
        return [whole[i : i + size] for i in range(0, len(whole), size)]

    assert _kept(cut(one), 16) == _kept(cut(other), 16)


def test_a_difference_in_what_was_dropped_shows():
    assert _kept([b"a" * 50 + b"x" + b"a" * 50], 16) != _kept([b"a" * 50 + b"y" + b"a" * 50], 16)


def test_content_can_be_asked_for_in_between():
    stream = KeptStream(4)
    stream.add(b"abcdef")
    assert stream.content() == stream.content()
    stream.add(b"gh")
    assert stream.content().endswith(b"gh")


def test_draining_does_not_wait_for_who_holds_the_pipe():
    (out, out_writer), (err, err_writer) = os.pipe(), os.pipe()
    capture = Capture(out, err, 100)
    os.write(out_writer, b"left")
    capture.drain()
    assert (capture.stdout(), capture.stderr(), capture.total) == (b"left", b"", 4)
    for fd in (out, out_writer, err, err_writer):
        os.close(fd)


def test_a_flood_is_stopped_and_its_ends_are_kept(run):
    limits = Limits(timeout_s=60, output_kept=1000, output_killed=1 << 20)
    result = run("sh", "-c", "echo first; exec yes", limits=limits)
    assert result.stopped == "output"
    assert result.stdout.startswith(b"first\ny\n")
    assert result.stdout.endswith(b"y\n")
    assert len(result.stdout) <= 1000 + NOTE


def test_both_streams_count_towards_the_flood(run):
    limits = Limits(timeout_s=60, output_kept=1000, output_killed=1 << 20)
    assert run("sh", "-c", "exec yes >&2", limits=limits).stopped == "output"


def test_output_that_is_not_text_comes_back_as_it_is(run):
    result = run("sh", "-c", r"printf '\377\000\376'; printf '\200' >&2")
    assert (result.stdout, result.stderr) == (b"\xff\x00\xfe", b"\x80")
