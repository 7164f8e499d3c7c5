"""Whose stack is it? By the function nearest to the root, with or without template arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.profile import UNKNOWN, UNSEEN, Sample
from pesquared.verify.profiling.benchmark_stacks import below_harness, told_apart

HARNESS = (UNKNOWN, "[libbenchmark.so.1]")


def of(*stacks, **frames):
    return told_apart(
        [Sample(stack, 10.0) for stack in stacks], {name: (frame,) for name, frame in frames.items()}
    )


def shows(profile, *frames):
    return round(profile.total * profile.share_where(lambda stack: tuple(stack) == frames))


def test_a_stack_belongs_to_the_benchmark_and_what_stands_above_is_cut():
    found = of((*HARNESS, "BM_a", "f"), (*HARNESS, "BM_a"), (*HARNESS, "BM_b", "BM_a", "g"), a="BM_a", b="BM_b")
    assert found.each["a"].total == 20
    assert shows(found.each["a"], "BM_a", "f") == 10
    assert shows(found.each["b"], "BM_b", "BM_a", "g") == 10  # it only calls the other
    assert found.outside.total == 0


def test_what_is_nobodys_stands_outside_without_what_stands_above_the_harness():
    called, printed, cut = (*HARNESS, "run", "[at a.cc:3]", "g"), (*HARNESS, "report"), (UNKNOWN, "f")
    found = of((*HARNESS, "run", "BM_a"), called, printed, cut, (UNSEEN,), a="BM_a", c="BM_c")
    assert found.each["c"] is None
    assert found.outside.total == 30
    assert shows(found.outside, "run", "[at a.cc:3]", "g") == 10
    assert shows(found.outside, HARNESS[-1], "report") == 10
    assert shows(found.outside, *cut) == 10
    whole = of(("main", "run", "BM_a"), ("main", "prepare"), a="BM_a")
    assert shows(whole.outside, "main", "prepare") == 10
    bare = of((UNKNOWN, "BM_a"), (UNKNOWN, "g"), a="BM_a")  # what is unknown is no harness
    assert shows(bare.outside, UNKNOWN, "g") == 10


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        ("BM_a", "BM_a"),
        ("BM_a(benchmark::State&)", "BM_a"),
        ("(anonymous namespace)::BM_a(benchmark::State&)", "BM_a"),
        ("bench::inner::BM_a(benchmark::State&) [clone .cold]", "inner::BM_a"),
        ("void bench::BM_a<std::map<int, long> >(benchmark::State&)", "BM_a<std::map<int,long>>"),
        ("BM_a<int>", "BM_a"),
        ("F_go_Benchmark::BenchmarkCase(benchmark::State&)", "F_go_Benchmark::BenchmarkCase"),
    ],
)
def test_functions_are_found_as_demanglers_print_them(frame, wanted):
    assert of(("main", frame, "f"), a=wanted).each["a"] is not None


@pytest.mark.parametrize(
    "frame", ["BM_ab", "a::BM_a::f", "f(BM_a)", "BM_a<int>::f", "[BM_a]", "", "<", "BM_a<long>"]
)
def test_others_are_not(frame):
    assert of(("main", frame or " "), a="BM_a<int>").each["a"] is None
    if frame != "BM_a<long>":
        assert of(("main", frame or " "), a="BM_a").each["a"] is None


def test_instances_of_a_template_are_told_apart_and_spelt_otherwise_they_share():
    samples = [Sample(("main", f"void BM_a<{kind}>(State&)"), 10.0) for kind in ("int", "unsigned long")]
    frames = {"a<int>": ("BM_a<int>", "BM_a"), "a<size_t>": ("BM_a<size_t>", "BM_a")}
    found = told_apart(samples, frames)
    assert found.each["a<int>"].total == 10
    assert shows(found.each["a<size_t>"], "BM_a(State&)") == 10


@given(
    st.lists(
        st.lists(st.text("ab<>:() ,~", min_size=1, max_size=9), min_size=1, max_size=4).map(tuple), max_size=6
    ),
    st.lists(st.text("ab<>:", min_size=1, max_size=5), max_size=3),
)
def test_no_sample_is_lost(stacks, wanted):
    samples = [Sample(stack, 1.0) for stack in stacks]
    frames = {name: (name,) for name in wanted}
    found = told_apart(samples, frames)
    assert len(list(below_harness(samples, frames))) == len(samples)
    own = {id(profile): profile.total for profile in found.each.values() if profile is not None}
    assert sum(own.values()) + found.outside.total == len(samples)
