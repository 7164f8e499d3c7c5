"""How much of the evidence should be staked on the next pair? E-processes with several stakes, on the same noise.

Noise is simulated (an AR(1) process in log time with bursts and a slow drift), or replayed from recordings given
with --recording; see replay.py for their format.

Prints, for each stake c (on ten scales: 1, 2, 4 … 512) and for the bets that PESquared makes, how often a test
accepts a candidate of a given true gain, after how many pairs it ends, and the half width of the 95 % interval
over 20 pairs of identical programs. Docs: docs/design/0004-stake.md and 0005-two-stakes.md.
"""

import argparse
import random
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from replay import CPU, SIMULATED, WALL, Noise, coin_ordered, recorded

from pesquared.verify.statistics.eprocess import BETS, Bet, EProcess, log_of_gain
from pesquared.verify.statistics.interval import interval

ALPHA, BETA, MIN_GAIN, TARGET, MOST = 0.001, 0.05, 0.005, 0.015, 150
SCALES = tuple(2.0**power for power in range(10))
GAINS = (0.0, 0.01, 0.02, 0.03, 0.10)


def ratios(noise: Noise, gain: float, rng: random.Random) -> Iterator[float]:
    """Coin-ordered log ratios of a candidate that saves ``gain``."""
    for baseline, candidate in coin_ordered(noise.log_times(rng), gain, rng):
        yield baseline - candidate


def decide(source: Iterator[float], bets: Sequence[Bet]) -> tuple[bool, int]:
    """Accepted? After how many pairs?"""
    faster = EProcess(log_of_gain(MIN_GAIN), bets=bets)
    hopeless = EProcess(log_of_gain(TARGET), mirrored=True, bets=bets)
    for number, ratio in enumerate(source, 1):
        faster.add(ratio)
        hopeless.add(ratio)
        if faster.rejects(ALPHA):
            return True, number
        if hopeless.rejects(BETA) or number == MOST:
            return False, number
    raise AssertionError("the source is endless")


def half_width(source: Iterator[float], bets: Sequence[Bet]) -> float:
    low, high = interval([next(source) for _ in range(20)], bets=bets) or (-1.0, 1.0)
    return (high - low) / 2


def row(noise: Noise, bets: Sequence[Bet], trials: int) -> str:
    cells = []
    for gain in GAINS:
        rng = random.Random(11)
        outcomes = [decide(ratios(noise, gain, rng), bets) for _ in range(trials)]
        accepted = sum(yes for yes, _ in outcomes) / trials
        cells.append(f"          {accepted:7.1%}  {statistics.fmean(n for _, n in outcomes):6.1f}")
    rng = random.Random(12)
    widths = sorted(half_width(ratios(noise, 0.0, rng), bets) for _ in range(trials // 2))
    return "  ".join(cells) + f"        {statistics.median(widths):6.2%}  {widths[9 * len(widths) // 10]:6.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=Path, nargs="*", default=[])
    parser.add_argument("--wall", action="store_true", help="replay wall instead of CPU times")
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--stakes", type=float, nargs="*", default=[1 - 1e-12, 0.95, 0.9, 0.8, 0.7, 0.6])
    options = parser.parse_args()
    tried = [
        (f"{stake:.2f}", [Bet(stake, scale, 1 / len(SCALES)) for scale in SCALES]) for stake in options.stakes
    ]
    for noise in [recorded(path, WALL if options.wall else CPU) for path in options.recording] or [SIMULATED]:
        print(f"{noise.name}, {options.trials} trials a cell, α = {ALPHA}, {MOST} pairs at most")
        heads = "  ".join(f"gain {gain:4.0%}: accepted, pairs" for gain in GAINS)
        print(f"stake  {heads}   half width: median, p90")
        for name, bets in [*tried, ("ours", BETS)]:
            print(f"{name:5}  {row(noise, bets, options.trials)}", flush=True)


if __name__ == "__main__":
    main()
