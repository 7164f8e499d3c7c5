"""Orphans of a command, in a tier without a pid namespace: they become our children and do not outlive it.

A process whose parent dies goes to the nearest ancestor that has asked for orphans, which is us. It is told from
our own children by what it can never get rid of: it has more filters on its system calls than we have.
"""

import contextlib
import ctypes
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from pesquared.sandbox.guard import stand_guard
from pesquared.sandbox.process_tree import children, descendants, kill_tree

_SET_CHILD_SUBREAPER = 36  # prctl(2)
_LONGEST_DEATH_S = 5.0
_NO_ONE = 0

# Orphans of two commands could not be told apart.
_one_command_at_a_time = threading.Lock()


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Orphans come to us meanwhile. One command at a time; the rest of the process may go on."""
    stand_guard()  # before: it is not to come to us
    with _one_command_at_a_time:
        libc = ctypes.CDLL(None)
        libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            yield
        finally:
            _end_orphans()
            libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def adopted(main: int) -> frozenset[int]:
    """Orphans of the command whose main process is ``main``, and all that descends from them."""
    orphans = _orphans(main)
    return orphans.union(*map(descendants, orphans))


def _end_orphans() -> None:
    """Kills what is left and takes note of the dead: they are our children, and nobody else would."""
    deadline = time.monotonic() + _LONGEST_DEATH_S
    while (orphans := _orphans()) and time.monotonic() < deadline:
        for orphan in orphans:
            kill_tree(orphan)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, os.WNOHANG)


def _orphans(main: int = _NO_ONE) -> frozenset[int]:
    ours = _filters(os.getpid())
    return frozenset(child for child in children(os.getpid()) if child != main and _filters(child) > ours)


def _filters(pid: int) -> int:
    """How many filters a process has; 0 for one that is gone. Format: proc_pid_status(5)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_bytes().splitlines():
            if line.startswith(b"Seccomp_filters:"):
                return int(line.split()[1])
    return 0
