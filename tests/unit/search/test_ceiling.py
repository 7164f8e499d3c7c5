"""Which stacks of the benchmark's own profile run through a function, for certain and perhaps."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.profile import UNKNOWN, UNSEEN, Sample
from pesquared.core.source import Ambiguous, Definition, Extent, FunctionContext, Linkage, Missing
from pesquared.profiles import StackAnalyzer
from pesquared.search.ceiling import Ceilings, upper_bound

SOURCE = {
    "main": "int main(void) { prepare(); return outer(3) + quiet(4); }",
    "outer": "int outer(int n) { int s = wrap(n); return s + leaf(n) + n; }",
    "wrap": "int wrap(int n) { return leaf(n + 1); }",
    "leaf": "int leaf(int n) { while (n & 7) n -= 3; return n; }",
    "quiet": "int quiet(int n) { return n * n; }",
    "pick": "int pick(int n) { return n ? apply(inner, n) : member(&all, n); }",
    "apply": "int apply(int (*how)(int), int n) { return how(n); }",
    "member": "int member(struct all *a, int n) { return a->how(n); }",
    "turn": "int turn(int n) { return leaf(n); }",
    "prepare": "void prepare(void) { memset(buffer, 0, sizeof buffer); }",
}


class Source:
    """One definition a name, each on ten lines of its own file; ``twin`` is ambiguous."""

    def resolve(self, symbol):
        if symbol == "twin":
            return Ambiguous(symbol, (self.definition("leaf"), self.definition("quiet")))
        return self.definition(symbol) if symbol in SOURCE else Missing(symbol, "not in the code base")

    find = resolve

    def extract(self, definition, _profile=None, _tokens=0):
        return FunctionContext(definition, SOURCE[definition.name])

    def definition(self, name):
        line = 10 * list(SOURCE).index(name) + 1
        extent = Extent("src/all.c", 0, 0, line, line + 9, sha256(b"").hexdigest())
        return Definition(name, name, extent, Linkage.EXTERNAL, "c", name)


def ceilings(*stacks):
    samples = [Sample(tuple(stack.split(";")), 1000.0) for stack in stacks]
    return Ceilings(StackAnalyzer(samples), Source(), lambda definition: SOURCE[definition.name])


def shares(function, *stacks):
    """Certain, and certain or perhaps, without what few samples leave open."""
    found = ceilings(*stacks).of((function,))
    assert found is not None
    assert found.share <= found.at_most <= 1
    return round(found.share, 2), round(found.at_most, 1)


def test_what_runs_in_and_below_a_function_is_its_share():
    stacks = ("main;outer;leaf", "main;outer", "main;quiet", "main;prepare;memset")
    assert shares("outer", *stacks) == (0.5, 0.5)
    assert shares("main", *stacks) == (1.0, 1.0)
    assert shares("quiet", *stacks) == (0.25, 0.3)
    both = ceilings(*stacks).of(("outer", "quiet"))
    assert both is not None
    assert both.share == 0.75


@pytest.mark.parametrize("frame", [UNKNOWN, "twin", "[at all.c:45]", "std::ops::quiet"])
def test_what_may_be_the_function_counts_for_the_ceiling_only(frame):
    assert shares("quiet", f"main;{frame}", "main;leaf;strlen") == (0, 0.5)


@pytest.mark.parametrize("frame", ["[libz.so.1]", "quiet_[k]", "[at all.c:55]", "[at other.c:45]", "qui"])
def test_what_cannot_be_the_function_does_not_count(frame):
    assert shares("quiet", f"main;{frame}", "main;leaf") == (0, 0.0)


def test_a_wrapper_that_jumps_to_what_it_calls_is_not_seen_and_counts():
    assert shares("wrap", "main;outer;leaf", "main;quiet") == (0, 0.5)  # outer calls both, wrap ends with leaf
    assert shares("outer", "main;leaf", "main;quiet") == (0, 0.5)  # main does not call leaf: outer may have
    assert shares("wrap", "qsort;leaf", "main;quiet") == (0, 0.5)  # called back by a library
    assert shares("leaf", "main;strange", "main;quiet") == (0, 0.0)  # it calls nothing
    assert shares("main", "_start;quiet", "_start;leaf;strange") == (0, 1.0)  # what it calls calls leaf
    assert shares("turn", "main;outer;leaf", "main;quiet") == (0, 0.0)  # outer does not know it


def test_a_call_through_a_pointer_may_reach_anything_of_ours():
    stacks = ("main;pick;leaf", "main;pick;strlen", "main;outer")
    assert shares("apply", *stacks) == (0, 0.4)  # a third and a little: leaf, which pick does not name
    assert shares("member", *stacks) == (0, 0.4)


def test_time_never_sampled_is_part_of_the_ceiling_and_no_sign_of_being_reached():
    found = ceilings(*["main;leaf"] * 9, UNSEEN).of(("quiet",))
    assert found is not None
    assert found.share == 0
    assert found.sampled_at_most < 0.015
    assert found.at_most > 0.1


def test_what_is_not_in_the_code_base_has_no_ceiling():
    assert ceilings("main;leaf").of(("leaf", "gone")) is None
    assert ceilings("main;leaf").of(()) is None


@given(st.floats(0, 1), st.floats(1, 1e6))
def test_the_bound_lies_above_the_share_and_tightens_with_samples(share, samples):
    bound = upper_bound(share, samples)
    assert share <= bound + 1e-12
    assert bound <= 1
    assert upper_bound(share, 4 * samples) <= bound + 1e-12


def test_the_bound_of_nothing_seen():
    assert upper_bound(0, 0) == 1
    assert upper_bound(0, 1000) == pytest.approx(0.0107, abs=0.0002)
