"""Which observation tells a program bound by one core from one that waits, on a quiet host and on a crowded one?

Runs three programs (one that computes, one that sleeps two thirds of its time, one that computes in two processes)
with no other load and beside spinning processes, and prints for each the range over the runs of
  cpu/wall             CPU time over wall time;
  cpu/(wall-queue)     the same without the time in the run queue, summed from /proc/PID/task/TID/schedstat;
  busy, ready          share of looks at which a thread was ready to run, and how many were: what PESquared uses.
Linux only. Docs: docs/design/0003-core-use.md.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pesquared.sandbox.process_tree import ThreadStates, descendants

LOOK_EVERY_S = 0.003
COMPUTE = "s = 0\nfor i in range({n}): s += i * i\n"
PROGRAMS = {
    "computes": COMPUTE.format(n=400_000),
    "sleeps": "import time\nfor _ in range(5):\n    time.sleep(0.012)\n    for i in range(60_000): pass\n",
    "computes twice": "import os\npid = os.fork()\n" + COMPUTE.format(n=400_000) + "\nif pid: os.wait()\n",
}


def queued_s(pid: int, seen: dict[str, int]) -> float:
    """Seconds in run queues until now; ``seen`` keeps what ended threads had."""
    for process in (pid, *descendants(pid)):
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                seen[task.name] = int((task / "schedstat").read_text().split()[1])
        except (OSError, IndexError):
            continue
    return sum(seen.values()) / 1e9


def observe(source: str) -> tuple[float, float, float, float]:
    """One run: cpu/wall, cpu/(wall-queue), busy, ready."""
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-S", "-E", "-c", source])
    threads, seen, queued = ThreadStates(child.pid), {}, 0.0
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        threads.sample()
        queued = queued_s(child.pid, seen)
        time.sleep(LOOK_EVERY_S)
    wall = time.perf_counter() - started
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    cpu = used.ru_utime + used.ru_stime  # these programs reap their children
    activity = threads.activity
    return (
        cpu / wall,
        cpu / max(wall - queued, 1e-3),
        activity.busy / max(activity.looks, 1),
        activity.ready / max(activity.busy, 1),
    )


@contextmanager
def spinning(number: int) -> Iterator[None]:
    """That many processes that do nothing but compute."""
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--spinners", type=int, nargs="*", default=[0, 4])
    options = parser.parse_args()
    print(f"{'program':16s}{'spinners':>9s}   cpu/wall      cpu/(wall-queue)  busy          ready")
    for spinners in options.spinners:
        with spinning(spinners):
            for name, source in PROGRAMS.items():
                columns = zip(*(observe(source) for _ in range(options.runs)), strict=True)
                ranges = (f"{min(column):.2f} … {max(column):.2f}" for column in columns)
                print(f"{name:16s}{spinners:9d}   " + "   ".join(f"{one:11s}" for one in ranges), flush=True)


if __name__ == "__main__":
    main()
