"""The statistics keep their promises: false accepts stay below α, real gains are found, intervals cover."""

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verify.decision import confirmation_alpha
from pesquared.verify.eprocess import STAKE, EProcess, gain_of_log, interval, log_of_gain


def drifting(rng: random.Random, gain: float = 0.0, spread: float = 0.02) -> Iterator[float]:
    """Log ratios of coin-ordered pairs on a host that drifts inside each pair: the second run is always slower."""
    while True:
        drift = rng.gauss(0.01, spread)
        yield log_of_gain(gain) + (drift if rng.random() < 0.5 else -drift)


def pairs_until(process: EProcess, alpha: float, ratios, at_most: int) -> int:
    """Pairs until the process rejects; 0 if it never does."""
    for number in range(1, at_most + 1):
        process.add(next(ratios))
        if process.rejects(alpha):
            return number
    return 0


def test_identical_programs_are_accepted_less_often_than_alpha() -> None:
    rng = random.Random(1)
    accepted = sum(pairs_until(EProcess(0.0), 0.05, drifting(rng), 40) > 0 for _ in range(2000))
    assert accepted <= 0.05 * 2000
    accepted = sum(pairs_until(EProcess(log_of_gain(0.005)), 0.05, drifting(rng), 40) > 0 for _ in range(500))
    assert accepted <= 0.05 * 500


def test_outliers_do_not_accept_identical_programs() -> None:
    rng = random.Random(2)

    def bursts() -> Iterator[float]:
        while True:
            yield rng.choice((-1, 1)) * (rng.paretovariate(0.5) if rng.random() < 0.2 else 0.01)

    assert sum(pairs_until(EProcess(0.0), 0.05, bursts(), 40) > 0 for _ in range(1000)) <= 50


def test_ten_per_cent_are_found_in_less_than_thirty_pairs_at_one_in_a_thousand() -> None:
    rng = random.Random(3)
    needed = [pairs_until(EProcess(log_of_gain(0.005)), 0.001, drifting(rng, 0.10), 150) for _ in range(200)]
    assert all(needed)
    assert sum(needed) / len(needed) < 30


def test_no_gain_is_found_hopeless() -> None:
    rng = random.Random(4)
    needed = [
        pairs_until(EProcess(log_of_gain(0.015), mirrored=True), 0.05, drifting(rng, spread=0.01), 150)
        for _ in range(100)
    ]
    assert sum(1 for pairs in needed if pairs) > 90


def test_one_pair_decides_nothing_and_undoes_little() -> None:
    process = EProcess(0.0)
    for number in range(1, 13):
        process.add(1e9)
        assert process.log_e <= number * math.log(1 + STAKE) + 1e-9
    assert process.rejects(0.001)
    before = process.log_e
    process.add(-1e9)
    assert process.log_e >= before + math.log(1 - STAKE) - 1e-9


def test_the_interval_covers_the_true_gain() -> None:
    rng = random.Random(5)
    missed = 0
    for _ in range(200):
        ratios = drifting(rng, 0.2, 0.05)
        low, high = interval([next(ratios) for _ in range(20)]) or (0.0, 0.0)
        missed += not gain_of_log(low) <= 0.2 <= gain_of_log(high)
    assert missed <= 10


def test_six_pairs_bound_nothing() -> None:
    assert interval([0.1] * 6) is None
    assert interval([0.1] * 7) is not None


def test_a_family_of_confirmations_spends_no_more_than_alpha() -> None:
    assert sum(confirmation_alpha(0.001, number) for number in range(1, 10_000)) < 0.001


@given(st.lists(st.floats(-20, 20), min_size=7, max_size=40))
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


@given(st.floats(-5, 0.99))
def test_gains_and_logs_are_inverse(gain: float) -> None:
    assert gain_of_log(log_of_gain(gain)) == pytest.approx(gain)
