"""A sandbox that counts what it runs, for those who must know that it was one command."""

from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, RunResult, Usage


@dataclass
class Counting:
    """Hands everything on to ``inner``; ``runs`` is how many commands that were."""

    inner: Sandbox
    runs: int = 0

    @property
    def tier(self) -> str:
        return self.inner.tier

    @property
    def accounting(self) -> str:
        return self.inner.accounting

    @property
    def confines(self) -> bool:
        return self.inner.confines

    @property
    def read_only_trees(self) -> bool:
        return self.inner.read_only_trees

    @property
    def owner(self) -> tuple[int, int] | None:
        return self.inner.owner

    def run(self, command: Command) -> RunResult:
        self.runs += 1
        return self.inner.run(command)

    def launch_cost(self, tree: Path) -> Usage:
        return self.inner.launch_cost(tree)
