"""The whole procedure on simulated noise with a fixed seed: what it accepts, how soon, and what it then claims."""

import math
import random
import statistics
from collections.abc import Iterator

import pytest

from pesquared.core.settings import AcceptSettings
from pesquared.core.stopping import StopRequest
from pesquared.verify.measuring.decision import Comparison, Outcome, Series, confirmation_alpha
from pesquared.verify.measuring.meter import Reading
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.statistics.eprocess import gain_of_log
from tests.unit.verify.conftest import Recorder

DEFAULT = AcceptSettings()
SENSITIVE = AcceptSettings(min_gain=0.0, target=0.01)


def log_times(rng: random.Random) -> Iterator[float]:
    """Runs that resemble their neighbours, drift, and are disturbed one time in twelve."""
    level, step = 0.0, rng.randrange(500)
    while True:
        level = 0.5 * level + rng.gauss(0, 0.01)
        burst = abs(rng.gauss(0, 0.15)) if rng.random() < 1 / 12 else 0.0
        yield level + burst + 0.02 * math.sin(step / 80)
        step += 1


def comparison(gain: float, accept: AcceptSettings, rng: random.Random) -> Comparison:
    """Pairs of neighbours, the coin saying whose is whose; the candidate's times are scaled by 1 − gain."""
    times = log_times(rng)

    def next_pair() -> Pair:
        runs = [math.exp(next(times)), math.exp(next(times))]
        rng.shuffle(runs)
        return Pair(Reading(runs[0], runs[0]), Reading(runs[1] * (1 - gain), runs[1] * (1 - gain)))

    recorder = Recorder(StopRequest())
    return Comparison(next_pair, "cpu", accept, recorder, recorder.stop)


def stages(gain: float, accept: AcceptSettings, rng: random.Random) -> list[Series]:
    """Screen, confirmation and claim, as far as the candidate gets."""
    compared = comparison(gain, accept, rng)
    found = [compared.decide("screen", accept.screen_alpha, accept.screen_pairs)]
    if found[-1].outcome is Outcome.FASTER:
        found.append(compared.decide("confirm", confirmation_alpha(accept.alpha, 1), accept.max_pairs))
    if len(found) == 2 and found[-1].outcome is Outcome.FASTER:
        found.append(compared.claim(accept.alpha))
    return found


@pytest.mark.parametrize(
    ("gain", "accept", "least", "most"),
    [(0.0, DEFAULT, 0, 0), (0.02, DEFAULT, 34, 40), (0.03, DEFAULT, 38, 40), (0.01, SENSITIVE, 28, 40)],
)
def test_of_forty_candidates_so_many_are_accepted(gain, accept, least, most) -> None:
    rng = random.Random(20)
    found = [stages(gain, accept, rng) for _ in range(40)]
    accepted = [each for each in found if len(each) == 3]
    assert least <= len(accepted) <= most
    gains = [each[2].gain for each in accepted]
    assert all(one is not None and one.low > 0 and one.pairs >= 20 for one in gains)
    errors = [one.median - gain for one in gains if one is not None]
    assert not errors or abs(statistics.fmean(errors)) <= 0.002
    covered = [each.gain.low <= gain <= each.gain.high for one in found for each in one if each.gain]
    assert sum(covered) >= 0.95 * len(covered)


def test_a_candidate_that_gains_nothing_is_dismissed_soon() -> None:
    rng = random.Random(21)
    pairs = [sum(len(each.pairs) for each in stages(0.0, DEFAULT, rng)) for _ in range(60)]
    assert statistics.fmean(pairs) <= 30


def test_ten_per_cent_are_decided_within_fifteen_pairs_at_one_in_a_thousand() -> None:
    rng = random.Random(22)
    pairs = [len(comparison(0.10, SENSITIVE, rng).decide("test", 0.001, 150).pairs) for _ in range(40)]
    assert statistics.fmean(pairs) <= 15


def test_a_claim_goes_on_until_zero_is_outside() -> None:
    rng = random.Random(23)
    claims = [comparison(0.006, DEFAULT, rng).claim(0.001) for _ in range(10)]
    assert all(claim.outcome is Outcome.COMPLETE and claim.gain is not None for claim in claims)
    assert any(len(claim.pairs) > 20 for claim in claims)
    assert all(claim.gain.low > 0 for claim in claims if claim.gain and len(claim.pairs) < 150)


def test_intervals_of_a_growing_series_are_those_of_its_pairs() -> None:
    rng = random.Random(24)
    series = comparison(0.02, DEFAULT, rng).measure("noise", 40, 0.05)
    assert series.gain is not None
    ratios = [ratio for pair in series.pairs if (ratio := pair.log_ratio("cpu")) is not None]
    assert series.gain.median == pytest.approx(gain_of_log(statistics.median(ratios)))
    assert series.gain.low < series.gain.median < series.gain.high
