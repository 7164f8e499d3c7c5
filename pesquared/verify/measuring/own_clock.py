"""Does what a benchmark says it saved show in what its process used?

A figure that a program reports of itself can be made: work is moved before the clock is started, or the clock is
another. It can also be honest, where what is timed is a small part of the run: then the user may say that it
counts. What cannot be told apart is not accepted unseen.
"""

import statistics
from collections.abc import Sequence

from pesquared.core.verdict import Finding, Gain
from pesquared.core.words import percent
from pesquared.verify.measuring.metric import CPU
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.statistics.eprocess import gain_of_log

_WORTH_A_LOOK = 0.02  # gains below that are lost in the noise of a process's time
_PART = 0.1  # of the gain that must show


def unseen_gain(pairs: Sequence[Pair], gain: Gain) -> tuple[Finding, ...]:
    """The finding, if hardly anything of a time that a benchmark reports is missing from its CPU time.

    Args:
        pairs: those of the decision and of the claim.
        gain: the claim, in the benchmark's own figure.
    """
    ratios = [ratio for pair in pairs if (ratio := pair.log_ratio(CPU)) is not None]
    if not ratios or gain.low < _WORTH_A_LOOK:
        return ()
    used = gain_of_log(statistics.median(ratios))
    if used >= _PART * gain.median:
        return ()
    text = (
        f"the benchmark says that it saves {percent(gain.median)}, its process {percent(max(used, 0.0))} of its "
        "CPU time: was work moved out of what is timed?"
    )
    return (Finding("clock", text, concern=True),)
