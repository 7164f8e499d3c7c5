"""Runs one program to its end, whatever it does: reads it, times it, limits it, and leaves nothing of it behind.

The program is started through a shell of one line that waits for a word on its standard input. Between its start
and that word the limits are set and the task-clock event is opened, from outside: no Python code runs in the
child, and nothing can deadlock between ``fork`` and ``exec``. If we die before the word, the shell reads
end-of-file and goes.
"""

import contextlib
import os
import resource
import selectors
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pesquared.core.running import TASK_CLOCK, Limits, RunResult, Usage
from pesquared.sandbox.accounting import WALL, open_task_clock
from pesquared.sandbox.output import Capture
from pesquared.sandbox.process_tree import PeakMemory, ThreadStates, kill_tree

_WAIT_THEN_BECOME = ("/bin/sh", "-c", 'read -r go || exit 126; exec "$@" </dev/null', "sh")
_NOT_STARTED = 127
_OPEN_FILES = 4096
_KILLED_FIRST = "500"  # oom_score_adj: when memory runs out, it shall hit the foreign program and not us
_WATCH_INTERVAL_S = 0.003
_LONGEST_SLEEP_S = 3600.0
_SLEEP_WITHOUT_PIDFD_S = 0.002


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start, exactly; the tiers make it from a ``Command``."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    limits: Limits
    accounting: str = TASK_CLOCK
    watch: bool = False
    pass_fds: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at every few milliseconds while the program runs."""

    memory: PeakMemory
    threads: ThreadStates

    def sample(self) -> None:
        self.threads.sample()
        self.memory.sample()


def run(launch: Launch) -> RunResult:
    """Runs it to its end or to its limits. Raises nothing for what the program does.

    The number of processes is not limited here: the kernel counts them per user, and a user may have many others.
    Time counts from the moment the program is let go to the moment its main process is gone; what that one left
    behind is then killed, not waited for. Any exception, a KeyboardInterrupt too, kills the program on its way.
    """
    try:
        child = _start(launch)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in an argument
        usage = Usage(wall_s=0.0, cpu_s=None, peak_bytes=None, source=WALL)
        return RunResult(_NOT_STARTED, b"", f"cannot start {launch.argv[0]}: {error}\n".encode(), usage)
    with contextlib.ExitStack() as stack:
        stack.callback(_end, child)
        _limit(child.pid, launch.limits)
        clock = open_task_clock(child.pid) if launch.accounting == TASK_CLOCK else None
        if clock:
            stack.enter_context(clock)
        capture = _capture(child, launch.limits)
        watched = Watched(PeakMemory(child.pid), ThreadStates(child.pid)) if launch.watch else None
        started = _let_go(child)
        stopped = _watch(child.pid, capture, launch.limits, started, watched)
        usage = Usage(
            wall_s=time.perf_counter() - started,
            cpu_s=clock.seconds() if clock else None,
            peak_bytes=watched.memory.peak_bytes if watched else None,
            source=TASK_CLOCK if clock else WALL,
            activity=watched.threads.activity if watched else None,
        )
        kill_tree(child.pid)
        exit_code = child.wait()
        capture.drain()
        return RunResult(exit_code, capture.stdout(), capture.stderr(), usage, stopped)


def _start(launch: Launch) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (*_WAIT_THEN_BECOME, *launch.argv),
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


def _limit(pid: int, limits: Limits) -> None:
    """Sets what every descendant inherits. No RLIMIT_AS: the sanitizers reserve terabytes of address space."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
    }
    for kind, size in wanted.items():
        with contextlib.suppress(ProcessLookupError):
            _, hard = resource.prlimit(pid, kind)
            size = size if hard == resource.RLIM_INFINITY else min(size, hard)  # noqa: PLW2901
            resource.prlimit(pid, kind, (size, size))
    with contextlib.suppress(OSError):  # not everywhere writable; nothing hangs on it
        Path(f"/proc/{pid}/oom_score_adj").write_text(_KILLED_FIRST, encoding="ascii")


def _capture(child: subprocess.Popen[bytes], limits: Limits) -> Capture:
    if child.stdout is None or child.stderr is None:
        raise AssertionError("both streams were asked for")
    return Capture(child.stdout.fileno(), child.stderr.fileno(), limits.output_kept)


def _let_go(child: subprocess.Popen[bytes]) -> float:
    """Says the word; returns the moment."""
    if child.stdin is None:
        raise AssertionError("a pipe was asked for")
    started = time.perf_counter()
    with contextlib.suppress(BrokenPipeError), child.stdin as gate:
        gate.write(b"go\n")
    return started


def _watch(pid: int, capture: Capture, limits: Limits, started: float, watched: Watched | None) -> str:
    """Reads until the main process is gone or a limit is passed; returns that limit's name, "" for none."""
    deadline = started + limits.timeout_s
    with selectors.DefaultSelector() as selector, _end_of(pid) as pidfd:
        capture.register(selector)
        longest = _LONGEST_SLEEP_S
        if pidfd is None:
            longest = _SLEEP_WITHOUT_PIDFD_S
        else:
            selector.register(pidfd, selectors.EVENT_READ)
        if watched:
            longest = min(longest, _WATCH_INTERVAL_S)
        while not _has_ended(pid):
            left = deadline - time.perf_counter()
            if left <= 0:
                return "timeout"
            for key, _ in selector.select(min(left, longest)):
                if key.data is capture and not capture.read(key.fd):
                    selector.unregister(key.fd)
            if capture.total > limits.output_killed:
                return "output"
            if watched:
                watched.sample()
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


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.returncode is None:
        kill_tree(child.pid)
        child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()
