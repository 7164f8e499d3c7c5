"""Prints how often two *identical* programs are called different, by the order of their runs and by the rule.

Run times drift: the present run resembles the one before it. Here that drift is simulated (log times as a
first-order autoregressive series, correlation PHI from run to run), so that the truth is known: the two programs
are the same and every "faster" is false. The figures stand in docs/explanation/measurement.md.
Usage: ``python benchmarks/orderings.py``; it takes half a minute.
"""

import math
import random
import statistics
from collections.abc import Callable, Iterator

PHI, NOISE, TRIALS, SEED = 0.7, 0.02, 4000, 1
LAMBDAS = [2.0**power for power in range(10)]
FEWEST, T_PEEKING = 10, 2.262  # Student's t for 9 degrees of freedom: strict enough for every later look, too
T_97_5 = {10: 2.101, 30: 2.002}  # Student's t for 2n − 2 degrees of freedom, two-sided 5 %


def log_times(coin: random.Random) -> Iterator[float]:
    """Logarithms of the run times of one program, one after another, with a standard deviation of NOISE."""
    deviation = coin.gauss(0, NOISE)
    while True:
        yield deviation
        deviation = PHI * deviation + coin.gauss(0, NOISE * math.sqrt(1 - PHI**2))


def batches(coin: random.Random, size: int) -> bool:
    """All runs of A, then all of B; "faster" by a t test whose level for that is 2.5 %."""
    series = log_times(coin)
    first = [next(series) for _ in range(size)]
    second = [next(series) for _ in range(size)]
    error = math.sqrt((statistics.variance(first) + statistics.variance(second)) / size)
    return (statistics.fmean(first) - statistics.fmean(second)) / error > T_97_5[size]


def differences(coin: random.Random) -> Iterator[float]:
    """Log ratios of pairs whose order a coin decides."""
    series = log_times(coin)
    while True:
        one, other = next(series), next(series)
        yield one - other if coin.getrandbits(1) else other - one


def pairs_with_peeking(coin: random.Random, at_most: int) -> bool:
    """Coin-ordered pairs, a paired t test after each from the tenth on, "faster" as soon as it says so once."""
    source, seen = differences(coin), []
    for _ in range(at_most):
        seen.append(next(source))
        if len(seen) >= FEWEST and statistics.fmean(seen) > T_PEEKING * statistics.stdev(seen) / math.sqrt(
            len(seen)
        ):
            return True
    return False


def pairs_with_e_process(coin: random.Random, at_most: int) -> bool:
    """Coin-ordered pairs, the e-process after every one, "faster" as soon as it reaches 1/0.025."""
    source, products = differences(coin), [1.0] * len(LAMBDAS)
    for _ in range(at_most):
        difference = next(source)
        for place, factor in enumerate(LAMBDAS):
            products[place] *= 1 + math.tanh(factor * difference)  # = 2·sigmoid(2·factor·difference)
        if statistics.fmean(products) >= 40:
            return True
    return False


def main() -> None:
    rules: list[tuple[str, Callable[[random.Random], bool]]] = [
        ("10 runs of A, then 10 of B, t test", lambda coin: batches(coin, 10)),
        ("30 runs of A, then 30 of B, t test", lambda coin: batches(coin, 30)),
        ("pairs, t test after each from the 10th", lambda coin: pairs_with_peeking(coin, 100)),
        ("pairs, e-process after each, at most 100", lambda coin: pairs_with_e_process(coin, 100)),
    ]
    print(f"identical programs called faster, {TRIALS} trials each; every rule promises at most 2.5 %")
    for name, rule in rules:
        coin = random.Random(SEED)
        print(f"  {name:40} {sum(rule(coin) for _ in range(TRIALS)) / TRIALS:6.1%}")


if __name__ == "__main__":
    main()
