"""A built tree as a verifier sees it: a place to run commands in, with the limits of the step already set."""

from dataclasses import dataclass, replace
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Limits, Purpose, RunResult

_LONGEST_S = 24 * 3600.0  # where nobody sets a limit


@dataclass(frozen=True, slots=True)
class Workspace:
    """One tree, one step. What a step may do (time, writing) is decided by the judge, not by the verifier."""

    codebase: Path  # commands run here
    tree: Path  # the whole repository, in which the code base lies; all that commands see of it
    sandbox: Sandbox
    timeout_s: float = _LONGEST_S
    writable: bool = False
    watch: bool = False
    purpose: Purpose = Purpose.TEST
    setup: str = ""  # shell text of ours that comes before each command line: variables of a variant's build

    def watching(self) -> "Workspace":
        """The same place, where memory is looked at while a command runs. That disturbs its timing."""
        return replace(self, watch=True)

    def profiling(self) -> "Workspace":
        """The same place, where a command may use the kernel's performance events."""
        return replace(self, purpose=Purpose.PROFILE)

    def run(self, command_line: str, *, timeout_s: float | None = None) -> RunResult:
        """Runs a command line of the user's through ``sh -c`` in the sandbox, in the code base's folder.

        Args:
            command_line: shell text. It comes from the user's settings, never from a proposer.
            timeout_s: shorter than the step's own limit; a longer one is cut to it.
        """
        timeout = self.timeout_s if timeout_s is None else min(timeout_s, self.timeout_s)
        return self.sandbox.run(
            Command(
                argv=("sh", "-c", f"{self.setup}\n{command_line}" if self.setup else command_line),
                tree=self.tree,
                cwd=self.codebase,
                writable=self.writable,
                limits=Limits(timeout_s=timeout),
                purpose=self.purpose,
                watch=self.watch,
            )
        )
