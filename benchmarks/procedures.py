"""PESquared's own decisions on replayed noise: the real code of ``pesquared.verify``, fed with made-up pairs."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from replay import Host, Noise

from pesquared.core.events import Event
from pesquared.core.settings import AcceptSettings
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Gain
from pesquared.verify.measuring.decision import Comparison, Outcome, confirmation_alpha
from pesquared.verify.measuring.meter import Reading
from pesquared.verify.measuring.pairs import Pair

DEFAULT = AcceptSettings()
SENSITIVE = AcceptSettings(min_gain=0.0, target=0.01)


class Silence:
    """An observer that does not look."""

    def notify(self, event: Event) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Judged:
    """How one candidate fared.

    Attributes:
        gain: its true gain.
        accepted: by the whole procedure.
        pairs: measured for it, all stages together.
        runs: made for it, untimed ones included.
        confirmed: did it get to a confirmation, which spends level?
        claimed: the gain that would be reported; None if it was not accepted.
        covered: of each stage's last interval, whether it held the true gain.
    """

    gain: float
    accepted: bool
    pairs: int
    runs: int
    confirmed: bool
    claimed: float | None
    covered: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """One candidate against the baseline: by pairs of neighbours, and by pairs kept apart by an untimed run."""

    screening: Comparison
    deciding: Comparison
    runs: int = 3  # of a pair that decides


def comparisons(noise: Noise, gain: float, accept: AcceptSettings, rng: random.Random) -> Comparisons:
    """The real comparisons over replayed pairs."""
    return compared_on(Host(noise.log_times(rng), -math.log1p(-gain)), accept, rng)


def compared_on(host: Host, accept: AcceptSettings, coin: random.Random, *, apart: bool = True) -> Comparisons:
    """The same of the programs of a host; their times stand for either metric. Not ``apart``: as it was before."""

    def comparison(*, apart: bool) -> Comparison:
        def next_pair() -> Pair:
            before, after = (math.exp(log_time) for log_time in host.pair(coin, apart=apart))
            return Pair(Reading(before, before), Reading(after, after))

        return Comparison(next_pair, "cpu", accept, Silence(), StopRequest())

    return Comparisons(comparison(apart=False), comparison(apart=apart), 3 if apart else 2)


def one_stage(noise: Noise, gain: float, alpha: float, rng: random.Random) -> Judged:
    """A single sequential test of the sensitive kind: bound 0, a gain of 1 % to be ruled out."""
    compared = comparisons(noise, gain, SENSITIVE, rng)
    series = compared.deciding.decide("test", alpha, SENSITIVE.max_pairs)
    accepted, pairs = series.outcome is Outcome.FASTER, len(series.pairs)
    return Judged(gain, accepted, pairs, 3 * pairs, False, None, tuple(_covers([series.gain], gain)))


def procedure(
    noise: Noise, gain: float, accept: AcceptSettings, rng: random.Random, confirmations: int = 0
) -> Judged:
    """A candidate's whole way on replayed noise; ``confirmations`` is how many there were before it."""
    return judged(comparisons(noise, gain, accept, rng), gain, accept, confirmations)


def judged(compared: Comparisons, gain: float, accept: AcceptSettings, confirmations: int = 0) -> Judged:
    """Screen, confirmation, claim, as an attempt goes through them."""
    deciding = compared.deciding
    stages = [compared.screening.decide("screen", accept.screen_alpha, accept.screen_pairs)]
    confirmed = stages[-1].outcome is Outcome.FASTER
    if confirmed:
        alpha = confirmation_alpha(accept.alpha, confirmations + 1)
        stages.append(deciding.decide("confirm", alpha, accept.max_pairs))
        if stages[-1].outcome is Outcome.FASTER:
            stages.append(deciding.claim(alpha))
    gains = [stage.gain for stage in stages]
    accepted = len(stages) == 3 and gains[-1] is not None and gains[-1].low > 0
    screened, *decided = (len(stage.pairs) for stage in stages)
    runs = 2 * screened + compared.runs * sum(decided)
    claimed = gains[-1].median if accepted and gains[-1] else None
    covered = tuple(_covers(gains, gain))
    return Judged(gain, accepted, screened + sum(decided), runs, confirmed, claimed, covered)


def _covers(gains: list[Gain | None], truth: float) -> Iterator[bool]:
    return (gain.low <= truth <= gain.high for gain in gains if gain is not None)


def search(noise: Noise, gains: list[float], accept: AcceptSettings, rng: random.Random) -> list[Judged]:
    """A whole search over candidates with these true gains, in an order drawn by ``rng``."""
    done: list[Judged] = []
    for gain in rng.sample(gains, len(gains)):
        spent = sum(one.confirmed for one in done)
        done.append(procedure(noise, gain, accept, rng, spent))
    return done
