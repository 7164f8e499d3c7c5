"""Limits on memory and disk where nobody has set any."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits, Purpose, RunResult, Usage
from pesquared.core.settings import SandboxSettings
from pesquared.sandbox.rations import Rationed, total_memory

GIB = 1 << 30


@dataclass
class Recording:
    """A sandbox that runs nothing, says how much memory it took, and remembers the limits."""

    resident: int = 0
    stopped: str = ""
    limits: list[Limits] = field(default_factory=list)
    tier: str = "none"
    accounting: str = "wall"
    confines: bool = False
    read_only_trees: bool = False
    owner: tuple[int, int] | None = (3, 4)

    def run(self, command: Command) -> RunResult:
        self.limits.append(command.limits)
        return RunResult(0, b"", b"", Usage(0.0, None, None, "wall", resident_bytes=self.resident), self.stopped)

    def launch_cost(self, tree: Path) -> Usage:
        return Usage(0.5, None, None, "wall")


def command(tree: Path, purpose: Purpose = Purpose.BENCH, **limits: int) -> Command:
    return Command(("true",), tree, tree, limits=Limits(**limits), purpose=purpose)


def memory_after(inner: Recording, tree: Path, purpose: Purpose, runs: int) -> int | None:
    rationed = Rationed(inner, SandboxSettings())
    for _ in range(runs + 1):
        rationed.run(command(tree, purpose))
    return inner.limits[-1].memory


def test_what_the_user_says_counts(tmp_path):
    inner = Recording()
    Rationed(inner, SandboxSettings(memory_mib=3, disk_mib=5)).run(command(tmp_path))
    assert (inner.limits[0].memory, inner.limits[0].disk) == (3 << 20, 5 << 20)


def test_what_a_command_brings_counts_more(tmp_path):
    inner = Recording()
    Rationed(inner, SandboxSettings(memory_mib=3, disk_mib=5)).run(command(tmp_path, memory=7, disk=8))
    assert (inner.limits[0].memory, inner.limits[0].disk) == (7, 8)


@pytest.mark.parametrize("purpose", [Purpose.BUILD, Purpose.TEST])
def test_builds_and_tests_may_take_half_of_the_memory(tmp_path, purpose):
    assert memory_after(Recording(resident=1), tmp_path, purpose, 20) == total_memory() // 2


def test_a_benchmark_may_take_four_times_what_it_took_and_at_least_2_gib(tmp_path):
    half = total_memory() // 2
    assert memory_after(Recording(resident=1), tmp_path, Purpose.BENCH, 1) == half
    assert memory_after(Recording(resident=1), tmp_path, Purpose.BENCH, 20) == min(half, 2 * GIB)
    assert memory_after(Recording(resident=GIB), tmp_path, Purpose.BENCH, 20) == min(half, 4 * GIB)
    assert memory_after(Recording(resident=1 << 60), tmp_path, Purpose.BENCH, 20) == half


def test_a_run_that_was_stopped_teaches_nothing(tmp_path):
    inner = Recording(resident=1 << 60, stopped="memory")
    rationed = Rationed(inner, SandboxSettings())
    rationed.run(command(tmp_path))
    inner.resident, inner.stopped = 1, ""
    for _ in range(20):
        rationed.run(command(tmp_path))
    assert inner.limits[-1].memory == min(total_memory() // 2, 2 * GIB)


def test_a_command_may_fill_half_of_what_is_free(tmp_path):
    inner = Recording()
    Rationed(inner, SandboxSettings()).run(command(tmp_path))
    assert 0 < (inner.limits[0].disk or 0) < 1 << 60


def test_all_else_is_the_tiers(tmp_path):
    inner = replace(Recording(), tier="x", accounting="task-clock", confines=True, read_only_trees=True)
    rationed = Rationed(inner, SandboxSettings())
    facts = (rationed.tier, rationed.accounting, rationed.confines, rationed.read_only_trees, rationed.owner)
    assert facts == ("x", "task-clock", True, True, (3, 4))
    assert rationed.launch_cost(tmp_path).wall_s == 0.5
