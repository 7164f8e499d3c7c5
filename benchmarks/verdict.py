"""How good is the verdict? PESquared's decisions and other tools' rules on the same noise, and its targets.

Without options the noise is simulated. --recording replays recorded runs instead, CPU time and wall time (format:
replay.py). --real N measures true programs in the sandbox: see real_verdicts.py. PESquared's decisions are made by
``pesquared.verify`` itself; those of the others are re-implemented in peer_rules.py.

Prints, for each noise, how often each rule calls a candidate of a given true gain faster, and after how many runs;
what a candidate gains that burdens the run after it; how often the bare e-process ever errs; what searches of 30
candidates accept; each figure against its target.
Docs: docs/explanation/measurement.md, docs/design/0005-two-stakes.md.
"""

import argparse
import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from after_effects import print_after_effects
from peer_rules import RULES, Rule, sample
from procedures import DEFAULT, SENSITIVE, Judged, one_stage, procedure, search
from real_verdicts import measure_programs
from replay import CPU, SIMULATED, WALL, Noise, coin_ordered, recorded
from verdict_targets import print_targets

from pesquared.verify.statistics.eprocess import EProcess

GAINS = (0.0, 0.01, 0.02, 0.03, 0.10)
ALPHA = 0.001  # of the one stage
LEVELS, LOOKS = (0.05, 0.01, 0.001), 100
NULL = (0.0,) * 30
MIXED = (0.03,) * 3 + (0.01,) * 2 + (0.0,) * 15 + (-0.02,) * 10
IN_SEARCHES = (RULES[0], RULES[1], RULES[3], RULES[4])  # other rules, tried on whole searches
AT_ONCE = 25  # trials, or searches, that another process does before it answers


def stage(noise: Noise, gain: float, rng: random.Random) -> Judged:
    return one_stage(noise, gain, ALPHA, rng)


def default(noise: Noise, gain: float, rng: random.Random) -> Judged:
    return procedure(noise, gain, DEFAULT, rng)


def sensitive(noise: Noise, gain: float, rng: random.Random) -> Judged:
    return procedure(noise, gain, SENSITIVE, rng)


OURS = {
    "PESquared, one stage, α = .001, bound 0": stage,
    "PESquared, screen, confirmation and claim": default,
    "PESquared, the same with --sensitive": sensitive,
}


@dataclass(frozen=True, slots=True)
class PeerTrial:
    """One decision of another tool's rule on a candidate of a given gain."""

    rule: Rule

    def __call__(self, noise: Noise, gain: float, rng: random.Random) -> Judged:
        times = noise.log_times(rng)
        faster = sample(self.rule, times, coin_ordered(times, gain, rng), gain)
        return Judged(gain, faster, self.rule.runs, 2 * self.rule.runs, False, None, ())


@dataclass(frozen=True, slots=True)
class PeerSearch:
    """A whole search with another tool's rule."""

    rule: Rule

    def __call__(self, noise: Noise, gains: Sequence[float], rng: random.Random) -> list[Judged]:
        return [PeerTrial(self.rule)(noise, gain, rng) for gain in gains]


def highest_evidence(noise: Noise, pairs: int, rng: random.Random) -> float:
    """The most that is ever seen for "faster" in so many pairs of identical programs."""
    process, source = EProcess(0.0), coin_ordered(noise.log_times(rng), 0.0, rng, apart=True)
    return max(process.add(before - after) for before, after in islice(source, pairs))


def our_search(noise: Noise, gains: Sequence[float], rng: random.Random) -> list[Judged]:
    return search(noise, list(gains), DEFAULT, rng)


def _several(job: tuple[Callable, Noise, object, int, int]) -> list:
    what, noise, of, number, seed = job
    rng = random.Random(seed)
    return [what(noise, of, rng) for _ in range(number)]


def many(pool: Executor, what: Callable, noise: Noise, of: object, trials: int) -> list:
    """So many results of ``what(noise, of, rng)``, the same on any number of processes."""
    counts = [min(AT_ONCE, trials - done) for done in range(0, trials, AT_ONCE)]
    jobs = [(what, noise, of, count, seed) for seed, count in enumerate(counts, 1)]
    return [result for results in pool.map(_several, jobs) for result in results]


def share(these: Sequence[bool]) -> float:
    return sum(these) / max(len(these), 1)


def cell(judged: Sequence[Judged]) -> str:
    accepted = share([one.accepted for one in judged])
    return f"{100 * accepted:7.2f} {statistics.fmean(one.runs for one in judged):6.1f}"


