"""What every sandbox around another one has in common: it is as that one is, but for what it says itself."""

from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, RunResult, Usage


@dataclass(frozen=True, slots=True)
class AroundSandbox:
    """Implements ``core.protocols.Sandbox`` by handing everything on to ``inner``."""

    inner: Sandbox

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
        return self.inner.run(command)

    def launch_cost(self, tree: Path) -> Usage:
        return self.inner.launch_cost(tree)
