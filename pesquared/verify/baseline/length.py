"""Does the benchmark take long enough to be timed?"""

import math
import statistics
from collections.abc import Sequence

from pesquared.core.protocols import Slot
from pesquared.core.running import Command, Purpose, RunResult
from pesquared.errors import NoiseError
from pesquared.verify.measuring.bench import Bench
from pesquared.verify.measuring.meter import Meter
from pesquared.verify.rig import Rig

_SHORTEST_S = 0.001  # net of launch; what is shorter drowns in the launch itself
_MOST_ROUNDS, _ENOUGH_ROUNDS, _SURELY_LONG_S = 100, 15, 0.2


def must_be_long_enough(rig: Rig, bench: Bench, meter: Meter, results: Sequence[RunResult]) -> None:
    """Raises NoiseError if the benchmark takes less than 1 ms beyond its launch, be it computing or waiting.

    CPU time tells at once. Where it is less, or not known, the quickest of several runs is held against the
    quickest launch, measured in turn: on a busy host any other comparison of wall times this short is a lottery.
    """
    computing = [net for result in results if (net := meter.net_cpu(result)) is not None]
    quickest = min(result.usage.wall_s for result in results)
    if (computing and statistics.median(computing) >= _SHORTEST_S) or quickest >= _SURELY_LONG_S:
        return
    net = _quickest(rig, bench)
    if net < _SHORTEST_S:
        raise NoiseError(
            f"the benchmark takes {1e3 * max(net, 0.0):.2f} ms beyond its launch; "
            f"{1e3 * _SHORTEST_S:.0f} ms is the least that can be timed",
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
