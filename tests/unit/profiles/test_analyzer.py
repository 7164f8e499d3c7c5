"""Weights of functions, calls and chains, against a reference that counts the slow and obvious way."""

import math
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Hotspot, Sample
from pesquared.core.protocols import Profile
from pesquared.errors import UsageError
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.analyzer import MAX_CHAINS


def analyzer(*lines: str) -> StackAnalyzer:
    stacks = (line.rsplit(" ", 1) for line in lines)
    return StackAnalyzer(Sample(tuple(stack.split(";")), float(count)) for stack, count in stacks)


def by_function(profile: Profile, owns: Callable[[str], bool] | None = None) -> dict[str, Hotspot]:
    return {hotspot.function: hotspot for hotspot in profile.hotspots(owns)}


def test_it_is_the_profile_the_engine_sees():
    profile: Profile = analyzer("main 1")
    assert profile.total == 1


def test_shares_of_a_small_profile():
    profile = analyzer("main;a;b 6", "main;a 1", "main;b 3")
    b, a = profile.hotspots()
    assert (b.function, b.self_weight, b.total_weight, b.self_share, b.total_share) == ("b", 9, 9, 0.9, 0.9)
    assert [(chain.frames, chain.weight, chain.share) for chain in b.chains] == [
        (("main", "a", "b"), 6, 0.6),
        (("main", "b"), 3, 0.3),
    ]
    assert (a.function, a.self_share, a.total_share) == ("a", 0.1, 0.7)
    assert profile.edge_share("main", "a") == 0.7
    assert profile.edge_share("a", "main") is None
    assert profile.total_share("main") == 1
    assert profile.total_share("nobody") == 0


def test_recursion_counts_once():
    profile = analyzer("main;f;g;f;g;f 10")
    (hotspot,) = profile.hotspots()
    assert hotspot.total_share == profile.total_share("g") == profile.edge_share("f", "g") == 1
    assert hotspot.chains[0].frames == ("main", "f", "g", "f", "g", "f")


def test_copies_of_a_function_are_one_and_overloads_are_two():
    profile = analyzer("main;f.isra.0 1", "main;f.constprop.1+0x10 2", "main;f(int) 4", "main;f(double) 8")
    assert {name: hotspot.self_weight for name, hotspot in by_function(profile).items()} == {
        "f": 3,
        "f(int)": 4,
        "f(double)": 8,
    }


def test_ties_are_broken_by_name():
    profile = analyzer("main;c 1", "main;a 1", "x;b 1", "main;b 1", "main;d 2")
    assert [hotspot.function for hotspot in profile.hotspots()] == ["b", "d", "a", "c"]
    assert [chain.frames[0] for chain in next(profile.hotspots()).chains] == ["main", "x"]


def test_only_the_heaviest_chains_are_kept():
    profile = analyzer(*(f"root{number};leaf {number}" for number in range(1, 100)))
    (hotspot,) = profile.hotspots()
    assert [chain.weight for chain in hotspot.chains] == list(range(99, 99 - MAX_CHAINS, -1))
    assert hotspot.self_share == 1


def test_runs_of_unknown_frames_are_one():
    profile = analyzer("[unknown];[unknown];main;[unknown];0x7f12;f 3", "[unknown];main;[unknown];f 4")
    (hotspot,) = profile.hotspots()
    assert [chain.frames for chain in hotspot.chains] == [("[unknown]", "main", "[unknown]", "f")]


def test_time_in_a_library_counts_for_the_function_that_called_it():
    profile = analyzer(
        "comm;main;parse;memcpy 5", "comm;main;parse 2", "comm;main;parse;qsort;compare;strcmp 4", "comm;read 9"
    )
    found = by_function(profile, {"main", "parse", "compare"}.__contains__)
    assert list(found) == ["parse", "compare"]
    assert found["parse"].self_weight == 7
    assert found["parse"].total_share == 11 / 20
    assert [chain.frames for chain in found["parse"].chains] == [("comm", "main", "parse")]
    assert found["compare"].chains[0].frames == ("comm", "main", "parse", "qsort", "compare")


def test_nothing_owned_is_no_hotspot():
    assert list(analyzer("main;f 1").hotspots(owns=lambda _: False)) == []


def test_each_function_is_asked_for_once():
    asked: Counter[str] = Counter()

    def owns(function):
        asked[function] += 1
        return function == "f"

    assert by_function(analyzer("main;f 1", "main;f;g 1", "main;f;g;h 1"), owns)["f"].self_weight == 3
    assert set(asked.values()) == {1}


