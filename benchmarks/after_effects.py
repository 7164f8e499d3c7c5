"""What a candidate that burdens the run after it gains by that, with and without an untimed run inside the pairs.

The candidate is the baseline's program, but whatever comes after it takes longer: heat, dirty pages, caches. The
algebra, and why the untimed run is the second's own: docs/design/0010-after-effects.md.
"""

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from procedures import DEFAULT, Judged, compared_on, judged
from replay import Host, Noise

BURDENS = (0.0, 0.01, 0.02, 0.05, 0.10)
GAINS = (0.02, 0.03, 0.10)


@dataclass(frozen=True, slots=True)
class Burdening:
    """A candidate's whole way.

    Attributes:
        apart: with the untimed run.
        spares_itself: only the baseline suffers.
        gain: the candidate's true one.
    """

    apart: bool
    spares_itself: bool = False
    gain: float = 0.0

    def __call__(self, noise: Noise, burden: float, rng: random.Random) -> Judged:
        host = Host(noise.log_times(rng), -math.log1p(-self.gain), math.log1p(burden), self.spares_itself)
        return judged(compared_on(host, DEFAULT, rng, apart=self.apart), self.gain, DEFAULT)


KINDS = {
    "all suffer, runs back to back": Burdening(apart=False),
    "all suffer, an untimed run between": Burdening(apart=True),
    "only the baseline suffers, back to back": Burdening(apart=False, spares_itself=True),
    "only the baseline suffers, an untimed run": Burdening(apart=True, spares_itself=True),
}


def print_after_effects(noise: Noise, trials: int, many: Callable[..., list[Judged]]) -> None:
    """How often a candidate that gains nothing is accepted, by its burden; and what the untimed run costs."""
    print(f"\n{noise.name}: % accepted of {trials} that gain nothing, by what comes after them takes longer")
    print(f"{'':54}" + "  ".join(f"{burden:>8.0%}" for burden in BURDENS))
    for name, kind in KINDS.items():
        row = (many(kind, noise, burden, trials) for burden in BURDENS)
        print(f"{name:54}" + "  ".join(f"{_accepted(found):8.2f}" for found in row), flush=True)
    for gain in GAINS:
        both = (many(Burdening(apart, gain=gain), noise, 0.0, trials) for apart in (False, True))
        before, after = (statistics.fmean(one.runs for one in found if one.accepted) for found in both)
        print(f"runs of an accepted candidate, gain of {gain:.0%}: {before:.1f}, with untimed ones {after:.1f}")


def _accepted(found: Sequence[Judged]) -> float:
    return 100 * sum(one.accepted for one in found) / len(found)
