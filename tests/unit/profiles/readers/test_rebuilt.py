"""Chains rebuilt from calls: nothing is lost, nothing goes in circles, the budget holds."""

import math
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import REBUILT
from pesquared.profiles.readers.rebuilt import rebuilt

NAMES = st.sampled_from("abcdefgh")


def test_time_is_shared_in_proportion_to_what_the_calls_cost():
    samples = list(rebuilt({"leaf": 8.0}, {("f", "leaf"): 3.0, ("g", "leaf"): 1.0, ("main", "f"): 9.0}))
    assert {sample.frames: sample.weight for sample in samples} == {
        (REBUILT, "main", "f", "leaf"): 6.0,
        (REBUILT, "g", "leaf"): 2.0,
    }


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(NAMES, st.floats(0, 1e6)),
    st.dictionaries(st.tuples(NAMES, NAMES), st.floats(0, 1e6), max_size=30),
)
def test_every_functions_own_weight_is_kept_and_no_chain_goes_in_a_circle(selfs, calls):
    own = defaultdict(float)
    for sample in rebuilt(selfs, calls):
        assert sample.frames[0] == REBUILT
        assert len(set(sample.frames)) == len(sample.frames)
        assert math.isfinite(sample.weight)
        assert sample.weight >= 0
        own[sample.frames[-1]] += sample.weight
    assert own == pytest.approx(selfs, abs=1e-6)


def test_a_dense_graph_has_a_budget():
    names = [f"f{n}" for n in range(60)]
    calls = {(a, b): 1.0 for a in names for b in names}
    samples = list(rebuilt(dict.fromkeys(names, 1.0), calls))
    assert sum(sample.weight for sample in samples) == pytest.approx(60.0)


def test_a_long_chain_has_an_end():
    calls = {(f"f{n}", f"f{n + 1}"): 1.0 for n in range(5000)}
    (sample,) = rebuilt({"f5000": 1.0}, calls)
    assert len(sample.frames) < 200