def test_a_name_means_all_its_overloads_and_a_stack_counts_once():
    profile = analyzer(
        "main;ns::f(int);ns::f(double);g(char) 3",
        "main;ns::f(int);g(char) 2",
        "main;ns::f(double);g(char) 4",
        "main;x 1",
    )
    assert profile.total_share("ns::f") == 0.9
    assert profile.total_share("ns::f(int)") == 0.5
    assert profile.total_share("ns::f(long)") == 0
    assert profile.edge_share("ns::f", "g") == 0.9
    assert profile.edge_share("ns::f(int)", "g(char)") == 0.2
    assert profile.edge_share("main", "ns::f") == 0.9
    assert profile.edge_share("x", "g") is None


def test_parameters_in_the_question_fit_a_profile_that_shows_none():
    assert analyzer("main;ns::f 3", "main 1").total_share("ns::f(int)") == 0.75


def test_an_empty_profile_has_no_hotspots():
    profile = StackAnalyzer([])
    assert (profile.total, list(profile.hotspots()), profile.total_share("main")) == (0, [], 0)


@pytest.mark.parametrize(
    "sample", [Sample((), 1), Sample(("f",), -1), Sample(("f",), math.nan), Sample(("f",), math.inf)]
)
def test_a_sample_that_no_reader_yields_is_refused(sample):
    with pytest.raises(ValueError, match="not a usable sample"):
        StackAnalyzer([sample])


def test_a_folder_is_read_as_one_profile_and_garbled_lines_are_named(tmp_path):
    (tmp_path / "a.folded").write_text("main;f 1\noops\n")
    (tmp_path / "b.txt").write_text("main;g 3\n")
    (tmp_path / "c.stacks").write_bytes(b"PERFILE2\0")
    (tmp_path / "d.stacks").write_text("# nothing\n")
    profile = StackAnalyzer.read(tmp_path)
    assert {name: hotspot.self_share for name, hotspot in by_function(profile).items()} == {"g": 0.75, "f": 0.25}
    assert [(diagnostic.source.rpartition("/")[2], diagnostic.line) for diagnostic in profile.diagnostics] == [
        ("a.folded", 2),
        ("c.stacks", 0),
        ("d.stacks", 0),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "x.folded: holds no stacks"),
        ("oops\nno counts here\n", "x.folded:1: no count"),
        ("main 0\n", "all counts are 0"),
        ("\0\1\2", "no known profile format"),
    ],
)
def test_nothing_readable_is_an_error_that_says_where_and_how_to_record(tmp_path, content, message):
    file = tmp_path / "x.folded"
    file.write_text(content)
    with pytest.raises(UsageError) as caught:
        StackAnalyzer.read(file)
    assert message in caught.value.message
    assert str(file) in caught.value.message
    assert "perf record" in caught.value.fix


STACKS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcde"), min_size=1, max_size=7).map(tuple), st.integers(0, 50)),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(STACKS, st.sets(st.sampled_from("abcde")) | st.none())
def test_it_agrees_with_a_naive_count(stacks, owned):
    profile = StackAnalyzer(Sample(frames, weight) for frames, weight in stacks)
    total = sum(weight for _, weight in stacks)
    assert profile.total == total

    selfs: Counter[str] = Counter()
    chains: Counter[tuple[str, ...]] = Counter()
    for frames, weight in stacks:
        path = frames
        while path and owned is not None and path[-1] not in owned:
            path = path[:-1]
        if path and weight:
            selfs[path[-1]] += weight
            chains[path] += weight
    found = list(profile.hotspots(None if owned is None else owned.__contains__))
    assert [(h.function, h.self_weight) for h in found] == sorted(
        selfs.items(), key=lambda item: (-item[1], item[0])
    )
    assert {chain.frames: chain.weight for hotspot in found for chain in hotspot.chains} == chains
    if owned is None:
        assert sum(hotspot.self_weight for hotspot in found) == total

    for function in "abcde":
        below = sum(weight for frames, weight in stacks if function in frames)
        assert profile.total_share(function) == (below / total if total else 0)
        for callee in "abcde":
            through = sum(weight for frames, weight in stacks if (function, callee) in pairwise(frames))
            assert profile.edge_share(function, callee) == (through / total if through else None)


def test_the_share_of_stacks_with_some_property():
    profile = analyzer("main;work;leaf 6", "main;leaf 3", "main;work 1")
    assert profile.share_where(lambda stack: stack[-1] == "leaf") == pytest.approx(0.9)
    assert profile.share_where(lambda stack: len(stack) == 7) == 0
