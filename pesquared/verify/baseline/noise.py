"""The baseline against itself: how small a gain can be seen on this host, with this benchmark.

Itself stands in the slot ORIGINAL, built or copied once more; the slot CANDIDATE may hold a candidate already.
"""

import math
import statistics
from collections.abc import Sequence

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.running import Command, Purpose, RunResult
from pesquared.core.verdict import Gain, Noise
from pesquared.core.words import percent
from pesquared.errors import BaselineError, NoiseError
from pesquared.verify.ladder.checks import RunChecks
from pesquared.verify.measuring.bench import Bench
from pesquared.verify.measuring.decision import Comparison, Outcome, Series, gain_of
from pesquared.verify.measuring.metric import SHORTEST_S, Meter, Reading
from pesquared.verify.measuring.pairs import Pair, PairedRuns
from pesquared.verify.rig import Rig
from pesquared.verify.statistics.eprocess import gain_of_log, log_of_gain

_PAIRS, _FEWEST = 30, 8
_SECONDS = 120.0
_MOST_ROUNDS, _ENOUGH_ROUNDS, _SURELY_LONG_S = 100, 15, 0.2
_HOPELESS = 0.5  # half width at which not even a program twice as fast would stand out


def must_be_long_enough(rig: Rig, bench: Bench, meter: Meter, results: Sequence[RunResult]) -> None:
    """Raises NoiseError if the benchmark takes less than 1 ms beyond its launch, be it computing or waiting.

    CPU time tells at once. Where it is less, or not known, the quickest of several runs is held against the
    quickest launch, measured in turn: on a busy host any other comparison of wall times this short is a lottery.
    """
    computing = [net for result in results if (net := meter.net_cpu(result)) is not None]
    quickest = min(result.usage.wall_s for result in results)
    if (computing and statistics.median(computing) >= SHORTEST_S) or quickest >= _SURELY_LONG_S:
        return
    net = _quickest(rig, bench)
    if net < SHORTEST_S:
        raise NoiseError(
            f"the benchmark takes {1e3 * max(net, 0.0):.2f} ms beyond its launch; "
            f"{1e3 * SHORTEST_S:.0f} ms is the least that can be timed",
            "let it do its work many times over, for 20 ms or more",
        )


def _quickest(rig: Rig, bench: Bench) -> float:
    """Wall seconds of the quickest run less those of the quickest launch, once neither gets quicker any more."""
    trees = rig.workspaces
    nothing = Command(("sh", "-c", "exec true"), trees.tree, trees.codebase, purpose=Purpose.BENCH)
    run = launch = math.inf
    unimproved = 0
    for _ in range(_MOST_ROUNDS):
        with bench.alone():
            walls = bench.run(Slot.ORIGINAL).result.usage.wall_s, rig.sandbox.run(nothing).usage.wall_s
        unimproved = 0 if walls[0] < run or walls[1] < launch else unimproved + 1
        run, launch = min(run, walls[0]), min(launch, walls[1])
        if unimproved == _ENOUGH_ROUNDS:
            break
    return run - launch


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
