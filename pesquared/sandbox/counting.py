"""A sandbox that counts what it runs, for those who must know that it was one command."""

from dataclasses import dataclass, field

from pesquared.core.running import Command, RunResult
from pesquared.sandbox.around import AroundSandbox


@dataclass(frozen=True, slots=True)
class Counting(AroundSandbox):
    """Keeps the commands that were run."""

    commands: list[Command] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """How many there were."""
        return len(self.commands)

    def run(self, command: Command) -> RunResult:
        self.commands.append(command)
        return self.inner.run(command)
