"""Does a sandbox change what a benchmark costs? Coin-ordered pairs of one program inside and outside each tier.

The metric is CPU time less the launch cost, as in a verdict. Every workload is also compared with itself outside
(A/A), which shows what can be told apart here. A ratio is the median over pairs of inside / outside; the interval
is that of the median by ranks, at 95 % or just above.

Needs an installed PESquared and a C compiler. Arguments: how many pairs (60); then tiers (bubblewrap landlock).
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
from itertools import accumulate
from math import comb
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Purpose
from pesquared.core.settings import SandboxSettings
from pesquared.errors import PesquaredError
from pesquared.sandbox import choose

TARGET = 0.005
WORKLOADS = ("cpu", "memory", "faults", "syscalls", "files")
SOURCE = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const char *work = argc > 1 ? argv[1] : "";
    volatile unsigned long sum = 0;
    if (!strcmp(work, "cpu")) {
        for (unsigned long i = 0; i < 150000000; i++) sum += i * i;
    } else if (!strcmp(work, "memory")) {
        size_t size = 64u << 20;
        char *block = calloc(size, 1);
        for (int round = 0; round < 6; round++)
            for (size_t at = 0; at < size; at += 64) sum += block[(at * 2654435761u) % size]++;
    } else if (!strcmp(work, "faults")) {
        for (int round = 0; round < 40; round++) {
            char *block = mmap(0, 16u << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            for (size_t at = 0; at < 16u << 20; at += 4096) block[at] = 1;
            munmap(block, 16u << 20);
        }
    } else if (!strcmp(work, "syscalls")) {
        for (int i = 0; i < 1200000; i++) sum += syscall(SYS_getppid);
    } else if (!strcmp(work, "files")) {
        char buffer[4096];
        for (int i = 0; i < 40000; i++) {
            int file = open(argv[0], O_RDONLY);
            sum += read(file, buffer, sizeof buffer);
            close(file);
        }
    } else {
        return 1;
    }
    return sum == 42;
}
"""


class Side:
    """A way to run the workloads in one tree."""

    def __init__(self, sandbox: Sandbox, tree: Path) -> None:
        self.sandbox, self.tree = sandbox, tree
        self.launch = sandbox.launch_cost(tree).cpu_s or 0.0

    def seconds(self, workload: str) -> float:
        argv = (str(self.tree / "work"), workload)
        result = self.sandbox.run(Command(argv, self.tree, self.tree, purpose=Purpose.BENCH))
        if not result.ok or result.usage.cpu_s is None:
            sys.exit(f"{workload} in {self.sandbox.tier}: {result.stderr.decode(errors='replace')}")
        return result.usage.cpu_s - self.launch


def ratios(inside: Side, outside: Side, workload: str, pairs: int, coin: random.Random) -> list[float]:
    found = []
    for _ in range(pairs):
        if coin.random() < 0.5:
            numerator, denominator = inside.seconds(workload), outside.seconds(workload)
        else:
            denominator, numerator = outside.seconds(workload), inside.seconds(workload)
        found.append(numerator / denominator)
    return found


def interval(values: list[float]) -> tuple[float, float, float]:
    """The median and the ranks that enclose it with at least 95 %."""
    ordered, count = sorted(values), len(values)
    below = list(accumulate(comb(count, rank) / 2**count for rank in range(count)))
    cut = max((rank for rank in range(count // 2) if below[rank] <= 0.025), default=0)
    return ordered[cut], statistics.median(ordered), ordered[count - 1 - cut]


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    coin = random.Random()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        (tree / "work.c").write_text(SOURCE, encoding="ascii")
        subprocess.run(["cc", "-O1", "-o", tree / "work", tree / "work.c"], check=True)
        outside = Side(choose(os.environ, SandboxSettings(tier="none")).sandbox, tree)
        other = Side(choose(os.environ, SandboxSettings(tier="none")).sandbox, tree)
        sides = [("A/A", other)]
        for tier in sys.argv[2:] or ("bubblewrap", "landlock"):
            try:
                sides.append((tier, Side(choose(os.environ, SandboxSettings(tier=tier)).sandbox, tree)))
            except PesquaredError as error:
                print(error.message)
        print(f"{pairs} pairs each; ratio of CPU time to that outside; target 1 ± {TARGET:g}")
        for workload in WORKLOADS:
            for name, side in sides:
                low, middle, high = interval(ratios(side, outside, workload, pairs, coin))
                verdict = "within" if low >= 1 - TARGET and high <= 1 + TARGET else "not shown"
                verdict = "outside" if low > 1 + TARGET or high < 1 - TARGET else verdict
                print(f"{workload:9} {name:11} {middle:.4f} [{low:.4f}, {high:.4f}]  {verdict}", flush=True)


if __name__ == "__main__":
    main()
