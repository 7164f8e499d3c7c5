"""Is it right, is it faster? The words, and the evidence behind them."""

from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """The verdict words, the same in JSON, trailers, terminal and docs."""

    ACCEPTED = "accepted"
    SLOWER = "slower"  # not faster, and the interval excludes 0
    NOT_FASTER = "not-faster"  # a gain of the target size is ruled out
    INCONCLUSIVE = "inconclusive"
    WRONG = "wrong"
    BUILD_FAILED = "build-failed"
    INVALID_REPLY = "invalid-reply"
    UNCHANGED = "unchanged"
    QUARANTINED = "quarantined"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Gate:
    """One rung of the correctness ladder."""

    name: str  # "build", "quick-tests", "output", "full-tests", …
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Gain:
    """Share of time saved, 1 − t_candidate/t_baseline; negative means slower.

    ``low`` and ``high`` bound an anytime-valid 95 % interval over ``pairs`` pairs; ``alpha`` is the level at
    which the decision that led here was made.
    """

    median: float
    low: float
    high: float
    pairs: int
    metric: str  # "cpu", "wall", or a name given by the verifier
    alpha: float


class Evidence(StrEnum):
    """What the figures of a verifier are worth."""

    RUNS = "runs"  # each run is a sample of its own
    SUMMARY = "summary"  # a harness repeats as it likes and reports a mean: weaker, cannot accept alone
    COUNTS = "counts"  # events counted, not time spent: explains, never accepts


@dataclass(frozen=True, slots=True)
class Part:
    """One of several benchmarks that a verifier reports, compared on its own."""

    name: str
    gain: Gain


@dataclass(frozen=True, slots=True)
class Finding:
    """What a maintainer would check, too, of an accepted attempt. No decision hangs on it."""

    topic: str  # "warnings", "symbols", "abi", "size", "also", "clock"
    text: str
    concern: bool = False  # should somebody look at it?


@dataclass(frozen=True, slots=True)
class Noise:
    """The baseline against itself: half the width of the 95 % interval of a gain that is known to be 0."""

    half_width: float | None  # None: interrupted, and too few pairs to bound anything
    pairs: int
    metric: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt. ``level`` names the last rung that it passed, "" for none."""

    word: Word
    reason_code: str
    reason: str
    gates: tuple[Gate, ...] = ()
    gain: Gain | None = None
    parts: tuple[Part, ...] = ()  # where the verifier reports several benchmarks; ``gain`` combines them
    evidence: Evidence = Evidence.RUNS  # what ``gain`` and ``parts`` are worth
    findings: tuple[Finding, ...] = ()
    benchmarks: tuple[
        str, ...
    ] = ()  # those that ``gain`` combines where the profile chose among them; () means: all
    ceiling: float | None = None  # the most that it can save, by the benchmark's own profile; None: not known

    @property
    def level(self) -> str:
        passed = [gate.name for gate in self.gates if gate.passed]
        return passed[-1] if passed else ""

    @property
    def accepted(self) -> bool:
        return self.word is Word.ACCEPTED
