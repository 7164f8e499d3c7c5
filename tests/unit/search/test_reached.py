"""Which benchmarks a rewrite is judged on: left out is only what surely does not reach it."""

from pesquared.core.profile import UNKNOWN, Sample
from pesquared.core.protocols import BenchmarkProfiles
from pesquared.profiles import StackAnalyzer
from pesquared.search.reached import Reached
from tests.unit.search.test_ceiling import SOURCE, Source


def profile(*stacks, weight=1000.0):
    return StackAnalyzer([Sample(tuple(stack.split(";")), weight) for stack in stacks])


def reached(*functions, outside=(), **each):
    profiles = BenchmarkProfiles(
        {name: None if one is None else profile(*one.split()) for name, one in each.items()},
        outside if isinstance(outside, StackAnalyzer) else profile(*outside),
    )
    return Reached(profiles, Source(), lambda definition: SOURCE[definition.name]).by(functions)


EACH = {"a": "bench;outer;leaf", "b": "bench;quiet", "c": "bench;prepare bench;quiet"}


def test_those_whose_stacks_hold_a_function_count():
    assert reached("leaf", **EACH) == ("a",)
    assert reached("quiet", **EACH) == ("b", "c")
    assert reached("leaf", "prepare", **EACH) == ("a", "c")
    assert reached("turn", **EACH) == ()


def test_what_is_not_known_counts():
    assert reached("leaf", d=None, **EACH) == ("a", "d")
    assert reached("leaf", d=f"bench;{UNKNOWN}", **EACH) == ("a", "d")
    assert reached("gone", **EACH) is None
    assert reached(**EACH) is None


def test_few_samples_say_little():
    each = {
        "a": profile("bench;leaf"),
        "b": profile("bench;quiet", weight=200),
        "c": profile("bench;quiet", weight=220),
    }
    choices = Reached(BenchmarkProfiles(each, profile()), Source(), lambda definition: SOURCE[definition.name])
    assert choices.by(("leaf",)) == ("a", "b")
    assert choices.of == 3


def test_a_little_doubt_is_no_reason_and_much_is():
    assert reached("leaf", outside=profile(UNKNOWN, weight=20), **EACH) == ("a",)
    assert reached("leaf", outside=profile(UNKNOWN, weight=100), **EACH) == ("a", "b", "c")
    assert reached("leaf", outside=profile("main;quiet", weight=1e6), **EACH) == ("a",)


def test_a_library_that_somebody_called_is_no_reason():
    assert reached("leaf", outside=profile(f"{UNKNOWN};malloc;brk_[k]", weight=1000), **EACH) == ("a",)
    for open_to_it in (
        f"{UNKNOWN};quiet;malloc",
        f"{UNKNOWN};ns::leaf",
        f"malloc;{UNKNOWN}",
        f"{UNKNOWN};[at all.c:35]",
    ):
        assert reached("leaf", outside=profile(open_to_it, weight=1000), **EACH) == ("a", "b", "c")


def test_what_also_runs_outside_of_benchmarks_may_prepare_any_of_them():
    assert reached("leaf", outside=profile("main;leaf", weight=1), **EACH) is None
