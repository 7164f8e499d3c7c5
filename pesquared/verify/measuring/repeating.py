"""How many runs make a sample: one, or as many as fill 20 ms, for a launch's jitter drowns what is shorter."""

import math

SAMPLE_S = 0.02
_NEARLY = 0.95  # of it is enough: a run that takes about 20 ms stays one
_MOST = 50


def runs_in_a_sample(run_s: float) -> int:
    """For runs that take ``run_s`` seconds net of their launch; at most 50."""
    if run_s * _MOST <= SAMPLE_S:
        return _MOST
    return max(1, math.ceil(_NEARLY * SAMPLE_S / run_s))
