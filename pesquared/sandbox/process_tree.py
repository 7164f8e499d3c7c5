"""The descendants of a process, as /proc shows them: to end them, and to watch their memory and their threads."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pesquared.core.running import Activity

_PROC = Path("/proc")
_FREEZE_ROUNDS = 64
_LONGEST_DEATH_S, _DEATH_INTERVAL_S = 3.0, 0.001


def processes() -> Iterator[int]:
    """The numbers of all processes that can be seen."""
    with contextlib.suppress(OSError):
        yield from (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())


def descendants(pid: int) -> frozenset[int]:
    """All living or dead-but-unreaped descendants of ``pid``, without itself.

    Whoever's parent has died is somebody else's child by then, and not found.
    """
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        fresh = [child for child in children(waiting.pop()) if child not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return frozenset(found)


def children(pid: int) -> Iterator[int]:
    """The children of all of its threads."""
    with contextlib.suppress(OSError):  # it ended while we looked
        for task in (_PROC / str(pid) / "task").iterdir():
            yield from map(int, (task / "children").read_bytes().split())


def _nobody_else() -> frozenset[int]:
    return frozenset()


def kill_tree(pid: int, others: Callable[[], frozenset[int]] = _nobody_else) -> None:
    """Kills the process group that ``pid`` leads and all descendants, those in other sessions included.

    ``others`` names processes that belong to it and do not descend from it; it is asked again and again.

    They are stopped first, until no new ones turn up: killed one by one, a parent's death would hide its children,
    and a program that forks in a loop would win the race. ``pid`` must not have been reaped yet. Returns when they
    are dead, or after a few seconds: a process that the kernel holds in a wait dies later.
    """
    _signal_group(pid, signal.SIGSTOP)
    frozen: set[int] = set()
    for _ in range(_FREEZE_ROUNDS):
        fresh = (descendants(pid) | others()) - frozen
        if not fresh:
            break
        for process in fresh:
            _signal(process, signal.SIGSTOP)
        frozen |= fresh
    for process in frozen:
        _signal(process, signal.SIGKILL)
    _signal_group(pid, signal.SIGKILL)
    deadline = time.monotonic() + _LONGEST_DEATH_S
    while any(map(lives, frozen)) and time.monotonic() < deadline:
        time.sleep(_DEATH_INTERVAL_S)


def lives(pid: int) -> bool:
    """Is it there, and not just waiting for somebody to take note of its death?"""
    try:
        return _state((_PROC / str(pid) / "stat").read_bytes()) not in (b"Z", b"X")
    except OSError:
        return False


def _state(stat: bytes) -> bytes:
    """The letter of proc_pid_stat(5); the name before it may hold anything."""
    return stat.rpartition(b") ")[2][:1]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class PeakMemory:
    """The most memory a process and its descendants were seen to hold, in bytes.

    The figure is the larger of two: the highest sum of resident sets over the tree at any one look, and the
    highest resident set that the kernel noted for any single process (VmHWM). Pages shared between processes count
    in each, and the launcher's few MiB are in it: it serves for comparing two runs, not as an absolute figure.
    What rises and falls between two looks is seen only through VmHWM; a process that lives shorter may be missed.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak_bytes = 0

    def sample(self) -> None:
        together = 0
        for process in (self._pid, *descendants(self._pid)):
            resident, highest = _memory(process)
            together += resident
            self.peak_bytes = max(self.peak_bytes, highest)
        self.peak_bytes = max(self.peak_bytes, together)


def _memory(pid: int) -> tuple[int, int]:
    """Resident set now and at its highest, in bytes; zeros for a process that has ended."""
    sizes = {b"VmRSS": 0, b"VmHWM": 0}
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_bytes().splitlines():
            name, _, value = line.partition(b":")
            if name in sizes:
                sizes[name] = int(value.split()[0]) << 10  # the kernel writes "kB" and means KiB
    return sizes[b"VmRSS"], sizes[b"VmHWM"]


class ThreadStates:
    """Whether a process and its descendants want a core, or wait for something else, look by look.

    Reads the state in /proc/PID/task/TID/stat (proc_pid_stat(5)): "R" is on a core or in the queue for one.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._looks = self._busy = self._ready = 0

    def sample(self) -> None:
        ready = sum(_ready_threads(process) for process in (self._pid, *descendants(self._pid)))
        self._looks += 1
        self._busy += ready > 0
        self._ready += ready

    @property
    def activity(self) -> Activity:
        return Activity(self._looks, self._busy, self._ready)


def _ready_threads(pid: int) -> int:
    ready = 0
    with contextlib.suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                ready += _state((task / "stat").read_bytes()) == b"R"
    return ready
