"""How much memory and disk a command may take: as the user says, else by what is there and was needed before."""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from pesquared.core.running import Command, Limits, Purpose, RunResult
from pesquared.core.settings import SandboxSettings
from pesquared.sandbox.around import AroundSandbox

_FACTOR, _LEAST = 4, 2 << 30  # of what the benchmark needed before, in bytes
# A verifier may run several commands in turn. The unchanged code is benchmarked more often than this before
# anything else is, so that all of them have been seen by then.
_BENCHMARKS_SEEN = 8
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Rationed(AroundSandbox):
    """A tier whose commands are limited in memory and disk, unless a command brings its own limits.

    Builds and tests may take half of the memory, a benchmark four times what it took at most in earlier runs, at
    least 2 GiB, and never more than half of the memory. A command may fill half of what is free on disk.
    """

    settings: SandboxSettings
    _most: Counter[Purpose] = field(default_factory=Counter)
    _runs: Counter[Purpose] = field(default_factory=Counter)

    def run(self, command: Command) -> RunResult:
        result = self.inner.run(replace(command, limits=self._limits(command)))
        if not result.stopped:
            used = result.usage.resident_bytes or 0
            self._most[command.purpose] = max(self._most[command.purpose], used)
            self._runs[command.purpose] += 1
        return result

    def _limits(self, command: Command) -> Limits:
        given = command.limits
        disk = given.disk
        if disk is None and command.tree.is_dir():
            disk = self.settings.disk_mib * _MIB or shutil.disk_usage(command.tree).free // 2
        return replace(given, memory=given.memory or self._memory(command.purpose), disk=disk)

    def _memory(self, purpose: Purpose) -> int:
        if self.settings.memory_mib:
            return self.settings.memory_mib * _MIB
        half = total_memory() // 2
        if purpose not in (Purpose.BENCH, Purpose.PROFILE) or self._runs[purpose] < _BENCHMARKS_SEEN:
            return half
        return min(half, max(_LEAST, _FACTOR * self._most[purpose]))


def total_memory() -> int:
    """Bytes of the machine, or of the control group that we are confined to."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        ours = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return machine
    return min(machine, int(ours)) if ours.isdecimal() else machine
