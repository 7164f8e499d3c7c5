"""Processor time of a process and everything it starts, by an inherited task-clock event of the kernel.

``wait4`` is not used on purpose: it counts only descendants that were waited for all the way up. Bubblewrap's
figure is that of its own start, and a program that ignores SIGCHLD hides what its children did. The event is
inherited by every descendant, whoever waits for it. It is a software event: it works unprivileged and in virtual
machines.

Layout and numbers: perf_event_open(2) and <linux/perf_event.h>.
"""

import ctypes
import os
import platform
import struct
from types import TracebackType
from typing import Self

WALL = "wall"  # no accounting that can be trusted: only the wall clock is left

_SYSCALL_NUMBERS = {"x86_64": 298, "aarch64": 241}
_TYPE_SOFTWARE = 1
_COUNT_TASK_CLOCK = 1
_ATTRIBUTE_SIZE = 64  # PERF_ATTR_SIZE_VER0
_FLAG_CLOSE_ON_EXEC = 8

_DISABLED = 1 << 0
_INHERIT = 1 << 1
_EXCLUDE_KERNEL = 1 << 5  # unprivileged users must ask for it; task-clock counts system time all the same
_EXCLUDE_HYPERVISOR = 1 << 6
_ENABLE_ON_EXEC = 1 << 12

_ATTRIBUTES = struct.pack(
    "=IIQQQQQIIQ",
    _TYPE_SOFTWARE,
    _ATTRIBUTE_SIZE,
    _COUNT_TASK_CLOCK,
    0,  # sample_period: counting, not sampling
    0,  # sample_type
    0,  # read_format: the bare count
    _DISABLED | _INHERIT | _EXCLUDE_KERNEL | _EXCLUDE_HYPERVISOR | _ENABLE_ON_EXEC,
    0,  # wakeup_events
    0,  # bp_type
    0,  # config1
)


class TaskClock:
    """An open event. It starts to count at the next ``exec`` of the process it was opened on."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    def seconds(self) -> float:
        """User and system time so far of the process and all its descendants, dead or alive, in seconds."""
        (nanoseconds,) = struct.unpack("=Q", os.read(self._fd, 8))
        return float(nanoseconds) / 1e9


def open_task_clock(pid: int) -> TaskClock | None:
    """Attaches an event to ``pid``, which must not have started anything yet: only later children inherit it.

    Returns:
        The event, or None where the kernel does not give one (other machines, perf_event_paranoid above 2, a
        container that filters the system call, no free descriptor).
    """
    number = _SYSCALL_NUMBERS.get(platform.machine())
    if number is None:
        return None
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    any_cpu, no_group = -1, -1
    fd = syscall(
        ctypes.c_long(number),
        ctypes.c_char_p(_ATTRIBUTES),
        ctypes.c_long(pid),
        ctypes.c_long(any_cpu),
        ctypes.c_long(no_group),
        ctypes.c_ulong(_FLAG_CLOSE_ON_EXEC),
    )
    return TaskClock(fd) if fd >= 0 else None
