"""A sandbox that takes its turn: what it runs is kept apart from what other runs on the host measure."""

from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import HostLock
from pesquared.core.running import Command, Purpose, RunResult, Usage
from pesquared.sandbox.around import AroundSandbox

_TIMED = (Purpose.BENCH, Purpose.PROFILE)


@dataclass(frozen=True, slots=True)
class Considerate(AroundSandbox):
    """Waits for its turn, by what each command is run for.

    Its place is between the two, so that no build, test or benchmark is forgotten, whichever room starts it.
    """

    host: HostLock

    def run(self, command: Command) -> RunResult:
        """As the inner sandbox does, once it disturbs nobody. Raises StoppedError if asked to stop before."""
        with self.host.measuring() if command.purpose in _TIMED else self.host.working():
            return self.inner.run(command)

    def launch_cost(self, tree: Path) -> Usage:
        """As the inner sandbox says, with the host to itself."""
        with self.host.measuring():
            return self.inner.launch_cost(tree)
