"""Ends what killed runs left: whoever bears the mark of one, and bubblewrap's inner process without an outer one.

That inner process asks the kernel to die with the outer one only after that has told it to go on. If the outer one
is killed before, the inner one waits for ever: it has no name of its own and no program, but it stays.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from pesquared.sandbox.bubblewrap import ISOLATED
from pesquared.sandbox.bubblewrap_status import is_a_living_init
from pesquared.sandbox.mark import abandoned, is_abandoned
from pesquared.sandbox.process_tree import processes

_ROUNDS = 20
_PROC = Path("/proc")
_OURS = tuple(os.fsencode(option) for option in ISOLATED)


def end_strays() -> None:
    """Kills what this user may kill of them; a few rounds, since some start others meanwhile."""
    for _ in range(_ROUNDS):
        found = [pid for pid in abandoned() if _send(pid, signal.SIGSTOP, is_abandoned)]
        for pid in found:
            _send(pid, signal.SIGKILL, is_abandoned)
        if not found:
            break
    for pid in processes():
        if _is_stray(pid):
            _send(pid, signal.SIGKILL, _is_stray)


def _send(pid: int, number: signal.Signals, is_one: Callable[[int], bool]) -> bool:
    with contextlib.suppress(OSError):  # gone, or somebody else's
        descriptor = os.pidfd_open(pid)
        try:
            if is_one(pid):  # looked at while held: the number cannot be another one's by now
                signal.pidfd_send_signal(descriptor, number)
                return True
        finally:
            os.close(descriptor)
    return False


def _is_stray(pid: int) -> bool:
    words = _words(pid)
    if words[1 : 1 + len(_OURS)] != _OURS or not is_a_living_init(pid):
        return False
    return _uid(pid) == os.getuid() and _words(_fact(pid, b"PPid")) != words  # the outer one's are the same


def _uid(pid: int) -> int:
    return _fact(pid, b"Uid")


def _fact(pid: int, name: bytes) -> int:
    """The first number of a line of proc_pid_status(5); raises FileNotFoundError if the process is gone."""
    for line in (_PROC / str(pid) / "status").read_bytes().splitlines():
        if line.startswith(name + b":"):
            return int(line.split()[1])
    raise FileNotFoundError(name)


def _words(pid: int) -> tuple[bytes, ...]:
    try:
        return tuple((_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[:-1])
    except OSError:
        return ()
