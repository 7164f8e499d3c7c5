"""Does the task-clock event see all processor time that a control group sees, however a program spends it?

Runs programs that compute in one process, in a grandchild, in children nobody waits for (SIGCHLD ignored), in four
threads, and in a daemon that outlives its parent, each in the best sandbox of this host, inside a control group
(cpu.stat of version 2 or cpuacct of version 1). Prints both figures net of what starting ``true`` costs,
and what wait4 says. Target: within 1 %. Making a control group takes root or a delegated one; where none can be
made that is said, with exit code 77. Exit code 1: a figure is further away than --within.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command
from pesquared.sandbox.choose import choose

NOT_POSSIBLE = 77
MODES = ("plain", "double fork", "SIGCHLD ignored", "four threads", "daemon that outlives")
SOURCE = r"""
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/wait.h>
static double seconds;
static void *burn(void *share)
{
    struct timespec t;
    double most = seconds * *(double *)share;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    while (t.tv_sec + t.tv_nsec / 1e9 < most);
    return NULL;
}
int main(int argc, char **argv)
{
    double whole = 1, quarter = .25;
    seconds = atof(argv[2]);
    int pipes[2];
    char byte;
    pthread_t threads[4];
    if (pipe(pipes))
        return 1;
    switch (argv[1][0]) {
    case 'p':
        burn(&whole);
        break;
    case 'd': /* a grandchild whose parent is gone; its end closes the pipe */
        if (fork() == 0) {
            if (fork() == 0)
                burn(&whole);
            _exit(0);
        }
        wait(NULL);
        close(pipes[1]);
        read(pipes[0], &byte, 1);
        break;
    case 'S':
        signal(SIGCHLD, SIG_IGN);
        for (int i = 0; i < 4; i++)
            if (fork() == 0) {
                burn(&quarter);
                _exit(0);
            }
        close(pipes[1]);
        read(pipes[0], &byte, 1);
        break;
    case 'f':
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, burn, &quarter);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        break;
    default: /* says so when it has computed, and sleeps on when everybody else has gone */
        if (fork() == 0) {
            setsid();
            burn(&whole);
            write(pipes[1], "", 1);
            sleep(60);
            _exit(0);
        }
        read(pipes[0], &byte, 1);
    }
    return 0;
}
"""


@dataclass(frozen=True, slots=True)
class Group:
    """A control group of ours."""

    kind: str
    read: Callable[[], float]  # CPU seconds of all that was ever in it


@contextmanager
def joined() -> Iterator[Group | None]:
    """Moves this process into a new control group, and back at the end; None where that cannot be done."""
    for kind, base, file, seconds in _places():
        folder = base / f"pesquared-{os.getpid()}"
        if not _entered(folder):
            continue
        try:
            yield Group(kind, lambda place=folder / file, seconds=seconds: seconds(place.read_text()))
        finally:
            (base / "cgroup.procs").write_text(str(os.getpid()))
            _remove(folder)
        return
    yield None


def _entered(folder: Path) -> bool:
    try:
        folder.mkdir()
    except OSError:
        return False
    try:
        (folder / "cgroup.procs").write_text(str(os.getpid()))
    except OSError:
        folder.rmdir()
        return False
    return True


def _places() -> Iterator[tuple[str, Path, str, Callable[[str], float]]]:
    """Where this process's own groups are, and how they tell what they used: cgroups(7)."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own[controllers] = path.lstrip("/")
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2" and "" in own:
            yield "cgroup v2", Path(place, own[""]), "cpu.stat", lambda text: int(text.split()[1]) / 1e6
        if kind == "cgroup" and "cpuacct" in options.split(","):
            mine = next((path for names, path in own.items() if "cpuacct" in names.split(",")), "")
            yield "cgroup v1", Path(place, mine), "cpuacct.usage", lambda text: int(text) / 1e9


def _remove(folder: Path) -> None:
    for _ in range(100):  # what was killed in it may not be gone yet
        with suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU seconds of one run, as three accounts have it."""

    event: float
    group: float
    wait4: float


def observed(sandbox: Sandbox, group: Group, command: Command) -> Figures:
    own, before = time.process_time(), group.read()
    waited = _waited()
    result = sandbox.run(command)
    waited = _waited() - waited
    spent = group.read() - before - (time.process_time() - own)
    if not result.ok or result.usage.cpu_s is None:
        raise SystemExit(f"a run failed: {result.stderr.decode(errors='replace')}")
    return Figures(result.usage.cpu_s, spent, waited)


def _waited() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def typical(sandbox: Sandbox, group: Group, command: Command, runs: int) -> Figures:
    several = [observed(sandbox, group, command) for _ in range(runs)]
    medians = (statistics.median(getattr(one, name) for one in several) for name in ("event", "group", "wait4"))
    return Figures(*medians)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.5, help="CPU time of each run")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--within", type=float, default=0.01)
    options = parser.parse_args()
    sandbox = choose(os.environ).sandbox
    with joined() as group, tempfile.TemporaryDirectory() as folder:
        if group is None or sandbox.accounting != "task-clock":
            print("no control group can be made here" if group is None else "no task-clock event here")
            return NOT_POSSIBLE
        tree = Path(folder)
        tree.chmod(0o755)
        (tree / "spend.c").write_text(SOURCE, encoding="utf-8")
        subprocess.run(["cc", "-O1", "-w", "-pthread", "-o", "spend", "spend.c"], cwd=tree, check=True)
        nothing = typical(sandbox, group, Command(("sh", "-c", "exec true"), tree, tree), 2 * options.runs)
        print(f"{sandbox.tier}, {group.kind}; CPU ms, medians of {options.runs} runs, launch taken off")
        print(f"{'':24}{'task-clock':>12}{group.kind:>12}{'apart':>9}{'wait4':>12}")
        worst = 0.0
        for mode in MODES:
            command = Command((str(tree / "spend"), mode, str(options.seconds)), tree, tree)
            found = typical(sandbox, group, command, options.runs)
            event, of_group = found.event - nothing.event, found.group - nothing.group
            apart = event / of_group - 1
            worst = max(worst, abs(apart))
            print(f"{mode:24}{1e3 * event:12.1f}{1e3 * of_group:12.1f}{apart:+9.2%}{1e3 * found.wait4:12.1f}")
    met = worst <= options.within
    print(f"furthest apart {worst:.2%}, target {options.within:.0%}: {'met' if met else 'NOT MET'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
