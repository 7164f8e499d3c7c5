"""pprof: records, inlined functions, kinds of weight, and a wire format that is damaged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.readers.pprof import PprofReader
from pesquared.profiles.readers.wire import WireError, fields, numbers, signed
from tests.support.pprof_writer import field, packed, profile, varint
from tests.support.profile_specimens import FOLDED, PPROF
from tests.support.reading import reading, weighed


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("pprof") / "x.pb", PprofReader())


def test_stacks_root_first_with_inlined_functions_and_mangled_names(read):
    samples, said = read(PPROF)
    assert said == []
    assert [sample.origin.event for sample in samples] == ["cpu", "samples"] * 2
    assert weighed(samples)[0] == (("main", "work", "inlined_[i]", "_Z4leafi"), 20_000_000)
    assert weighed(samples)[2] == (("main", "[libfoo.so.1]"), 10_000_000)


def test_the_file_says_which_kind_of_weight_comes_first(read):
    samples, _ = read(profile(["allocs", "bytes"], [([["main"]], [3, 400])], default="allocs"))
    assert [(sample.origin.event, sample.weight) for sample in samples] == [("allocs", 3), ("bytes", 400)]


def test_what_cannot_be_used_is_said(read):
    samples, said = read(profile(["cpu"], [([["f"]], [-1]), ([], [4]), ([["f"]], []), ([["f"]], [5])]))
    assert weighed(samples) == [(("f",), 5)]
    assert [text.split("has ")[1] for text in said] == ["a negative weight", "no stack", "no weight"]


def test_numbers_that_refer_to_nothing_are_unknown_frames(read):
    samples, _ = read(field(1, field(1, 99)) + field(2, packed(1, [7, 8]) + packed(2, [1])) + field(6, ""))
    assert weighed(samples) == [(("[unknown]", "[unknown]"), 1)]


def test_deep_stacks_are_cut_at_the_root(read):
    names = [f"f{n}" for n in range(MAX_FRAMES + 9)]
    samples, _ = read(profile(["cpu"], [([[name] for name in names], [1])]))
    assert samples[0].frames == tuple(names[9:])


def test_a_damaged_file_is_read_up_to_there(read):
    table, samples = PPROF[PPROF.index(b"\x1a") :], PPROF[: PPROF.index(b"\x1a")]
    found, said = read(table + samples + b"\x12\xff\xff\xff\x0f")
    assert len(found) == 4
    assert "is damaged or cut off" in said[0]


def test_text_is_no_pprof():
    assert PprofReader().recognises(PPROF)
    assert not PprofReader().recognises(FOLDED)
    assert not PprofReader().recognises(b"")
    assert not PprofReader().recognises(b"\n\n\0")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 500), st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=200))))
def test_fields_are_read_back(message):
    data = b"".join(field(number, value) for number, value in message)
    found = [(number, signed(value) if isinstance(value, int) else value) for number, value in fields(data)]
    assert found == message


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1)))
def test_packed_numbers_are_read_back(values):
    assert numbers(b"".join(map(varint, values))) == values


@pytest.mark.parametrize("data", [b"\x80" * 12, b"\x00\x00", b"\x0a\x05ab", b"\x0b", b"\x0d\x00", b"\x08"])
def test_what_is_no_message_is_told(data):
    with pytest.raises(WireError):
        list(fields(data))
