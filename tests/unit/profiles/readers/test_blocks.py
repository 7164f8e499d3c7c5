"""Blocks of lines, from anywhere in a file: together they are the lines of the file."""

import io
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Diagnostic
from pesquared.profiles.lines import MAX_LINE
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.blocks import BLOCK, read_blocks


def lines_of(content: bytes, start: int, end: int | None) -> tuple[list[tuple[int, bytes]], list[Diagnostic]]:
    found: list[Diagnostic] = []
    lines = []
    for number, block in read_blocks(io.BytesIO(content), start, end, Problems("x", found)):
        lines += list(enumerate(block.removesuffix(b"\n").split(b"\n"), number))
    return lines, found


texts = st.lists(st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"")), min_size=1).map(b"\n".join)


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.integers(0, 60), max_size=4))
def test_the_parts_of_a_file_hold_each_line_once_with_its_number(content, cuts):
    content = b"first\n" + content
    borders = [0, *sorted(cuts), None]
    whole, _ = lines_of(content, 0, None)
    assert whole == list(enumerate(content.removesuffix(b"\n").split(b"\n"), 1))
    parts = [lines_of(content, start, end)[0] for start, end in pairwise(borders)]
    assert [line for part in parts for line in part] == whole


@pytest.mark.parametrize("length", [BLOCK - 1, BLOCK, BLOCK + 1, MAX_LINE])
def test_a_long_line_is_whole(length):
    content = b"a\n" + b"x" * length + b"\nb\n"
    lines, found = lines_of(content, 0, None)
    assert [len(line) for _, line in lines] == [1, length, 1]
    assert found == []


@pytest.mark.parametrize("start", [0, 1, 2, 5, MAX_LINE])
def test_a_line_that_is_too_long_is_named_and_left_out(start):
    content = b"a\n" + b"x" * (3 * MAX_LINE) + b"\nb\n"
    lines, found = lines_of(content, start, None)
    assert lines[-1] == (3, b"b")
    assert [one.line for one in found] == ([2] if start <= 2 else [])
