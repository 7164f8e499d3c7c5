"""What measuring costs: wall time of a pair beyond its two runs and two starts of the sandbox.

That is a pair of the screen; in one that decides a third run and start come in between, and nothing else.

The fixed cost is measured with a program that does nothing, against itself, as the judge does it: 150 pairs,
evidence and interval after each. Between the pairs the same program is run without a sandbox, and ``true`` inside
it, so that all see the same host. What is left of a pair without two bare runs and two starts shall be 2 ms at
most. On a busy host medians are mostly queueing; the quickest, and the processor time that this process itself
spends, tell more. The cost that grows with the run is told
by the CPU time of a program of 20 ms, inside and without: 2 % at most.
"""

import random
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from procedures import Silence
from programs import Programs, programs

from pesquared.core.protocols import Slot
from pesquared.core.running import Command
from pesquared.core.settings import AcceptSettings
from pesquared.core.stopping import StopRequest
from pesquared.verify.measuring.bench import Bench, BenchRun
from pesquared.verify.measuring.decision import Comparison, Outcome
from pesquared.verify.measuring.pairs import Pair, PairedRuns

PAIRS, RUNS, SECONDS = 150, 60, 0.02
TARGET_S, TARGET_SHARE = 0.002, 0.02


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: by the clock on the wall, and of processor time in this process."""

    wall: float
    own: float

    @classmethod
    def now(cls) -> "Spent":
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.wall - other.wall, self.own - other.own)


Figure = Callable[[Sequence[Spent]], float]
FIGURES: tuple[Figure, ...] = (
    lambda times: min(one.wall for one in times),
    lambda times: statistics.median(one.wall for one in times),
    lambda times: statistics.median(one.own for one in times),
)


@dataclass
class Parts:
    """What each part took, in the order measured."""

    bare: list[Spent] = field(default_factory=list)  # the program without a sandbox
    start: list[Spent] = field(default_factory=list)  # the sandbox with nothing to do
    run: list[Spent] = field(default_factory=list)  # the program as the harness runs it
    pairing: list[Spent] = field(default_factory=list)  # a pair without its two runs
    deciding: list[Spent] = field(default_factory=list)  # from a pair to the next

    def left(self, figure: Figure) -> float:
        """Of a pair and the decision after it, when two bare runs and two starts are taken away."""
        run = figure(self.run) - figure(self.bare) - figure(self.start)
        return 2 * run + figure(self.pairing) + figure(self.deciding)


@dataclass
class TimedBench:
    """The real bench, each run timed."""

    bench: Bench
    parts: Parts
    own_metric: str = ""

    def alone(self) -> AbstractContextManager[None]:
        return self.bench.alone()

    def run(self, slot: Slot) -> BenchRun:
        begun = Spent.now()
        run = self.bench.run(slot)
        self.parts.run.append(Spent.now() - begun)
        return run


def timed(action: Callable[[], object]) -> Spent:
    begun = Spent.now()
    action()
    return Spent.now() - begun


def measure(made: Programs, metric: str, pairs: PairedRuns, parts: Parts) -> None:
    """Fills ``parts``."""
    tree = made.workspaces.tree
    nothing = Command(("sh", "-c", "exec true"), tree, tree)
    done: Spent | None = None

    def next_pair() -> Pair:
        nonlocal done
        if done:
            parts.deciding.append(Spent.now() - done)
        for _ in range(2):
            parts.bare.append(timed(lambda: subprocess.run([tree / "prog"], check=True, capture_output=True)))
            parts.start.append(timed(lambda: made.sandbox.run(nothing)))
        begun = Spent.now()
        pair = pairs.next()
        done = Spent.now()
        parts.pairing.append(done - begun - parts.run[-2] - parts.run[-1])
        if not isinstance(pair, Pair):
            raise SystemExit(f"a run failed: {pair.reason}")
        return pair

    comparison = Comparison(next_pair, metric, AcceptSettings(), Silence(), StopRequest())
    series = comparison.measure("cost", PAIRS, 0.05)
    if series.outcome is not Outcome.COMPLETE:
        raise SystemExit(f"the series ended early: {series.outcome}")


def fixed(made: Programs) -> Parts:
    """Of a program that does nothing: what there is beside the work."""
    parts = Parts()
    for slot in (Slot.BASELINE, Slot.CANDIDATE):
        made.compile(slot, 0)
    launch = made.launch()
    pairs = made.pairs(random.Random(), launch, TimedBench(made.bench, parts))
    measure(made, "wall" if launch.cpu_s is None else "cpu", pairs, parts)
    return parts


def growing(made: Programs) -> float:
    """CPU time that a run costs more inside than without, net of launches, as a share of the run."""
    made.compile(Slot.BASELINE, made.rounds_for(SECONDS))
    inside, bare = [], []
    for _ in range(RUNS):
        inside.append(made.bench.run(Slot.BASELINE).result.usage.cpu_s or 0.0)
        bare.append(_bare_cpu(made))
    made.compile(Slot.BASELINE, 0)
    start = [made.bench.run(Slot.BASELINE).result.usage.cpu_s or 0.0 for _ in range(RUNS)]
    bare_start = [_bare_cpu(made) for _ in range(RUNS)]
    work = statistics.median(inside) - statistics.median(start)
    return work / (statistics.median(bare) - statistics.median(bare_start)) - 1


def _bare_cpu(made: Programs) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([made.workspaces.tree / "prog"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    with programs() as made:
        parts = fixed(made)
        print(f"{made.sandbox.tier}, {PAIRS} pairs of an empty program, ms  quickest    median  own CPU")
        for name, times in (
            ("a run without a sandbox", parts.bare),
            ("a start of the sandbox", parts.start),
            ("a run by the harness", parts.run),
            ("pairing two runs", parts.pairing),
            ("deciding after a pair", parts.deciding),
        ):
            print(f"{name:47}" + "".join(f"{1e3 * figure(times):10.2f}" for figure in FIGURES))
        left = [parts.left(figure) for figure in FIGURES]
        print(f"{'left of a pair':47}" + "".join(f"{1e3 * figure:10.2f}" for figure in left))
        met = "met" if left[0] <= TARGET_S else "NOT MET"
        print(f"target: at most {1e3 * TARGET_S:.0f} ms left of the quickest: {met}")
        if made.launch().cpu_s is None:
            print("no accounting of CPU time here: what grows with the run is not told")
            return
        share = growing(made)
        print(f"CPU time of a run of 20 ms inside, beyond that without: {share:+.2%}")
        print(f"target: at most {TARGET_SHARE:.0%}: {'met' if share <= TARGET_SHARE else 'NOT MET'}")


if __name__ == "__main__":
    main()
