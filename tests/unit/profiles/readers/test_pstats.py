"""cProfile's files and tables: what Python itself writes, and bytes that Python's own reader must not see."""

import cProfile
import io
import marshal
import pstats

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import REBUILT
from pesquared.profiles.readers.cprofile_table import CprofileTableReader
from pesquared.profiles.readers.marshalled import MarshalError, load
from pesquared.profiles.readers.pstats import PstatsReader
from tests.support.profile_specimens import PSTATS, TABLE
from tests.support.reading import reading, weighed


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("pstats") / "x.pstats", PstatsReader())


@pytest.fixture(scope="module")
def read_table(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("table") / "x.txt", CprofileTableReader())


def test_own_seconds_and_rebuilt_chains(read):
    samples, said = read(PSTATS)
    assert "chains are rebuilt" in said[0]
    assert sorted(weighed(samples)) == [
        ((REBUILT, "<module> (w.py)"), 0.25),
        ((REBUILT, "<module> (w.py)", "work (/src/w.py)"), 2.75),
        ((REBUILT, "<module> (w.py)", "work (/src/w.py)", "[built-in method builtins.sorted]"), 1.0),
    ]


def busy(n):
    return n if n < 2 else busy(n - 1) + busy(n - 2)


@pytest.fixture(scope="module")
def recorded():
    profile = cProfile.Profile()
    profile.runcall(busy, 12)
    return pstats.Stats(profile, stream=io.StringIO())


def test_what_cprofile_writes(read, recorded, tmp_path):
    recorded.dump_stats(tmp_path / "x")
    samples, _ = read((tmp_path / "x").read_bytes())
    assert sum(sample.weight for sample in samples) == pytest.approx(recorded.total_tt)
    assert f"busy ({__file__})" in samples[0].frames[-1] + samples[-1].frames[-1]


def test_what_pstats_prints(read_table, recorded):
    recorded.stream = io.StringIO()
    recorded.print_stats()
    samples, said = read_table(recorded.stream.getvalue().encode())
    assert said == ["records no calls: there are no chains"]
    assert (REBUILT, f"busy ({__file__})") in [sample.frames for sample in samples]


def test_the_rows_of_a_table(read_table):
    samples, _ = read_table(TABLE)
    assert weighed(samples) == [
        ((REBUILT, "fib (work.py)"), 0.02),
        ((REBUILT, "<module> (work.py)"), 0.001),
        ((REBUILT, "[built-in method builtins.sorted]"), 0.004),
    ]
    assert read_table(TABLE.replace(b"work.py:1(fib)", b" "))[0][0].frames == (REBUILT, "[unknown]")
    assert "no row of the table" in read_table(TABLE.replace(b"0.020", b"-0.02"))[1][0]


KEY = ("w.py", 1, "f")


def test_only_functions_have_entries(read):
    for table in ({("w.py", "f"): (1, 1, 1.0, 1.0, {})}, {KEY: (1, 1, 1.0, 1.0, {"x": (1, 1, 1.0, 1.0)})}):
        samples, said = read(marshal.dumps(table))
        assert samples == []
        assert "a key that is no function" in said[0]


@pytest.mark.parametrize(
    "table",
    [
        {KEY: (1, 1, -1.0, 1.0, {})},
        {KEY: (1, 1, float("nan"), 1.0, {})},
        {KEY: (1, 1, float("inf"), 1.0, {})},
        {KEY: (1, 1)},
        {KEY: 3},
    ],
)
def test_entries_that_are_no_functions_are_said(read, table):
    samples, said = read(marshal.dumps(table))
    assert samples == []
    assert "entry 1 is no function" in said[0]


def test_a_caller_that_is_none_is_left_out(read):
    row = (1, 1, 1.0, 1.0, {KEY: (1, 1, "x", 2.0)})
    assert weighed(read(marshal.dumps({KEY: row}))[0]) == [((REBUILT, "f (w.py)"), 1.0)]


plain = st.none() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=300)
flat = plain | st.lists(plain, max_size=4).map(tuple)
keys = st.tuples(plain, plain, plain)


@settings(max_examples=200, deadline=None)
@given(st.recursive(flat, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12))
def test_what_marshal_writes_is_read_back(value):
    try:
        assert load(marshal.dumps(value)) == value
    except MarshalError as error:
        assert "deep" in str(error)  # noqa: PT017 # the one reason there may be


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{N0",
        b"0",
        b"i\0",
        b"(\xff\xff\xff\x7f",
        b"l\x09\0\0\0" + bytes(18),
        b"r\0\0\0\0",
        b"s\x01\0\0\0x",
        b"c\0\0\0\0",
        b")\x01" * 20 + b"N",
        b"{{00N0",
        b"\xa9\x01r\0\0\0\0",
        b"u\xff\xff\xff\xff",
    ],
)
def test_what_profiles_do_not_hold_is_refused(data):
    with pytest.raises(MarshalError):
        load(data)


def test_values_that_grow_by_referring_to_each_other_are_refused():
    row = b"".join(b"\xa9\x02r" + n.to_bytes(4, "little") + b"r" + n.to_bytes(4, "little") for n in range(1, 60))
    with pytest.raises(MarshalError, match="more than a plain value"):
        load(b")\x3c\xa9\x01N" + row)
