"""Runs one program to its end, whatever it does: reads it, times it, limits it, and leaves nothing of it behind.

The program is started through a shell of a few lines that waits for a word on its standard input. Before that
word the task-clock event is opened, from outside; then the shell sets the limits and becomes the program. No
Python code runs in the child, and nothing can deadlock between ``fork`` and ``exec``. If we die before the
word, the shell reads end-of-file and goes.
"""

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pesquared.core.running import TASK_CLOCK, Limits, RunResult, Usage
from pesquared.sandbox import mark
from pesquared.sandbox.accounting import WALL, open_task_clock
from pesquared.sandbox.guard import stand_guard
from pesquared.sandbox.output import Capture
from pesquared.sandbox.process_tree import PeakMemory, ThreadStates, descendants, kill_tree
from pesquared.sandbox.quotas import Quotas

# Every descendant inherits the limits; what is limited further already stays so. No limit on address space: the
# sanitizers reserve terabytes of it. Files are limited in blocks of 512 bytes; dash spells processes -p, bash -u.
_WAIT_THEN_BECOME = """
read -r go || exit 126
ulimit -c 0 2>/dev/null
ulimit -f "$1" 2>/dev/null
ulimit -n "$2" 2>/dev/null
[ -z "$3" ] || ulimit -u "$3" 2>/dev/null || ulimit -p "$3" 2>/dev/null
shift 3
exec "$@" </dev/null
"""
_BLOCK = 512
_NOT_STARTED = 127
_OPEN_FILES = 4096
_KILLED_FIRST = "500"  # oom_score_adj, proc_pid_oom_score_adj(5)
_WATCH_INTERVAL_S = 0.003
_LONGEST_SLEEP_S = 3600.0
_SLEEP_WITHOUT_PIDFD_S = 0.002


def _nobody_else(_number: int | None) -> frozenset[int]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start, exactly; the tiers make it from a ``Command``."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    limits: Limits
    accounting: str = TASK_CLOCK
    watch: bool = False
    pass_fds: tuple[int, ...] = ()
    writes: tuple[Path, ...] = ()  # folders that the limit on disk is about
    processes: int | None = None  # limits the processes of the user that runs it; None: limited elsewhere
    confine: Callable[[], None] | None = None  # called in the thread that starts it, and binds what that starts
    others: Callable[[int], frozenset[int]] = _nobody_else  # what belongs to it without descending from its pid
    remnants: Callable[[int | None], frozenset[int]] = _nobody_else  # the same by its mark, asked at the end only


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at every few milliseconds while the program runs."""

    memory: PeakMemory
    threads: ThreadStates

    def sample(self) -> None:
        self.threads.sample()
        self.memory.sample()


@dataclass(frozen=True, slots=True)
class Looks:
    """All that is looked at, and how often at most."""

    watched: Watched | None
    quotas: Quotas

    @property
    def pause_s(self) -> float:
        return _WATCH_INTERVAL_S if self.watched else self.quotas.pause_s or _LONGEST_SLEEP_S

    def take(self) -> str:
        """The quota that is passed, "" for none."""
        if self.watched:
            self.watched.sample()
        return self.quotas.passed()


def run(launch: Launch) -> RunResult:
    """Runs it to its end or to its limits. Raises nothing for what the program does.

    The number of processes is not limited here: the kernel counts them per user, and a user may have many others.
    Time counts from the moment the program is let go to the moment its main process is gone; what that one left
    behind is then killed, not waited for. Any exception, a KeyboardInterrupt too, kills the program on its way.
    """
    stand_guard()
    try:
        child = _start(launch)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in an argument
        usage = Usage(wall_s=0.0, cpu_s=None, peak_bytes=None, source=WALL)
        return RunResult(_NOT_STARTED, b"", f"cannot start {launch.argv[0]}: {error}\n".encode(), usage)
    with contextlib.ExitStack() as stack:
        others, marked = partial(launch.others, child.pid), mark.put_on(child.pid)

        def left() -> frozenset[int]:
            return others() | launch.remnants(marked)

        stack.callback(_end, child, left)
        _offer_to_be_killed(child.pid)
        clock = open_task_clock(child.pid) if launch.accounting == TASK_CLOCK else None
        if clock:
            stack.enter_context(clock)
        capture = _capture(child, launch.limits)
        watched = Watched(PeakMemory(child.pid), ThreadStates(child.pid)) if launch.watch else None
        quotas = Quotas(launch.limits, launch.writes, partial(_members, child.pid, others))
        started = _let_go(child)
        stopped = _watch(child.pid, capture, launch.limits, Looks(watched, quotas), started)
        usage = Usage(
            wall_s=time.perf_counter() - started,
            cpu_s=clock.seconds() if clock else None,
            peak_bytes=watched.memory.peak_bytes if watched else None,
            source=TASK_CLOCK if clock else WALL,
            activity=watched.threads.activity if watched else None,
            resident_bytes=quotas.resident_bytes,
        )
        kill_tree(child.pid, left)
        exit_code = child.wait()
        capture.drain()
        return RunResult(exit_code, capture.stdout(), capture.stderr(), usage, stopped)


def _members(pid: int, others: Callable[[], frozenset[int]]) -> frozenset[int]:
    return frozenset((pid,)) | descendants(pid) | others()


def _start(launch: Launch) -> subprocess.Popen[bytes]:
    if launch.confine is None:
        return _spawn(launch)
    with ThreadPoolExecutor(1) as thread:  # ends at once: what binds it can never be taken off
        return thread.submit(_confine_then_spawn, launch, launch.confine).result()


def _confine_then_spawn(launch: Launch, confine: Callable[[], None]) -> subprocess.Popen[bytes]:
    confine()
    return _spawn(launch)


def _spawn(launch: Launch) -> subprocess.Popen[bytes]:
    limits = (launch.limits.file_size // _BLOCK, _OPEN_FILES, "" if launch.processes is None else launch.processes)
    return subprocess.Popen(
        ("/bin/sh", "-c", _WAIT_THEN_BECOME, "sh", *map(str, limits), *launch.argv),
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=launch.cwd,
        env=dict(launch.env),
        close_fds=True,
        pass_fds=launch.pass_fds,
        start_new_session=True,
    )


def _offer_to_be_killed(pid: int) -> None:
    """When memory runs out, it shall hit the foreign program and not us. Not everywhere can this be set."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(_KILLED_FIRST, encoding="ascii")


