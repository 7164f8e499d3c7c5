"""The verifier's own metric, read from runs: several benchmarks become one number, with their names beside it."""

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pesquared.core.running import RunResult
from pesquared.errors import BaselineError, PesquaredError, UsageError
from pesquared.verify.blame import VerifierError, in_words
from pesquared.verify.diagnosis import one_line
from pesquared.verify.matching import must_be_an_expression, select
from pesquared.verify.verifier import UNREADABLE, PerformanceVerifier

_MOST = 1000  # benchmarks
_RESERVED = ("cpu", "wall")  # what is timed from outside
_SMALLEST, _LARGEST = 1e-100, 1e100  # a figure beyond is nothing that anybody measures; ratios stay finite
_LONGEST_NAME = 200
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One run's own metric; less is better: it is inverted where higher is better.

    Attributes:
        cost: the benchmarks that count, combined; None where the run does not report them.
        parts: the cost of each benchmark by name; empty for a verifier that reports one number without a name.
        problem: why there is no cost.
    """

    cost: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""


class _UnusableError(Exception):
    """Says in words why a run's figures cannot be used."""


class Figures:
    """Reads figures. The first run it reads, one of the unchanged code, says which benchmarks there are.

    Raises:
        UsageError: ``[bench] filter`` or ``guard`` cannot be used.
    """

    def __init__(self, verifier: PerformanceVerifier) -> None:
        settings = verifier.settings.bench
        if verifier.metric_name in _RESERVED:
            raise UsageError(f"a verifier's own metric may not be called {verifier.metric_name!r}", "rename it")
        for name, pattern in (("filter", settings.filter), ("guard", settings.guard)):
            if pattern and not verifier.metric_name:
                raise UsageError(
                    f"[bench] {name} needs a verifier that reports several benchmarks", "see verifiers/README.md"
                )
            must_be_an_expression(f"[bench] {name}", pattern)
        self._verifier = verifier
        self._settings = settings
        self._names: frozenset[str] | None = None
        self._counting: tuple[str, ...] = ()
        self.guards: tuple[str, ...] = ()  # benchmarks that may veto by a loss

    @property
    def counting(self) -> tuple[str, ...]:
        """Benchmarks that are combined; empty before a run was read, and where there is but one number."""
        return tuple(name for name in self._counting if name)

    def judged_on(self, benchmarks: tuple[str, ...]) -> "Figures":
        """The same, but only those of the counting that are named are combined. Guards stay.

        Raises:
            PesquaredError: one of them does not count here, or none is named.
        """
        if not benchmarks or not set(benchmarks) <= set(self.counting):
            raise PesquaredError(f"not all of these are benchmarks that count: {_some(benchmarks)}")
        chosen = copy.copy(self)
        chosen._counting = benchmarks  # noqa: SLF001 - our own class
        return chosen

    def read(self, result: RunResult) -> Figure:
        """A candidate's run, or the baseline's, in numbers."""
        if not self._verifier.metric_name:
            return Figure()
        try:
            costs = self._costs(result)
            if self._names is None:
                self._learn(frozenset(costs))
            self._must_be_the_same(frozenset(costs))
            return Figure(self._combined(costs), {name: cost for name, cost in costs.items() if name})
        except _UnusableError as unusable:
            return Figure(problem=str(unusable))
        except VerifierError as error:
            if self._names is None:  # the unchanged code's: nothing can be read with this verifier
                raise
            return Figure(problem=one_line(error.message))

    def _costs(self, result: RunResult) -> dict[str, float]:
        """The cost of each benchmark; of a single number that has no name under the name ""."""
        try:
            value = self._verifier.metric(result)
        except UNREADABLE as error:
            raise _UnusableError(one_line(in_words(error))) from error
        if value is None or value == {}:
            raise _UnusableError("the run reports none")
        if not isinstance(value, Mapping):
            return {"": self._cost("", value)}
        if len(value) > _MOST:
            raise _UnusableError(f"it reports {len(value)} benchmarks, and {_MOST} are the most")
        costs = {
            (shown := one_line(name, _LONGEST_NAME) or "(no name)"): self._cost(shown, one)
            for name, one in value.items()
        }
        if len(costs) != len(value):
            raise _UnusableError("two benchmarks have the same name")
        return costs

    def _cost(self, name: str, value: float) -> float:
        cost = 1.0 / value if self._verifier.higher_is_better and value else value
        if not (math.isfinite(value) and value > 0 and _SMALLEST < cost < _LARGEST):
            raise _UnusableError(f"{name + ' is ' if name else 'it is '}{value:g}, not a finite number above 0")
        return cost

    def _learn(self, names: frozenset[str]) -> None:
        self._names = names
        self._counting = self._matching("filter", self._settings.filter) if self._settings.filter else tuple(names)
        self.guards = self._matching("guard", self._settings.guard) if self._settings.guard else ()

    def _matching(self, setting: str, pattern: str) -> tuple[str, ...]:
        names = sorted(self._names or ())
        if names == [""]:
            raise UsageError(
                f"[bench] {setting}: the verifier reports one figure, not several benchmarks", "take it away"
            )
        found = select(f"[bench] {setting}", pattern, names)
        if not found:
            raise UsageError(f"[bench] {setting}: {pattern!r} matches no benchmark", f"there are: {_some(names)}")
        return tuple(sorted(found))

    def _must_be_the_same(self, names: frozenset[str]) -> None:
        known = self._names or frozenset()
        if missing := known - names:
            raise _UnusableError(f"it does not report {_some(missing)}")
        if added := names - known:
            raise _UnusableError(f"it reports {_some(added)}, which the unchanged code does not")

    def _combined(self, costs: Mapping[str, float]) -> float:
        counting = [costs[name] for name in self._counting]
        if len(counting) == 1:
            return counting[0]
        if self._settings.combine == "sum":
            total = math.fsum(counting) if max(counting) < 1e300 else math.inf
            if not math.isfinite(total):
                raise _UnusableError("the sum of the benchmarks is too large")
            return total
        return math.exp(math.fsum(math.log(cost) for cost in counting) / len(counting))


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more


def must_report(figures: Iterable[Figure], name: str) -> None:
    """Raises BaselineError if a run of the unchanged code does not report the verifier's own metric."""
    for figure in figures:
        if name and figure.cost is None:
            raise BaselineError(
                f"the benchmark reports no {name} on the unchanged code: {figure.problem}",
                "look at what it prints, and at the verifier's metric()",
            )
