"""An attempt: one proposal as a commit on a branch, from its first second, and what became of it."""

from dataclasses import dataclass

from pesquared.core.verdict import Gain, Noise, Verdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one function."""

    id: str  # "<run>/<nn>-<function>"
    number: int
    function: str  # qualified name
    file: str  # relative to the code base
    branch: str  # "" when no edit could be applied: there is nothing to show
    commit: str
    verdict: Verdict
    repairs: int
    provider: str
    model: str
    cost_usd: float
    rationale: str = ""
    methodology: str = ""  # as the proposer calls it, "" if it does not


@dataclass(frozen=True, slots=True)
class Skipped:
    """A function of a hot chain at which no attempt was made, and why."""

    function: str
    reason: str
    asked: bool = False  # a proposer was asked and had nothing


@dataclass(frozen=True, slots=True)
class Spending:
    """What a run has paid its proposers, at most."""

    calls: int
    spent_usd: float
    unknown_usd: float  # of it: the worst case of calls that brought no answer and may have been charged for
    limit_usd: float


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run, as the JSON document shows it."""

    run: str
    base: str  # commit the run started from: a snapshot of the code base, dirty tree included
    best: str  # commit of the last accepted attempt, else ``base``
    best_branch: str  # "" when nothing was accepted
    host: str
    sandbox: str
    attempts: tuple[Attempt, ...]
    skipped: tuple[Skipped, ...]
    noise: Noise | None
    total: Gain | None
    total_word: str = ""  # verdict word of original against final, "" when there was nothing to compare
    total_benchmarks: tuple[str, ...] = ()  # those that ``total`` combines; () means: all
    notices: tuple[str, ...] = ()
    interrupted: bool = False
    exit_code: int | None = None  # of what ended the run early; None: the outcome decides
    widened: tuple[str, ...] = ()  # what the user let commands have beside the sandbox, a sentence each

    @property
    def accepted(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if attempt.verdict.accepted)

    spending: Spending | None = None  # None: nobody was asked who could cost anything