def _capture(child: subprocess.Popen[bytes], limits: Limits) -> Capture:
    if child.stdout is None or child.stderr is None:
        raise AssertionError("both streams were asked for")
    for stream in (child.stdout, child.stderr):  # the user inside is another one, and may open /dev/stdout anew
        os.fchmod(stream.fileno(), 0o622)
    return Capture(child.stdout.fileno(), child.stderr.fileno(), limits.output_kept)


def _let_go(child: subprocess.Popen[bytes]) -> float:
    """Says the word; returns the moment."""
    if child.stdin is None:
        raise AssertionError("a pipe was asked for")
    started = time.perf_counter()
    with contextlib.suppress(BrokenPipeError), child.stdin as gate:
        gate.write(b"go\n")
    return started


def _watch(pid: int, capture: Capture, limits: Limits, looks: Looks, started: float) -> str:
    """Reads until the main process is gone or a limit is passed; returns that limit's name, "" for none."""
    deadline = started + limits.timeout_s
    with selectors.DefaultSelector() as selector, _end_of(pid) as pidfd:
        capture.register(selector)
        longest = looks.pause_s
        if pidfd is None:
            longest = min(longest, _SLEEP_WITHOUT_PIDFD_S)
        else:
            selector.register(pidfd, selectors.EVENT_READ)
        while not _has_ended(pid):
            left = deadline - time.perf_counter()
            if left <= 0:
                return "timeout"
            for key, _ in selector.select(min(left, longest)):
                if key.data is capture and not capture.read(key.fd):
                    selector.unregister(key.fd)
            if capture.total > limits.output_killed:
                return "output"
            if passed := looks.take():
                return passed
    return ""


@contextlib.contextmanager
def _end_of(pid: int) -> Iterator[int | None]:
    """A descriptor that gets readable when the process ends; None on kernels before 5.3 and in some containers."""
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        yield None
        return
    try:
        yield fd
    finally:
        os.close(fd)


def _has_ended(pid: int) -> bool:
    """Is it a zombie? It is not reaped yet, so that its number and its group cannot become someone else's."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(child: subprocess.Popen[bytes], left: Callable[[], frozenset[int]]) -> None:
    if child.returncode is None:
        kill_tree(child.pid, left)
        child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()
