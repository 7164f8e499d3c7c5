"""Prints what exchanging the example's loops is worth at several sizes: the table in examples/matrix/README.md.

Builds ``examples/matrix`` as it is and with its two inner loops exchanged, runs both back to back in coin order
and prints the share of CPU time saved. Usage: ``python benchmarks/example_sizes.py [PAIRS]``; it needs make and a
C compiler.
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "matrix"
SIZES = (400, 511, 512, 513, 700)

LINE, L1_SETS = 64, 64  # bytes and sets: 32 KiB in 8 ways or 48 KiB in 12 ways, as in most x86-64 processors

NEST = """\
        for (size_t j = 0; j < n; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
"""
INTERCHANGED = """\
        for (size_t j = 0; j < n; j++)
            c[i * n + j] = 0.0;
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
"""


def build(folder: Path, nest: str) -> Path:
    """Copies the example to ``folder`` with ``nest`` in place of its own, builds it, returns the benchmark."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("build"))
    source = folder / "src" / "matrix.c"
    text = source.read_text(encoding="utf-8")
    if text.count(NEST) != 1:
        sys.exit(f"{EXAMPLE / 'src' / 'matrix.c'} no longer holds the nest that this script exchanges")
    source.write_text(text.replace(NEST, nest), encoding="utf-8")
    subprocess.run(["make", "build/bench"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "build" / "bench"


def cpu_seconds(bench: Path, size: int) -> float:
    """User and system time of one run. The program forks nothing, so the kernel's rusage is the whole of it."""
    process = subprocess.Popen([bench, str(size)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{bench} {size} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def measure(original: Path, changed: Path, size: int, pairs: int) -> tuple[float, list[float]]:
    """Median seconds of the original, and the gain of every pair."""
    seconds, gains = [], []
    for _ in range(pairs):
        order = [original, changed] if random.getrandbits(1) else [changed, original]
        taken = {bench: cpu_seconds(bench, size) for bench in order}
        seconds.append(taken[original])
        gains.append(1 - taken[changed] / taken[original])
    return statistics.median(seconds), gains


def sets_of_a_column(size: int) -> int:
    """How many sets of the first-level cache the elements of one column share."""
    return len({row * size * 8 // LINE % L1_SETS for row in range(size)})


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as scratch:
        original = build(Path(scratch, "original"), NEST)
        changed = build(Path(scratch, "changed"), INTERCHANGED)
        print("   n   L1 sets of a column   original    gain   lowest … highest   pairs")
        for size in SIZES:
            seconds, gains = measure(original, changed, size, pairs)
            spread = f"{min(gains):.0%} … {max(gains):.0%}"
            row = f"{size:4}  {sets_of_a_column(size):20}  {seconds * 1e3:6.0f} ms"
            print(f"{row}  {statistics.median(gains):6.0%}  {spread:>17}  {pairs:6}")


if __name__ == "__main__":
    main()
