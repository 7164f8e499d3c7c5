"""The folded reader: real spellings, and any bytes at all."""

import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Diagnostic, Sample
from pesquared.profiles.contents import PACKED
from pesquared.profiles.lines import MAX_LINE
from pesquared.profiles.problems import NAMED_LINES
from pesquared.profiles.readers.folded import FoldedReader


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("folded") / "x.folded"

    def read(content):
        path.write_bytes(content)
        diagnostics: list[Diagnostic] = []
        return list(FoldedReader().read(path, diagnostics)), diagnostics

    return read


@pytest.mark.parametrize(
    ("line", "frames", "weight"),
    [
        (b"main;work;leaf 42", ("main", "work", "leaf"), 42),
        (b"main 177177177", ("main",), 177177177),
        (b"main\t3", ("main",), 3),
        (b"main;f 2.5", ("main", "f"), 2.5),
        (b"main;f 2.", ("main", "f"), 2),
        (b"main;f 0", ("main", "f"), 0),
        (b"  main;f   7  \r", ("main", "f"), 7),
        (
            b"main;std::map<int, char>::at(int const&) const 7",
            ("main", "std::map<int, char>::at(int const&) const"),
            7,
        ),
        (b"main;foo1 7", ("main", "foo1"), 7),
        (b"a;;b; 7", ("a", "b"), 7),
        (b"\xef\xbb\xbfmain;f 7", ("main", "f"), 7),
        ("größe;f 7".encode(), ("größe", "f"), 7),
        (b"m\xff\xfe;f 7", ("m\ufffd\ufffd", "f"), 7),
        (b"\x1b[31mred;f 7", ("\ufffd[31mred", "f"), 7),
    ],
)
def test_a_good_line(read, line, frames, weight):
    samples, diagnostics = read(line + b"\n")
    assert samples == [Sample(frames, weight)]
    assert diagnostics == []


def test_the_last_line_needs_no_newline_and_blanks_and_comments_are_passed_over(read):
    samples, diagnostics = read(b"# unit: samples\n\n   \nmain 1\n#main 2\nmain 3")
    assert [sample.weight for sample in samples] == [1, 3]
    assert diagnostics == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"main;f", "no count"),
        (b"main;f nan", "no count"),
        (b"main;f inf", "no count"),
        (b"main;f -3", "no count"),
        (b"main;f 1e5", "no count"),
        (b"main;f 1_000", "no count"),
        ("main;f ٣".encode(), "no count"),
        (b"main;f 99999999999999999999999", "64 bits"),
        (b"main;f " + b"9" * 5000, "64 bits"),
        (b"17", "without a stack"),
        (b"; ; 17", "without a stack"),
    ],
)
def test_a_garbled_line_is_named_and_the_next_is_read(read, line, message):
    samples, diagnostics = read(b"main 1\n" + line + b"\nmain 2\n")
    assert [sample.weight for sample in samples] == [1, 2]
    assert [diagnostic.line for diagnostic in diagnostics] == [2]
    assert message in diagnostics[0].message
    assert str(diagnostics[0]).endswith(f"x.folded:2: {diagnostics[0].message}")
    assert len(diagnostics[0].message) < 200


def test_of_two_counts_the_second_is_used_and_that_is_said_once(read):
    samples, diagnostics = read(b"main;f 3 5\nmain;g 7 11.5\n")
    assert samples == [Sample(("main", "f"), 5), Sample(("main", "g"), 11.5)]
    assert [diagnostic.line for diagnostic in diagnostics] == [1]
    assert "two counts" in diagnostics[0].message


def test_a_line_without_end_is_not_held_in_memory(read):
    samples, diagnostics = read(b"main 1\n" + b"x" * (3 * MAX_LINE) + b" 5\nmain 2\n")
    assert [sample.weight for sample in samples] == [1, 2]
    assert [diagnostic.line for diagnostic in diagnostics] == [2]


def test_the_longest_line_is_read(read):
    stack = b"x" * (MAX_LINE - 2)
    samples, diagnostics = read(stack + b" 5\nmain 2\n")
    assert [sample.weight for sample in samples] == [5, 2]
    assert diagnostics == []


def test_many_garbled_lines_are_counted_not_listed(read):
    samples, diagnostics = read(b"oops\n" * 5000 + b"main 1\n")
    assert len(samples) == 1
    assert len(diagnostics) == NAMED_LINES + 1
    assert "5000 in all" in diagnostics[-1].message
    assert diagnostics[-1].line == 0


def test_a_file_that_cannot_be_opened_is_a_diagnostic(tmp_path):
    diagnostics: list[Diagnostic] = []
    assert list(FoldedReader().read(tmp_path / "nowhere.folded", diagnostics)) == []
    assert "nowhere.folded" in str(diagnostics[0])


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from([b"a", b";", b" ", b"1", b".", b"\n", b"\r", b"#", b"\xff", b"-", b"\0"]), max_size=60
    ).map(b"".join)
)
@example(b"main 1\n\x1f\x8b 1\n")
def test_any_bytes_become_usable_samples_or_diagnostics(read, content):
    assume(not content.startswith(PACKED))
    samples, diagnostics = read(content)
    for sample in samples:
        assert sample.frames
        assert all(frame.strip() and "\n" not in frame and "\x1b" not in frame for frame in sample.frames)
        assert 0 <= sample.weight < math.inf
    lines = [line.strip() for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    worth_reading = [line for line in lines if line and not line.startswith(b"#")]
    garbled = [
        diagnostic for diagnostic in diagnostics if diagnostic.line and "two counts" not in diagnostic.message
    ]
    assert len(garbled) == min(len(worth_reading) - len(samples), NAMED_LINES)


FRAME = (
    st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=";#"), min_size=1, max_size=12)
    | st.sampled_from(["operator new[]", "(anonymous namespace)::f(int, char)", "GC Thread"])
).filter(lambda frame: frame.isprintable())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(FRAME, min_size=1, max_size=6), st.integers(0, 2**50) | st.decimals(0, 10**6, places=3)
        ),
        max_size=12,
    )
)
def test_what_is_written_is_read_back(read, stacks):
    samples, diagnostics = read("".join(f"{';'.join(frames)} {count}\n" for frames, count in stacks).encode())
    assert samples == [Sample(tuple(frames), float(count)) for frames, count in stacks]
    assert diagnostics == []
