"""The figures that PESquared's decisions shall reach with CPU time, and whether they do."""

import statistics
from collections.abc import Iterable, Iterator

from procedures import Judged

ByGain = dict[float, list[Judged]]


def print_targets(noise: str, ours: Iterable[ByGain], false_searches: int, searches: int) -> None:
    """One line a figure: what was reached, the target, whether it is met."""
    print(f"\n{noise}: against the targets")
    for what, reached, target, met in (*_figures(*ours), _family(false_searches, searches)):
        print(f"  {what:62} {reached:>22}   {target:>24}   {'met' if met else 'NOT MET'}", flush=True)


Figure = tuple[str, str, str, bool]


def _figures(stage: ByGain, default: ByGain, sensitive: ByGain) -> Iterator[Figure]:
    for gain, share, pairs in ((0.01, 0.85, 51), (0.02, 0.98, 26), (0.03, 0.98, 18), (0.10, 0.98, 12)):
        accepted, needed = _accepted(stage[gain]), statistics.fmean(one.pairs for one in stage[gain])
        yield (
            f"one stage, gain of {gain:.0%}: accepted, mean pairs",
            f"{accepted:.1%}, {needed:.1f}",
            f"≥ {share:.0%}, ≤ {pairs}",
            accepted >= share and needed <= pairs,
        )
    for name, found, gain, share in (
        ("default", default, 0.02, 0.85),
        ("default", default, 0.03, 0.95),
        ("--sensitive", sensitive, 0.01, 0.80),
    ):
        accepted = _accepted(found[gain])
        what = f"{name} procedure, gain of {gain:.0%}: accepted"
        yield what, f"{accepted:.1%}", f"≥ {share:.0%}", accepted >= share
    for name, found in (("one stage", stage), ("default", default), ("--sensitive", sensitive)):
        pairs = statistics.fmean(one.pairs for one in found[0.0])
        yield f"{name}: a null candidate is dismissed after mean pairs", f"{pairs:.1f}", "≤ 30", pairs <= 30
    yield from _claims([*default.items(), *sensitive.items()])
    covered = [held for found in (stage, default, sensitive) for one in _all(found) for held in one.covered]
    share = sum(covered) / len(covered)
    yield "the interval of a stage covers the true gain", f"{share:.2%}", "≥ 95 %", share >= 0.95


def _claims(found: Iterable[tuple[float, list[Judged]]]) -> Iterator[Figure]:
    by_gain: dict[float, list[float]] = {}
    for gain, judged in found:
        by_gain.setdefault(gain, []).extend(one.claimed - gain for one in judged if one.claimed is not None)
    for gain, errors in by_gain.items():
        if gain > 0 and errors:
            mean, typical = 100 * statistics.fmean(errors), 100 * statistics.fmean(map(abs, errors))
            yield (
                f"claimed less true gain of {gain:.0%}, points: mean (mean size)",
                f"{mean:+.3f} ({typical:.2f})",
                "mean within ± 0.1",
                abs(mean) <= 0.1,
            )


def _family(false_searches: int, searches: int) -> Figure:
    what = f"searches of 30 null candidates that accept anything, of {searches}"
    return what, str(false_searches), "0", false_searches == 0


def _all(found: ByGain) -> list[Judged]:
    return [one for judged in found.values() for one in judged]


def _accepted(judged: list[Judged]) -> float:
    return sum(one.accepted for one in judged) / len(judged)
