"""What the measurements were taken on, without the machine's name."""

import os
import platform
from pathlib import Path


def describe_host() -> str:
    """Processor, cores, kernel: ``AMD EPYC 7763, 2 cores, Linux 6.1 x86_64``."""
    model = platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass  # no /proc: the architecture has to do
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {platform.system()} {platform.release()} {platform.machine()}"
