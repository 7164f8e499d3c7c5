"""Edits are made exactly where they were meant, or not at all."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.edits import StaleEdit, apply_edits
from pesquared.core.proposal import Edit


def edit(source: bytes, start: int, end: int, replacement: bytes) -> Edit:
    return Edit("a.c", start, end, hashlib.sha256(source[start:end]).hexdigest(), replacement)


def test_edits_count_bytes_of_the_source_in_any_order() -> None:
    source = "für x = 1;\n".encode()
    edits = [edit(source, 5, 6, b"yy"), edit(source, 0, 4, b"for")]
    assert apply_edits(source, edits) == b"for yy = 1;\n"


def test_insertions_keep_their_order_and_stand_before_a_replacement() -> None:
    source = b"abc"
    edits = [
        edit(source, 1, 2, b"B"),
        edit(source, 1, 1, b"1"),
        edit(source, 1, 1, b"2"),
        edit(source, 3, 3, b"!"),
    ]
    assert apply_edits(source, edits) == b"a12Bc!"


def test_no_edits_leave_the_source() -> None:
    assert apply_edits(b"abc", []) == b"abc"


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (2, 1), (0, 4), (4, 4)])
def test_an_edit_outside_the_file_is_refused(start: int, end: int) -> None:
    with pytest.raises(StaleEdit, match="outside"):
        apply_edits(b"abc", [Edit("a.c", start, end, hashlib.sha256(b"").hexdigest(), b"x")])


def test_overlapping_edits_are_refused() -> None:
    source = b"abcdef"
    with pytest.raises(StaleEdit, match="overlaps"):
        apply_edits(source, [edit(source, 0, 3, b"x"), edit(source, 2, 4, b"y")])
    with pytest.raises(StaleEdit, match="overlaps"):
        apply_edits(source, [edit(source, 0, 3, b"x"), edit(source, 1, 1, b"y")])


def test_an_edit_of_other_bytes_is_refused() -> None:
    with pytest.raises(StaleEdit, match="other bytes"):
        apply_edits(b"abc", [edit(b"xbc", 0, 1, b"y")])


@st.composite
def sources_and_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    source = draw(st.binary(max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=8, unique=True)))
    pairs = zip(cuts[0::2], cuts[1::2], strict=False)
    return source, [edit(source, start, end, draw(st.binary(max_size=10))) for start, end in pairs]


@settings(max_examples=200)
@given(sources_and_edits(), st.randoms(use_true_random=False))
def test_the_result_is_that_of_editing_from_the_end(given_: tuple[bytes, list[Edit]], shuffle: object) -> None:
    source, edits = given_
    expected = source
    for one in reversed(edits):
        expected = expected[: one.start] + one.replacement + expected[one.end :]
    shuffled = list(edits)
    shuffle.shuffle(shuffled)  # type: ignore[attr-defined]
    assert apply_edits(source, shuffled) == expected


@settings(max_examples=100)
@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_changed_byte_below_an_edit_is_noticed(source: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(source) - 1))
    start, end = data.draw(st.integers(0, place)), data.draw(st.integers(place + 1, len(source)))
    changed = source[:place] + bytes([source[place] ^ 1]) + source[place + 1 :]
    with pytest.raises(StaleEdit):
        apply_edits(changed, [edit(source, start, end, b"x")])
