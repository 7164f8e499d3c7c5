"""What happens during a run, told to whoever watches: the terminal, the journal, a program around the library."""

from dataclasses import dataclass
from typing import Protocol

from pesquared.core.attempt import Attempt, RunReport, Skipped, Spending
from pesquared.core.profile import CallChain
from pesquared.core.strength import Tried
from pesquared.core.verdict import Gain, Noise


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know; no decision hangs on it."""

    text: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    run: str
    base: str
    sandbox: str
    codebase: str


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A step that may take a while: "building the baseline", "measuring noise" and so on."""

    text: str


@dataclass(frozen=True, slots=True)
class BaselineReady:
    metric: str
    runtime_s: float  # net of launch, median; in the metric's own unit where that is no time
    noise: Noise
    visible_gain: float | None  # about the smallest that can be shown here; None where the noise is not known


@dataclass(frozen=True, slots=True)
class ChainChosen:
    chain: CallChain


@dataclass(frozen=True, slots=True)
class CeilingSet:
    """How much of the benchmark's own time runs through a function, and so the most that a rewrite can save."""

    function: str
    share: float  # as sampled, a fraction
    at_most: float  # with all that the samples leave open


@dataclass(frozen=True, slots=True)
class BenchmarksChosen:
    """Which of several benchmarks a rewrite of functions is judged on; the others do not reach them.

    ``chosen`` is empty where none does: then all of them count.
    """

    functions: tuple[str, ...]
    chosen: tuple[str, ...]
    of: int  # benchmarks that there are


@dataclass(frozen=True, slots=True)
class FunctionSkipped:
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A proposal has been committed. ``turn`` counts repair turns, 0 for the first."""

    number: int
    function: str
    branch: str
    turn: int


@dataclass(frozen=True, slots=True)
class PairMeasured:
    """One baseline run and one candidate run, close together. ``gain`` is the running interval."""

    stage: str  # "noise", "screen", "confirm", "claim", "final"
    pair: int
    at_most: int
    baseline: float  # the metric's unit: seconds for cpu and wall
    candidate: float
    gain: Gain | None


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Spent:
    """Somebody who may cost something was asked; what the run has spent until now."""

    spending: Spending


@dataclass(frozen=True, slots=True)
class RunFinished:
    report: RunReport


@dataclass(frozen=True, slots=True)
class MutantTried:
    """One more mutant has gone through the gates; or a trap in its place, to see whether any gate runs it."""

    number: int
    of: int
    tried: Tried


Event = (
    Notice
    | RunStarted
    | StageStarted
    | BaselineReady
    | ChainChosen
    | CeilingSet
    | BenchmarksChosen
    | FunctionSkipped
    | AttemptStarted
    | PairMeasured
    | AttemptFinished
    | Spent
    | RunFinished
    | MutantTried
)


class Observer(Protocol):
    """Watches a run. What it raises stops the run: a broken observer is a bug, not a nuisance to be hidden."""

    def notify(self, event: Event) -> None: ...


class Observers:
    """Several observers as one."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def notify(self, event: Event) -> None:
        for observer in self._observers:
            observer.notify(event)
