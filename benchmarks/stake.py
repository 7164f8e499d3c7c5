"""How much of the evidence should be staked on the next pair? E-processes with several stakes, on the same noise.

Noise is simulated (an AR(1) process in log time with bursts and a slow drift), or replayed from recordings given
with --recording: text files with six columns a row, the third wall time in ns, the fourth CPU time in µs, one row
a run, in the order in which they were made. A candidate that saves a share g is a run scaled by 1 - g.

Prints, for each stake c: how often a test accepts a candidate of a given true gain, after how many pairs it ends,
and the half width of the 95 % interval over 20 pairs of identical programs. Docs: docs/design/0004-stake.md.
"""

import argparse
import math
import random
import statistics
from collections.abc import Iterator
from pathlib import Path

from pesquared.verify import eprocess

ALPHA, BETA, MIN_GAIN, TARGET, MOST = 0.001, 0.05, 0.005, 0.015, 150
GAINS = (0.0, 0.01, 0.02, 0.03, 0.10)


def simulated(rng: random.Random) -> Iterator[float]:
    """Run times, log scale: correlation .5 between neighbours, one run in twelve disturbed, drift."""
    level, step = 0.0, 0
    while True:
        level = 0.5 * level + rng.gauss(0, 0.01)
        burst = abs(rng.gauss(0, 0.15)) if rng.random() < 1 / 12 else 0.0
        yield level + burst + 0.02 * math.sin(step / 80)
        step += 1


def recorded(runs: list[float], rng: random.Random) -> Iterator[float]:
    """The recorded runs from a random place on, round and round."""
    place = rng.randrange(len(runs))
    while True:
        yield runs[place % len(runs)]
        place += 1


def read(path: Path, column: int) -> list[float]:
    rows = (line.split() for line in path.read_text().splitlines())
    return [math.log(float(row[column])) for row in rows if len(row) == 6]


def pairs(times: Iterator[float], gain: float, rng: random.Random) -> Iterator[float]:
    """Coin-ordered log ratios of a candidate that saves ``gain``."""
    saved = eprocess.log_of_gain(gain)
    while True:
        first, second = next(times), next(times)
        baseline, candidate = (first, second) if rng.random() < 0.5 else (second, first)
        yield baseline - candidate + saved


def decide(source: Iterator[float]) -> tuple[bool, int]:
    """Accepted? After how many pairs?"""
    faster = eprocess.EProcess(eprocess.log_of_gain(MIN_GAIN))
    hopeless = eprocess.EProcess(eprocess.log_of_gain(TARGET), mirrored=True)
    for number, ratio in enumerate(source, 1):
        faster.add(ratio)
        hopeless.add(ratio)
        if faster.rejects(ALPHA):
            return True, number
        if hopeless.rejects(BETA) or number == MOST:
            return False, number
    raise AssertionError("the source is endless")


def half_width(source: Iterator[float]) -> float:
    low, high = eprocess.interval([next(source) for _ in range(20)]) or (-1.0, 1.0)
    return (high - low) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=Path, nargs="*", default=[])
    parser.add_argument("--wall", action="store_true", help="replay wall instead of CPU times")
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--stakes", type=float, nargs="*", default=[1 - 1e-12, 0.95, 0.9, 0.8, 0.7, 0.6])
    options = parser.parse_args()
    named = [(path.stem, read(path, 2 if options.wall else 3)) for path in options.recording]
    for name, runs in named or [("simulated", [])]:
        print(f"{name}, {options.trials} trials a cell, α = {ALPHA}, {MOST} pairs at most")
        print(
            "stake  "
            + "  ".join(f"gain {gain:4.0%}: accepted, pairs" for gain in GAINS)
            + "   half width: median, p90"
        )
        for stake in options.stakes:
            eprocess.STAKE = stake
            cells = []
            for gain in GAINS:
                rng = random.Random(11)
                outcomes = []
                for _ in range(options.trials):
                    times = recorded(runs, rng) if runs else simulated(rng)
                    outcomes.append(decide(pairs(times, gain, rng)))
                accepted = sum(yes for yes, _ in outcomes) / len(outcomes)
                cells.append(f"          {accepted:7.1%}  {statistics.fmean(n for _, n in outcomes):6.1f}")
            rng = random.Random(12)
            widths = sorted(
                half_width(pairs(recorded(runs, rng) if runs else simulated(rng), 0.0, rng))
                for _ in range(options.trials // 2)
            )
            tail = f"{statistics.median(widths):6.2%}  {widths[9 * len(widths) // 10]:6.2%}"
            print(f"{stake:5.2f}  " + "  ".join(cells) + f"        {tail}", flush=True)


if __name__ == "__main__":
    main()
