"""Summaries need the process's own time, guards need evidence, and each benchmark has its own gain."""

import random

import pytest

from pesquared.core.settings import AcceptSettings
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Word
from pesquared.verify.measuring.decision import Comparison, Outcome, Series
from pesquared.verify.measuring.evidence import OutsideTime, counts_only, outside_gain
from pesquared.verify.measuring.figures import Figure
from pesquared.verify.measuring.meter import Reading
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.measuring.parts import benchmark_guard, parts_of
from tests.unit.verify.conftest import Recorder

ACCEPT = AcceptSettings()


def pairs(count: int, *, cpu: float = 0.0, wall: float = 0.0, blind: bool = False, **parts: float) -> list[Pair]:
    """Pairs with the given gains and a noise of 1 %."""
    rng = random.Random(3)

    def reading(gains: dict[str, float]) -> Reading:
        costs = {name: (1 - gain) * rng.lognormvariate(0, 0.01) for name, gain in gains.items()}
        cpu_s, wall_s = costs.pop("cpu"), costs.pop("wall")
        return Reading(wall_s, None if blind else cpu_s, Figure(next(iter(costs.values()), 1.0), costs))

    gains = {"cpu": cpu, "wall": wall, **parts}
    return [Pair(reading(dict.fromkeys(gains, 0.0)), reading(gains)) for _ in range(count)]


def comparison(source: list[Pair]) -> Comparison:
    stop = StopRequest()
    return Comparison(iter(source).__next__, "own", ACCEPT, Recorder(stop), stop)


def series(source: list[Pair]) -> Series:
    return Series(Outcome.FASTER, tuple(source), None)


@pytest.mark.parametrize("gains", [{"cpu": 0.1}, {"wall": 0.1}, {"wall": 0.1, "blind": True}])
def test_a_gain_of_the_process_is_seen_in_either_time(gains) -> None:
    assert outside_gain(comparison([]), series(pairs(40, **gains)), ACCEPT, 0.001) is None


def test_where_the_pairs_are_too_few_more_are_measured() -> None:
    source = pairs(100, cpu=0.1)
    rest = iter(source[6:])
    stop = StopRequest()
    more = Comparison(rest.__next__, "own", ACCEPT, Recorder(stop), stop)
    assert outside_gain(more, series(source[:6]), ACCEPT, 0.001) is None
    assert 10 < 100 - len(list(rest)) < 60


def test_a_summary_that_stands_alone_accepts_nothing() -> None:
    failed = outside_gain(comparison(pairs(140)), series(pairs(10)), ACCEPT, 0.001)
    assert failed is not None
    assert (failed.word, failed.reason_code) == (Word.INCONCLUSIVE, "summary-only")
    assert "Fix the number of iterations" in failed.reason


def test_a_gain_that_is_ruled_out_ends_the_search_for_it() -> None:
    outside = OutsideTime(ACCEPT, 0.001)
    for pair in pairs(40, cpu=-0.1, wall=-0.1):
        outside.add(pair)
    assert outside.ruled_out
    assert not outside.shown
    blind = OutsideTime(ACCEPT, 0.001)
    for pair in pairs(40, cpu=0.5, wall=-0.1, blind=True):
        blind.add(pair)
    assert blind.ruled_out


def test_counts_explain() -> None:
    failed = counts_only(series([]))
    assert (failed.word, failed.reason_code) == (Word.INCONCLUSIVE, "counts-only")


def test_each_benchmark_has_its_own_gain() -> None:
    found = parts_of(pairs(40, a=0.2, b=-0.1), "own", 0.001)
    assert [part.name for part in found] == ["a", "b"]
    assert [part.gain.median for part in found] == pytest.approx([0.2, -0.1], abs=0.01)
    assert all(part.gain.low < part.gain.median < part.gain.high for part in found)
    assert parts_of(pairs(40, a=0.2), "own", 0.001) == ()
    assert parts_of([], "own", 0.001) == ()
    assert parts_of(pairs(3, a=0.2, b=0.1), "own", 0.001) == ()  # too few to bound anything
    (first, _) = parts_of(pairs(1, a=0.2, b=0.1), "own", 0.001, exact=True)
    assert first.gain.low == first.gain.high


def test_a_guarding_benchmark_vetoes_by_a_loss_that_is_shown() -> None:
    lost = pairs(40, a=0.2, b=-0.1)
    failed = benchmark_guard(lost, ["a", "b"], "own", 0.02)
    assert failed is not None
    assert (failed.word, failed.reason_code) == (Word.NOT_FASTER, "guard-benchmark")
    assert "benchmark b is worse by more than 2.0 %" in failed.reason
    assert benchmark_guard(lost, ["a"], "own", 0.02) is None
    assert benchmark_guard(lost[:3], ["b"], "own", 0.02) is None
    assert benchmark_guard(lost[:1], ["b"], "own", 0.02, exact=True) is not None
    assert benchmark_guard(pairs(40, a=0.2, b=-0.01), ["b"], "own", 0.02) is None