def print_decisions(pool: Executor, noise: Noise, trials: int) -> dict[str, dict[float, list[Judged]]]:
    """One row a rule: % called faster and mean runs, by true gain. Returns what our own rows come from."""
    print(f"\n{noise.name}: % called faster and mean runs of both sides, {trials} trials a cell, by true gain")
    print(f"{'':54}" + "  ".join(f"{gain:>14.0%}" for gain in GAINS))
    for rule in RULES:
        row = (many(pool, PeerTrial(rule), noise, gain, trials) for gain in GAINS)
        print(f"{rule.name:54}" + "  ".join(map(cell, row)), flush=True)
    found = {}
    for name, decision in OURS.items():
        found[name] = {gain: many(pool, decision, noise, gain, trials) for gain in GAINS}
        print(f"{name:54}" + "  ".join(map(cell, found[name].values())), flush=True)
    return found


def print_guarantee(pool: Executor, noise: Noise, tests: int) -> None:
    """How often the bare e-process, never given up, ever accepts identical programs: its guarantee is α."""
    highest = many(pool, highest_evidence, noise, LOOKS, tests)
    shares = (f"{share([most >= -math.log(alpha) for most in highest]):.3%} at {alpha:.1%}" for alpha in LEVELS)
    print(
        f"{noise.name}: {tests} tests of {LOOKS} pairs, identical: ever called faster {', '.join(shares)}",
        flush=True,
    )


def print_searches(pool: Executor, noise: Noise, searches: int) -> int:
    """What searches of 30 accept. Returns how many of ours accepted something among 30 null candidates."""
    print(f"\n{noise.name}: searches of 30 candidates; {searches} of ours, a tenth of that of the others")
    print(f"{'':54}30 null: accepted any %  runs    mixed: accepted a false one %  found %   runs")
    rows = [(rule.name, PeerSearch(rule), max(searches // 10, 20)) for rule in IN_SEARCHES]
    nulls: list[list[Judged]] = []
    for name, kind, number in [*rows, ("PESquared", our_search, searches)]:
        nulls = many(pool, kind, noise, NULL, number)
        mixed = many(pool, kind, noise, MIXED, max(number // 5, 20))
        print(f"{name:54}" + "".join(_search_cells(nulls, mixed)), flush=True)
    return sum(any(one.accepted for one in each) for each in nulls)


def _search_cells(nulls: list[list[Judged]], mixed: list[list[Judged]]) -> Iterator[str]:
    yield f"{100 * share([any(one.accepted for one in each) for each in nulls]):23.2f}"
    yield f"{statistics.fmean(sum(one.runs for one in each) for each in nulls):6.0f}"
    yield f"{100 * share([any(one.accepted and one.gain <= 0 for one in each) for each in mixed]):33.2f}"
    yield f"{100 * share([one.accepted for each in mixed for one in each if one.gain > 0]):9.1f}"
    yield f"{statistics.fmean(sum(one.runs for one in each) for each in mixed):7.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=Path, nargs="*", default=[])
    parser.add_argument("--trials", type=int, default=400, help="of each cell of the tables")
    parser.add_argument("--searches", type=int, default=200, help="of 30 null candidates, on each noise")
    parser.add_argument("--metric", choices=("CPU", "wall"), nargs="*", default=["CPU", "wall"], help="recorded")
    parser.add_argument("--jobs", type=int, default=2, help="processes to replay with")
    parser.add_argument("--real", type=int, metavar="N", help="N verdicts on identical programs, really run")
    parser.add_argument("--loaded", action="store_true", help="with --real: a spinning process beside each core")
    options = parser.parse_args()
    if options.real is not None:
        measure_programs(options.real, loaded=options.loaded)
        return
    columns = [{"CPU": CPU, "wall": WALL}[metric] for metric in options.metric]
    noises = [recorded(path, column) for column in columns for path in options.recording] or [SIMULATED]
    with ProcessPoolExecutor(options.jobs) as pool:
        for noise in noises:
            found = print_decisions(pool, noise, options.trials)
            print_after_effects(noise, options.trials, partial(many, pool))
            print_guarantee(pool, noise, 20 * options.trials)
            accepted = print_searches(pool, noise, options.searches)
            if not noise.name.endswith("wall"):
                print_targets(noise.name, found.values(), accepted, options.searches)


if __name__ == "__main__":
    main()
