"""What it costs to analyse large folded stacks, beside other tools that do the same job or a part of it.

    python benchmarks/stacks.py                    # a million distinct stacks, some 460 MB
    python benchmarks/stacks.py --lines 5000000

The stacks are random walks through a program of 4886 functions. Each tool runs several times, in turn, and the run
that took the least CPU time counts, for the sake of crowded machines. flamegraph.pl and gprof2dot are raced where
they are installed.
"""

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pesquared.profiles import StackAnalyzer

FUNCTIONS = 4886
ROOTS = 40

# Total, self, total once per recursion, calls, and the heaviest chain of each function.
MAWK = r"""
{ w = $NF; s = substr($0, 1, length($0) - length(w) - 1); n = split(s, f, ";"); total += w; self[f[n]] += w
  delete t; delete e; prev = ""
  for (i = 1; i <= n; i++) {
    a = f[i]
    if (!(a in t)) { t[a] = 1; incl[a] += w }
    if (i > 1) { k = prev SUBSEP a; if (!(k in e)) { e[k] = 1; edge[k] += w } }
    prev = a
  }
  if (w > top[f[n]]) { top[f[n]] = w; best[f[n]] = s }
}
END { for (k in edge) calls++; for (k in incl) all += incl[k]; printf "%.0f %d %.0f\n", total, calls, all }
"""


@dataclass(frozen=True)
class Cost:
    """Of one run."""

    cpu_s: float
    wall_s: float
    peak_mb: float  # of the process that took most
    said: str


def write_stacks(path: Path, lines: int) -> None:
    """Distinct stacks, the same each time."""
    draw = random.Random(1)
    names = [
        f"ns{n % 37}::Class{n % 211}::function_number_{n}" + ("(int, double)" if n % 5 == 0 else "")
        for n in range(FUNCTIONS)
    ]
    callees = [[draw.randrange(FUNCTIONS) for _ in range(6)] for _ in names]
    seen: set[int] = set()
    with path.open("w", encoding="ascii") as file:
        while len(seen) < lines:
            walk = [draw.randrange(ROOTS)]
            for _ in range(draw.randrange(6, 20)):
                walk.append(callees[walk[-1]][draw.randrange(6)])
            known = len(seen)
            seen.add(hash(tuple(walk)))
            if len(seen) != known:
                file.write(f"prog;{';'.join(names[n] for n in walk)} {draw.randrange(1, 2000)}\n")


def run(command: list[str]) -> Cost:
    """Runs it to its end."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    text = said[:200].decode(errors="replace").strip()
    if process.returncode:
        text = f"failed ({process.returncode})"
    words = text.split()
    peak = used.ru_maxrss / 1024
    if words[-2:-1] == ["peak"]:  # ours counts its processes itself
        text, peak = " ".join(words[:-2]), float(words[-1])
    return Cost(cpu, time.monotonic() - begun, peak, text)


def analyse(path: Path, processes: int) -> None:
    """The job, done by the tool: printed are the same sums as mawk prints, to compare."""
    profile = StackAnalyzer.read(path, processes=processes)
    chains = [hotspot.chains[0] for hotspot in islice(profile.hotspots(), 20)]
    totals = sum(profile.functions().values()) * profile.total
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(one).ru_maxrss for one in who) / 1024
    print(f"{profile.total:.0f} {len(profile.calls())} {totals:.0f} {bool(chains)} peak {peak:.0f}")


def competitors(path: Path) -> dict[str, list[str]]:
    """Commands by name; only what is installed."""
    ours = [sys.executable, __file__, "--analyse", str(path), "--processes"]
    found = {"1 process": [*ours, "1"], "2 processes": [*ours, "2"]}
    peers = {
        "mawk": ["mawk", MAWK, str(path)],
        "flamegraph.pl": ["flamegraph.pl", str(path)],
        "gprof2dot": ["gprof2dot", "-f", "collapse", str(path)],
    }
    return found | {name: command for name, command in peers.items() if shutil.which(name)}


def race(path: Path, rounds: int) -> None:
    best: dict[str, Cost] = {}
    for _ in range(rounds):
        for name, command in competitors(path).items():
            cost = run(command)
            if name not in best or cost.cpu_s < best[name].cpu_s:
                best[name] = cost
    print(f"{path.stat().st_size / 1e6:.0f} MB; the least of {rounds} runs")
    base = best["mawk"].cpu_s if "mawk" in best else best["1 process"].cpu_s
    print(f"{'':14}{'CPU s':>8}{'/ mawk':>8}{'wall s':>8}{'peak MB':>9}")
    for name, cost in best.items():
        row = f"{name:14}{cost.cpu_s:8.1f}{cost.cpu_s / base:8.2f}{cost.wall_s:8.1f}{cost.peak_mb:9.0f}"
        print(f"{row}   {cost.said[:60]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--analyse", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    if given.analyse:
        analyse(given.analyse, given.processes)
        return
    if given.write:
        write_stacks(given.write, given.lines)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stacks.folded")
        # In a process of its own: what a process weighs when it starts another counts as that one's peak.
        command = [sys.executable, __file__, "--write", str(path), "--lines", str(given.lines)]
        subprocess.run(command, check=True)
        race(path, given.rounds)


if __name__ == "__main__":
    main()
