"""Sets aside what is too good to be true: more saved than ran through the code that was changed."""

from dataclasses import replace

from pesquared.core.verdict import Verdict, Word
from pesquared.core.words import percent

# By how much a gain must exceed its ceiling: a rewrite also moves the code around it, and its data in the caches.
_POINTS, _PART = 0.05, 0.25


def below_ceiling(verdict: Verdict, ceiling: float | None) -> Verdict:
    """``verdict`` with its ceiling; an accepted one whose interval lies clearly above it becomes quarantined.

    Args:
        verdict: of a gain in CPU time.
        ceiling: the share of the baseline's CPU time that the changed code could save at most; None: not known.
    """
    if ceiling is None:
        return verdict
    noted = replace(verdict, ceiling=ceiling)
    gain = verdict.gain
    if not verdict.accepted or gain is None or gain.low <= ceiling + max(_POINTS, _PART * ceiling):
        return noted
    reason = (
        f"saves {percent(gain.median)} of the time, but no more than {percent(ceiling)} of it runs through the "
        "code that was changed: look for what else it does"
    )
    return replace(noted, word=Word.QUARANTINED, reason_code="above-ceiling", reason=reason)
