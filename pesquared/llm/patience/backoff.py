"""How long to wait before the same question is asked again, and when to give it up.

Full jitter: a random part of a growing longest pause, so that many who failed together do not come back together
(M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
"""

import random
from dataclasses import dataclass

from pesquared.llm.provider import Failed, Kind

FIRST_S, LONGEST_S = 1.0, 120.0
LONGEST_AFTER_S = 3600.0  # of what a provider may ask for; then it is asked again all the same
SPREAD = 0.1  # of what a provider asks for, added: it has told all others the same
FIRST_WITHOUT_QUOTA_S, LONGEST_WITHOUT_QUOTA_S = 60.0, 1800.0
MOST_PAID = 3  # tries of which each may have been charged for
MOST_STRANGE = 4  # tries where nobody has ever answered: the address is wrong rather than busy


@dataclass(slots=True)
class Tries:
    """What has become of one question until now."""

    failures: int = 0
    paid: int = 0  # of them: may have been charged for
    strange: int = 0
    waited_s: float = 0.0

    def note(self, failed: Failed) -> None:
        """One more failure."""
        self.failures += 1
        self.paid += failed.perhaps_paid
        self.strange += failed.strange


def pause_before(failed: Failed, tries: Tries, chance: random.Random) -> float:
    """Seconds to wait.

    Args:
        failed: the last failure.
        tries: with that failure.
        chance: of the jitter.
    """
    if failed.after_s is not None:
        asked = min(failed.after_s, LONGEST_AFTER_S)
        return asked + chance.uniform(0, max(1.0, SPREAD * asked))
    if failed.kind is Kind.FATAL_BUDGET:
        return float(min(LONGEST_WITHOUT_QUOTA_S, FIRST_WITHOUT_QUOTA_S * 2 ** min(tries.failures - 1, 20)))
    return chance.uniform(0, min(LONGEST_S, FIRST_S * 2 ** min(tries.failures, 20)))


def is_hopeless(failed: Failed, tries: Tries, *, ever_answered: bool) -> bool:
    """Is it no use to ask once more, however long one waits?"""
    if tries.paid >= MOST_PAID:
        return True
    return not ever_answered and tries.strange >= MOST_STRANGE and failed.strange
