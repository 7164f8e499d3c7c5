"""What it costs to start anything at all in a tier, so that it can be taken off what a program is said to cost."""

import statistics
from collections.abc import Callable
from pathlib import Path

from pesquared.core.running import Command, Purpose, RunResult, Usage

_RUNS = 9


def measure_launch_cost(run: Callable[[Command], RunResult], tree: Path) -> Usage:
    """The medians over several runs of the program ``true``, taken one by one for each figure.

    It runs as benchmarks do, behind their filter of system calls. ``exec`` makes it the program and not the
    shell's own word: what is measured starts a program, too.
    """
    command = Command(argv=("sh", "-c", "exec true"), tree=tree, cwd=tree, purpose=Purpose.BENCH)
    usages = [run(command).usage for _ in range(_RUNS)]
    cpu = [usage.cpu_s for usage in usages if usage.cpu_s is not None]
    return Usage(
        wall_s=statistics.median(usage.wall_s for usage in usages),
        cpu_s=statistics.median(cpu) if len(cpu) == len(usages) else None,
        peak_bytes=None,
        source=usages[0].source,
    )
