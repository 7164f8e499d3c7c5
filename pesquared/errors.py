"""What can stop a run. Each error names its exit code and tells what to do about it.

Expected failures of one attempt (it does not build, it is slower) are verdicts, not exceptions;
what is raised here means that the run itself cannot go on.
"""

from typing import ClassVar


class PesquaredError(Exception):
    """Root of all expected errors.

    Args:
        message: what is wrong, in one sentence.
        fix: what the user can do about it, printed on a line of its own; may be empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  {self.fix}" if self.fix else self.message


class UsageError(PesquaredError):
    """The command line, the configuration or the input files cannot be used as given."""

    exit_code = 2


class BaselineError(PesquaredError):
    """The code base as it stands does not build or pass its tests, or there is nothing to be right by."""

    exit_code = 4


class NoiseError(PesquaredError):
    """This host, with this benchmark, cannot tell a gain from noise."""

    exit_code = 5


class BudgetError(PesquaredError):
    """The budget was spent before anything could be judged."""

    exit_code = 6


class ProposerError(PesquaredError):
    """Nobody can be asked for a rewrite: not reachable, not priced, or not allowed to run here."""

    exit_code = 7


class StoppedError(PesquaredError):
    """The user asked to stop while the run waited for something that may take long."""

    exit_code = 130
