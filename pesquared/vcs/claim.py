"""What a commit says of its own verdict and gain: in the note with the evidence, else in the trailer.

The trailers are those of ``message.compose``. Anybody can write a commit, so whatever cannot be read as a gain is
no claim.
"""

import json
import math
import re

from pesquared.core.verdict import Gain
from pesquared.vcs.message import judged_by

LARGEST_NOTE = 1 << 20  # bytes
_NUMBER = r"(-?\d{1,9}(?:\.\d{1,9})?)"
_TRAILER = re.compile(
    rf"^PESquared-Gain: {_NUMBER}% \[{_NUMBER}, {_NUMBER}\] ([^\s,][^,\n]{{0,199}}), (\d{{1,9}}) pairs$",
    re.MULTILINE,
)
_VERDICT = re.compile(r"^PESquared-Verdict: ([a-z-]{1,40})$", re.MULTILINE)
_OURS = re.compile(r"^PESquared-Run: ", re.MULTILINE)


def is_attempt(message: str) -> bool:
    """Is it the message of a commit that was made in a run?"""
    return bool(_OURS.search(message))


def word_in_message(message: str) -> str:
    """The trailer's verdict word; "" for none."""
    found = _VERDICT.findall(message)
    return found[-1] if found else ""


def word_in_note(note: bytes) -> str:
    """The verdict word in the evidence of an attempt; "" for whatever else a note may hold."""
    try:
        return str(json.loads(note)["verdict"])[:40]
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""


def gain_in_message(message: str) -> Gain | None:
    """The trailer's gain, rounded as it is there; its level is not written down and comes out as 0."""
    found = _TRAILER.search(message)
    if found is None:
        return None
    median, low, high = (float(found[number]) / 100 for number in (1, 2, 3))
    return _checked(Gain(median, low, high, int(found[5]), found[4], 0.0))


def gain_in_note(note: bytes) -> Gain | None:
    """The gain in the evidence of an attempt; None for whatever else a note may hold."""
    try:
        evidence = json.loads(note)
        said, benchmarks = evidence["gain"], evidence.get("benchmarks", [])
        if not isinstance(benchmarks, list):
            return None
        median, low, high = (float(said[name]) for name in ("median", "low", "high"))
        metric = judged_by(str(said["metric"]), tuple(benchmarks))[:200]
        gain = Gain(median, low, high, int(said["pairs"]), metric, float(said["alpha"]))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        return None
    return _checked(gain)


def _checked(gain: Gain) -> Gain | None:
    ordered = gain.low <= gain.median <= gain.high < 1
    return gain if ordered and math.isfinite(gain.low) and math.isfinite(gain.alpha) else None
