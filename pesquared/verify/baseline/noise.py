"""The baseline against itself: how small a gain can be seen on this host, with this benchmark.

Itself stands in the slot ORIGINAL, built or copied once more; the slot CANDIDATE may hold a candidate already.
"""

from collections.abc import Sequence

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.verdict import Gain, Noise
from pesquared.core.words import percent
from pesquared.errors import BaselineError, NoiseError
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.measuring.bench import Bench
from pesquared.verify.measuring.decision import Comparison, Outcome, Series, gain_of
from pesquared.verify.measuring.meter import Meter, Reading
from pesquared.verify.measuring.pairs import Pair, PairedRuns
from pesquared.verify.rig import Rig
from pesquared.verify.statistics.eprocess import gain_of_log, log_of_gain

_PAIRS, _FEWEST = 30, 8
_SECONDS = 120.0
_HOPELESS = 0.5  # half width at which not even a program twice as fast would stand out


def measure_noise(rig: Rig, bench: Bench, checks: RunChecks, meter: Meter, metric: str) -> Series:
    """Thirty pairs of the kind that decides, or two minutes of them, at least eight.

    Every run teaches ``checks`` what varies by itself.
    """
    rig.observer.notify(StageStarted("measuring the baseline against itself"))
    check = checks.baseline
    pairs = PairedRuns(bench, meter, rig.coin, (Slot.BASELINE, check), (Slot.ORIGINAL, check))
    spent: list[float] = []

    def enough(pair: Pair, _log_ratio: float, _gain: Gain | None) -> Outcome | None:
        spent.append(pair.spent_s)
        return Outcome.COMPLETE if len(spent) >= _FEWEST and sum(spent) >= _SECONDS else None

    comparison = Comparison(pairs.next_apart, metric, rig.settings.accept, rig.observer, rig.stop)
    return comparison.measure("noise", _PAIRS, 0.05, enough)


def noise_of(pairs: Sequence[Pair], metric: str) -> Noise:
    """Half the width of the 95 % interval, taken in log units so that losses and gains count alike.

    Too few pairs (an interrupted measurement) bound nothing: their half width is None.
    """
    gain = gain_of(pairs, metric, 0.05)
    if gain is None:
        return Noise(None, len(pairs), metric)
    half = (log_of_gain(gain.high) - log_of_gain(gain.low)) / 2
    return Noise(gain_of_log(half), len(pairs), metric)


def must_not_be_hopeless(noise: Noise) -> None:
    """Raises NoiseError where no gain of any likely size could be seen."""
    if noise.half_width is not None and noise.half_width >= _HOPELESS:
        raise NoiseError(
            f"the same program differs from itself by up to {percent(noise.half_width)} ({noise.metric})",
            "use a quieter host, a longer benchmark, or a host where CPU time can be accounted for",
        )


def must_be_the_same(readings: Sequence[Reading], name: str) -> Noise:
    """The noise of a deterministic metric, which is none; raises BaselineError if it varies."""
    values = {reading.own for reading in readings}
    if None in values or len(values) != 1:
        raise BaselineError(f"the metric {name} is said to be deterministic but varies or is missing", "")
    return Noise(0.0, len(readings), name)
