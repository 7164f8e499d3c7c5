"""Intervals cover the truth, hold what they must, and say what the e-process says."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verify.statistics.eprocess import EProcess, gain_of_log, log_evidence, log_of_gain
from pesquared.verify.statistics.interval import GrowingInterval, interval

RATIOS = st.lists(st.floats(-20, 20), min_size=6, max_size=40)


def test_the_interval_covers_the_true_gain() -> None:
    rng = random.Random(5)
    missed = 0
    for _ in range(200):
        ratios = [log_of_gain(0.2) + rng.choice((-1, 1)) * rng.gauss(0.01, 0.05) for _ in range(20)]
        low, high = interval(ratios) or (0.0, 0.0)
        missed += not gain_of_log(low) <= 0.2 <= gain_of_log(high)
    assert missed <= 10


def test_five_pairs_bound_nothing() -> None:
    assert interval([0.1] * 5) is None
    assert interval([0.1] * 6) is not None


@pytest.mark.parametrize("wrong", [math.nan, -math.nan])
def test_what_is_no_number_ends_the_search(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        interval([0.1] * 10 + [wrong])


@pytest.mark.parametrize("far", [1e300, -1e300, 1.7e308])
def test_a_search_that_begins_anywhere_ends(far: float) -> None:
    assert interval([0.1] * 10, near=(far, far)) == pytest.approx(interval([0.1] * 10), abs=1e-2)


@given(RATIOS)
def test_the_interval_is_ordered_and_its_ends_are_where_the_evidence_says(ratios: list[float]) -> None:
    low, high = interval(ratios) or (1.0, 0.0)
    assert low <= high
    below, above = EProcess(low - 1e-3 * (1 + abs(low))), EProcess(high + 1e-3 * (1 + abs(high)), mirrored=True)
    for ratio in ratios:
        below.add(ratio)
        above.add(ratio)
    assert below.rejects(0.025)
    assert above.rejects(0.025)


@given(st.lists(st.floats(-1, 1), min_size=7, max_size=20), st.floats(-1, 1))
def test_the_interval_moves_with_the_gain(ratios: list[float], shift: float) -> None:
    low, high = interval(ratios) or (0.0, 0.0)
    shifted = interval([ratio + shift for ratio in ratios])
    assert list(shifted or ()) == pytest.approx([low + shift, high + shift], abs=1e-2)


def test_agreeing_pairs_lie_inside() -> None:
    rng = random.Random(6)
    for pairs in (6, 20, 150):
        ratios = sorted(rng.gauss(0.1, 0.02) for _ in range(pairs))
        low, high = interval(ratios) or (1.0, -1.0)
        assert low < ratios[pairs // 2] < high


@given(RATIOS, st.floats(-20, 20), st.floats(-20, 20))
def test_where_the_search_begins_changes_next_to_nothing(ratios, one, other) -> None:
    found, helped = interval(ratios), interval(ratios, near=(min(one, other), max(one, other)))
    assert found is not None
    assert helped is not None
    if log_evidence(ratios, sum(found) / 2) < math.log(
        40
    ):  # else every bound is rejected, from one side or the other
        for end, mirrored in ((0, False), (1, True)):
            evidence = [log_evidence(ratios, each[end], mirrored=mirrored) for each in (found, helped)]
            assert min(evidence) >= math.log(40)
            apart = abs(found[end] - helped[end]) <= 1e-6 * max(1.0, abs(found[end]))
            assert apart or max(evidence) <= math.log(40) + 0.011


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=40))
def test_a_growing_interval_is_the_interval_of_all_pairs(ratios) -> None:
    growing = GrowingInterval()
    for number, ratio in enumerate(ratios, 1):
        grown, whole = growing.add(ratio), interval(ratios[:number])
        assert (grown is None) is (whole is None)
        assert list(grown or ()) == pytest.approx(list(whole or ()), abs=5e-3)


@given(st.lists(st.floats(-0.05, 0.1), min_size=6, max_size=40), st.floats(-0.02, 0.05))
def test_the_interval_leaves_out_a_bound_when_the_e_process_rejects_it(ratios, bound) -> None:
    above, below = EProcess(bound), EProcess(bound, mirrored=True)
    for number, ratio in enumerate(ratios, 1):
        above.add(ratio)
        below.add(ratio)
        bounds = interval(ratios[:number])
        if bounds is None:
            continue
        assert (bounds[0] >= bound - 1e-3) or not above.rejects(0.025)
        assert (bounds[1] <= bound + 1e-3) or not below.rejects(0.025)
        if not (above.rejects(0.025) or below.rejects(0.025)):
            assert bounds[0] <= bound <= bounds[1]


def test_plateaus_of_the_evidence_are_no_trap() -> None:
    ratios = [*[0.0] * 10, *[5.0] * 9, 1e6, -1e6]
    low, high = interval(ratios) or (0.0, 0.0)
    assert -2.0 < low < 0.0
    assert 4.9 < high < 5.1
    assert interval([1e300, -1e300] * 10) is not None
