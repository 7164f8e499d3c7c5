"""A mark on all that a command starts: it is found by it wherever it went, and cannot take it off.

The mark is the hard limit on file locks. The kernel has ignored that limit since 2.4 and still hands it on to
every descendant; nobody without privileges can raise it, and our filters of system calls keep programs from
lowering it. Its decimal digits say whose command it is: how deep runs are nested, the number of our process, the
moment at which that was started, and a count of commands.

Format of the limits: proc_pid_limits(5); numbers: <asm-generic/resource.h>, the same on every machine.
"""

import contextlib
import itertools
import os
import re
import resource
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pesquared.sandbox.process_tree import lives, processes

FILE_LOCKS = 10  # RLIMIT_LOCKS
_PROC = Path("/proc")
_OUTERMOST = 9  # a limit can only be lowered: a run inside another one's command counts down
_STARTS, _COMMANDS = 10**6, 10**4
_LIMIT = re.compile(rb"^Max file locks +\S+ +([1-9])(\d{7})(\d{6})\d{4} ", re.MULTILINE)

_count = itertools.count()


def ours() -> str:
    """The first digits of all marks that this process gives; "" where there are none to give."""
    return _digits_of(os.getpid())


def put_on(pid: int) -> int | None:
    """Marks a process of our own user that has started nothing yet. Returns the mark, None if that cannot be."""
    digits = ours()
    if not digits:
        return None
    mark = int(digits) * _COMMANDS + next(_count) % _COMMANDS
    try:
        resource.prlimit(pid, FILE_LOCKS, (mark, mark))
    except (OSError, ValueError):  # it is gone, or a limit is lower already
        return None
    return mark


def bearers(mark: int | None) -> frozenset[int]:
    """The living processes that have this mark; nobody has none."""
    if mark is None:
        return frozenset()
    wanted = re.compile(rb"^Max file locks +\S+ +%d " % mark, re.MULTILINE)
    return frozenset(pid for pid in processes() if wanted.search(_limits(pid)) and lives(pid))


def is_abandoned(pid: int) -> bool:
    """Was it started by a run that has died since, one as deeply nested as we are?

    Only for processes of our own pid namespace can that be told; and what bears the mark of an outer run may be
    ourselves.
    """
    found = _LIMIT.search(_limits(pid))
    if not found or not lives(pid) or ours()[:1] != found[1].decode() or _is_in_another_namespace(pid):
        return False
    return _started(int(found[2])) != int(found[3])


def abandoned() -> Iterator[int]:
    """All of these."""
    return filter(is_abandoned, processes())


@lru_cache(maxsize=1)
def _digits_of(pid: int) -> str:
    if sys.platform != "linux":
        return ""
    depth, started = _depth(), _started(pid)
    return f"{depth}{pid:07}{started:06}" if depth and started is not None else ""


def _depth() -> int:
    _, hard = resource.getrlimit(FILE_LOCKS)
    if hard == resource.RLIM_INFINITY:
        return _OUTERMOST
    found = _LIMIT.search(_limits(os.getpid()))
    return int(found[1]) - 1 if found else 0  # somebody else's limit: there is no room below it for ours


def _started(pid: int) -> int | None:
    """A part of the moment at which it was started, in clock ticks; None if it is gone. See proc_pid_stat(5)."""
    try:
        return int((_PROC / str(pid) / "stat").read_bytes().rpartition(b") ")[2].split()[19]) % _STARTS
    except OSError:
        return None


def _limits(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "limits").read_bytes()
    except OSError:
        return b""


def _is_in_another_namespace(pid: int) -> bool:
    """There, process numbers are others. See NSpid in proc_pid_status(5)."""
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_bytes().splitlines():
            if line.startswith(b"NSpid:"):
                return len(line.split()) > 2  # the name and one number
    return True
