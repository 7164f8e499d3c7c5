"""What a user writes to say how a code base is built, tested and timed. Copy one from ``verifiers/``."""

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import ClassVar

from pesquared.core.running import RunResult
from pesquared.core.settings import Settings
from pesquared.verify.workspace import Workspace


class Suite(StrEnum):
    """How thoroughly to test: ``QUICK`` judges every attempt, ``FULL`` what is about to be accepted."""

    QUICK = "quick"
    FULL = "full"


class PerformanceVerifier(ABC):
    """How to build, test and time a code base. Whether a change is right and faster is decided elsewhere.

    Every method gets a workspace and runs commands in it with ``workspace.run(command_line)``. Only ``bench``
    must be given. A method that returns None says: there is nothing to do.

    Attributes:
        metric_name: name of the verifier's own metric; "" for the process's CPU or wall time.
        higher_is_better: the direction of the own metric.
        deterministic: the own metric is the same in every run of the same code, so that it is compared directly.
    """

    metric_name: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = False
    deterministic: ClassVar[bool] = False

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

    @abstractmethod
    def bench(self, workspace: Workspace) -> RunResult:
        """One run of the benchmark: exactly one ``workspace.run``, whose time is what counts."""

    def metric(self, result: RunResult) -> float | None:  # noqa: ARG002 - for subclasses
        """The own metric, a finite number above 0, read from a run.

        None, ValueError, LookupError and ArithmeticError all say that this run does not report it; a candidate's
        is then wrong.
        """
        return None
