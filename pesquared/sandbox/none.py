"""The tiers that confine nothing: "none", and "already-isolated" where the user says that the machine does it.

What there is: a cleaned environment and limits.

What they cannot do: hide files, close the network, keep a tree from being written. A daemon is ended with its
command as every other descendant is, unless it takes off its mark, which nothing keeps it from here.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from pesquared.core.running import TASK_CLOCK, Command, RunResult, Usage
from pesquared.sandbox.launch_cost import measure_launch_cost
from pesquared.sandbox.mark import bearers
from pesquared.sandbox.process import Launch, run
from pesquared.sandbox.toolchains import SYSTEM_PATH
from pesquared.sandbox.widening import NOT_WIDENED, Widening


@dataclass(frozen=True, slots=True)
class Unconfined:
    """Runs commands as we run ourselves."""

    path: str = ":".join(SYSTEM_PATH)
    home: str = "/"
    accounting: str = TASK_CLOCK
    temporary: str = field(default_factory=tempfile.gettempdir)
    env: tuple[tuple[str, str], ...] = ()

    tier: ClassVar[str] = "none"
    confines: ClassVar[bool] = False
    read_only_trees: ClassVar[bool] = False
    owner: ClassVar[tuple[int, int] | None] = None  # trees stay ours

    @classmethod
    def with_tools_of(cls, environ: Mapping[str, str], widening: Widening = NOT_WIDENED) -> Self:
        """Takes ``PATH`` and ``HOME``, since builds look there, and the variables of ``widening``."""
        path = environ.get("PATH") or ":".join(SYSTEM_PATH)
        return cls(path=path, home=environ.get("HOME") or "/", env=widening.env)

    def run(self, command: Command) -> RunResult:
        """Runs it to its end. A missing program is exit code 127; ``writable`` is not enforced here."""
        return run(
            Launch(
                argv=command.argv,
                cwd=command.cwd,
                env=self._environment() | dict(command.env),
                limits=command.limits,
                accounting=self.accounting,
                watch=command.watch,
                writes=(command.tree,) if command.writable else (),
                remnants=bearers,
            )
        )

    def _environment(self) -> dict[str, str]:
        return {"PATH": self.path, "HOME": self.home, "LANG": "C.UTF-8", "TMPDIR": self.temporary} | dict(self.env)

    def launch_cost(self, tree: Path) -> Usage:
        """What a run of the program ``true`` costs here, measured once."""
        return _launch_cost(self, tree)


@lru_cache(maxsize=8)
def _launch_cost(sandbox: Unconfined, tree: Path) -> Usage:
    return measure_launch_cost(sandbox.run, tree)


@dataclass(frozen=True, slots=True)
class AlreadyIsolated(Unconfined):
    """The same where the user has said that the machine is a sandbox itself: a container, say."""

    tier: ClassVar[str] = "already-isolated"
    confines: ClassVar[bool] = True
