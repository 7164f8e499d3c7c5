"""What a user writes to say how a code base is built, tested and timed. Copy one from ``verifiers/``."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pesquared.core.running import RunResult
from pesquared.core.settings import Settings
from pesquared.core.verdict import Evidence
from pesquared.verify.workspace import Workspace

Metric = float | Mapping[str, float] | None
UNREADABLE = (ValueError, LookupError, ArithmeticError, RecursionError)  # what reading an unexpected output raises


class Suite(StrEnum):
    """How thoroughly to test: ``QUICK`` judges every attempt, ``FULL`` what is about to be accepted."""

    QUICK = "quick"
    FULL = "full"


class PerformanceVerifier(ABC):
    """How to build, test and time a code base. Whether a change is right and faster is decided elsewhere.

    Commands are run with ``workspace.run(command_line)``. Only ``bench`` must be given; a method that returns None
    says: there is nothing to do. docs/howto/write-a-verifier.md has a worked example.

    Attributes:
        metric_name: name of the verifier's own metric; "" for the process's CPU or wall time.
        higher_is_better: the direction of the own metric.
        deterministic: the own metric is the same in every run of the same code, so that it is compared directly.
        is_time: the own metric is a time. Where less of it is claimed, the process's CPU time must be less, too.
        evidence: what the own metric is worth: RUNS, or SUMMARY, or COUNTS; the last two accept nothing alone.
    """

    metric_name: str = ""
    higher_is_better: bool = False
    deterministic: bool = False
    is_time: bool = True
    evidence: Evidence = Evidence.RUNS

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def build(self, workspace: Workspace) -> RunResult | None:  # noqa: ARG002 - for subclasses
        """Builds the tree, which it may write into."""
        return None

    def prepare(self, workspace: Workspace) -> RunResult | None:  # noqa: ARG002 - for subclasses
        """Once after each build, never timed: generates input data, for example."""
        return None

    def test(self, workspace: Workspace, suite: Suite) -> RunResult | None:  # noqa: ARG002 - for subclasses
        """Passes by ending with exit code 0."""
        return None

    def calibrate(self, workspace: Workspace) -> RunResult | None:  # noqa: ARG002 - for subclasses
        """Once, on the unchanged built code, in a tree of its own, before anything is timed.

        For what must be the same on both sides: an iteration count, say. What it learns it keeps in ``self``, the
        attributes above included.
        """
        return None

    @abstractmethod
    def bench(self, workspace: Workspace) -> RunResult:
        """One run of the benchmark: exactly one ``workspace.run``, whose time is what counts."""

    def metric(self, result: RunResult) -> Metric:  # noqa: ARG002 - for subclasses
        """The own metric, a finite number above 0, read from a run; of several benchmarks a number by each name.

        None and the exceptions in UNREADABLE say that this run does not report it; a candidate's is then wrong.
        """
        return None

    def frames_of(self, benchmark: str) -> Sequence[str]:  # noqa: ARG002 - for subclasses
        """Functions in which one of several benchmarks may run, as its profile shows them; () means: not known.

        With or without scopes and template arguments, never with parameters. One of them stands in each stack of
        what the benchmark's figure measures, and that is CPU time; else nothing must be said. Where
        ``[bench] filter`` is not set, a change is judged on the benchmarks that reach it.
        """
        return ()

    def comparable(self, stream: str, data: bytes) -> bytes:  # noqa: ARG002 - for subclasses
        """What of an output must stay the same: all of it, but a report of timings leaves little.

        ``stream`` is "stdout", "stderr" or "file:PATH". UNREADABLE exceptions: it cannot be read, and so is wrong.
        """
        return data

    @property
    def compares(self) -> bool:
        """Does it compare outputs itself, by a ``differs`` of its own?"""
        return type(self).differs is not PerformanceVerifier.differs

    def differs(self, stream: str, expected: bytes, actual: bytes) -> str | None:
        """Says what is wrong with an output, None if nothing is; both sides as ``comparable`` left them.

        Override it to replace the usual comparison: byte for byte, but for numbers that vary on the unchanged
        code and for ``[bench] tolerance``. ``expected`` is what the unchanged code printed first.
        """
        raise NotImplementedError
