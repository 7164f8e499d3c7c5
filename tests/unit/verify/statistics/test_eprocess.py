"""The e-process keeps its promises: identical programs are accepted less often than α, real gains are found."""

import itertools
import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verify.measuring.decision import confirmation_alpha
from pesquared.verify.statistics.eprocess import (
    BETS,
    EProcess,
    gain_of_log,
    highest_log_evidence,
    log_evidence,
    log_of_gain,
)


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
        assert process.log_e == pytest.approx(highest_log_evidence(number))
    assert process.rejects(0.001)
    before = process.log_e
    process.add(-1e9)
    cautious = min(bet.stake for bet in BETS)
    at_most = sum(bet.weight for bet in BETS if bet.stake > cautious) * (1 + max(bet.stake for bet in BETS)) ** 12
    assert process.log_e >= math.log(math.exp(before) - at_most) + math.log(1 - cautious) - 1e-9


def test_a_family_of_confirmations_spends_no_more_than_alpha() -> None:
    assert sum(confirmation_alpha(0.001, number) for number in range(1, 10_000)) < 0.001


@given(st.floats(-5, 0.99))
def test_gains_and_logs_are_inverse(gain: float) -> None:
    assert gain_of_log(log_of_gain(gain)) == pytest.approx(gain)


def expected(sizes: list[float], loss: float, *, mirrored: bool) -> float:
    """The mean of E over every outcome of the coin: each pair differs by its size, one way or the other."""
    signs = itertools.product((-1, 1), repeat=len(sizes))
    samples = [[sign * size - loss for sign, size in zip(order, sizes, strict=True)] for order in signs]
    if mirrored:
        samples = [[-ratio for ratio in sample] for sample in samples]
    values = [math.exp(log_evidence(sample, 0.0, mirrored=mirrored)) for sample in samples]
    return math.fsum(values) / len(values)


@given(st.lists(st.floats(0, 50), max_size=8), st.floats(0, 2), st.booleans())
def test_over_all_outcomes_of_the_coin_the_mean_of_the_evidence_is_at_most_one(sizes, loss, mirrored) -> None:
    assert expected(sizes, loss, mirrored=mirrored) <= 1 + 1e-9


@given(st.lists(st.floats(0, 50), max_size=8), st.booleans())
def test_in_a_fair_game_that_mean_is_one(sizes: list[float], mirrored) -> None:
    assert expected(sizes, 0.0, mirrored=mirrored) == pytest.approx(1.0)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=12), st.floats(-3, 3), st.floats(0, 3))
def test_evidence_falls_as_the_bound_rises_and_the_mirrored_one_rises(ratios, bound, step) -> None:
    assert log_evidence(ratios, bound) >= log_evidence(ratios, bound + step) - 1e-9
    assert log_evidence(ratios, bound, mirrored=True) <= log_evidence(ratios, bound + step, mirrored=True) + 1e-9


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.floats(-3, 3), st.booleans())
def test_pair_by_pair_or_all_at_once_it_is_the_same_evidence(ratios, bound, mirrored) -> None:
    process = EProcess(bound, mirrored=mirrored)
    for ratio in ratios:
        process.add(ratio)
    assert process.log_e == pytest.approx(log_evidence(ratios, bound, mirrored=mirrored), abs=1e-6)
    assert process.log_e <= highest_log_evidence(len(ratios)) + 1e-9


def test_the_weights_of_the_bets_were_fixed_beforehand_and_add_up_to_one() -> None:
    assert math.fsum(bet.weight for bet in BETS) == pytest.approx(1.0)
    assert all(0 < bet.stake < 1 and bet.weight > 0 for bet in BETS)


def test_ten_thousand_pairs_are_within_the_numbers_range() -> None:
    process = EProcess(0.0)
    for _ in range(10_000):
        process.add(-1.0)
    assert math.isfinite(process.log_e)
    assert not process.rejects(0.5)
