"""A sandbox that really runs programs but takes their times from what they say, so that no test hangs on speed."""

import random
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from pesquared.core.running import Activity, Command, RunResult, Usage
from pesquared.sandbox.none import Unconfined

_SAID = re.compile(rb"^(cpu|wall|peak) ([\d.e+-]+)$", re.MULTILINE)
LAUNCH_S = 0.002


@dataclass
class ScriptedSandbox:
    """Programs print ``cpu 0.02``, ``wall 0.02`` (seconds) and ``peak 1e6`` (bytes) on standard error.

    A little noise is put on the times; ``accounting`` "wall" takes the CPU time away.
    """

    noise: float = 0.01
    accounting: str = "task-clock"
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    inner: Unconfined = field(default_factory=lambda: Unconfined(accounting="wall"))
    commands: list[str] = field(default_factory=list)
    tier: str = "none"
    confines: bool = False
    read_only_trees: bool = False
    owner: tuple[int, int] | None = None

    def run(self, command: Command) -> RunResult:
        self.commands.append(command.argv[-1])
        result = self.inner.run(replace(command, watch=False))
        said = {name.decode(): float(number) for name, number in _SAID.findall(result.stderr)}
        cpu = said.get("cpu", 0.0)
        wall = said.get("wall", cpu)
        ready = round(10 * cpu / wall) if wall else 10
        return replace(
            result,
            usage=Usage(
                wall_s=LAUNCH_S + wall * self.rng.lognormvariate(0, self.noise),
                cpu_s=LAUNCH_S + cpu * self.rng.lognormvariate(0, self.noise) if self.counts else None,
                peak_bytes=int(said.get("peak", 1e6)) if command.watch else None,
                source=self.accounting,
                activity=Activity(10, min(10, ready), ready) if command.watch else None,
            ),
        )

    @property
    def counts(self) -> bool:
        return self.accounting == "task-clock"

    def launch_cost(self, tree: Path) -> Usage:
        return Usage(LAUNCH_S, LAUNCH_S if self.counts else None, None, self.accounting)
