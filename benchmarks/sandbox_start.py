"""What it takes to start and end a program in each tier: wall and CPU time of ``true``, from call to return.

Needs an installed PESquared. Arguments: how many runs of each tier (200).
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Purpose
from pesquared.core.settings import SANDBOX_TIERS, SandboxSettings
from pesquared.errors import PesquaredError
from pesquared.sandbox import choose

TARGET_MS = 20.0


def times(sandbox: Sandbox, purpose: Purpose, runs: int) -> tuple[list[float], list[float]]:
    """Milliseconds of wall time, and of CPU time as the accounting sees it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        tree = Path(folder)
        if sandbox.owner:
            os.chown(tree, *sandbox.owner)
        command = Command(("/bin/true",), tree, tree, purpose=purpose)
        walls, cpus = [], []
        for _ in range(runs):
            began = time.perf_counter()
            result = sandbox.run(command)
            walls.append(1e3 * (time.perf_counter() - began))
            cpus.append(1e3 * (result.usage.cpu_s or 0.0))
        return walls, cpus


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{runs} runs of `true` each, as {who}, {load}; milliseconds")
    print(f"{'tier':16} {'purpose':8} {'least':>7} {'median':>7} {'90 %':>7} {'CPU':>7}  target {TARGET_MS:g}")
    for tier in SANDBOX_TIERS:
        try:
            sandbox = choose(os.environ, SandboxSettings(tier=tier)).sandbox
        except PesquaredError as error:
            print(f"{tier:16} {error.message.rpartition(': ')[2]}")
            continue
        for purpose in (Purpose.TEST, Purpose.BENCH):
            walls, cpus = times(sandbox, purpose, runs)
            median, ninth = statistics.median(walls), statistics.quantiles(walls, n=10)[-1]
            reached = "reached" if median <= TARGET_MS else "missed"
            row = f"{min(walls):7.1f} {median:7.1f} {ninth:7.1f} {statistics.median(cpus):7.1f}"
            print(f"{tier:16} {purpose.value:8} {row}  {reached}")


if __name__ == "__main__":
    main()
