"""Ctrl-C: the first asks a command to finish what it measures and to save, the second stops it at once.

A terminal that is closed (SIGHUP) asks, too. It can come several times, from the shell and from the kernel, and
there is nobody left to be impatient: it never stops at once.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from pesquared.core.stopping import StopRequest

_STDERR = 2
_STOPPING = b"stopping as soon as nothing is lost by it; press Ctrl-C again to stop at once\n"
_OUTPUTS = (1, 2)


@contextmanager
def interruptible(stop: StopRequest) -> Iterator[None]:
    """Lets SIGINT, SIGTERM and SIGHUP set ``stop``; one more of the first two raises KeyboardInterrupt.

    A SIGHUP that was ignored before, as nohup(1) has it, stays so.
    """
    terminals = tuple(filter(os.isatty, _OUTPUTS))  # asked now: one that is closed does not say what it was

    def asked(_signal: int, _frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        with suppress(OSError):  # past Python's own buffer: the signal may have come while that is written
            os.write(_STDERR, _STOPPING)

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        stop.request()
        for descriptor in terminals:
            _silence(descriptor)

    wanted = {signal.SIGINT: asked, signal.SIGTERM: asked, signal.SIGHUP: hung_up}
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        del wanted[signal.SIGHUP]
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silence(descriptor: int) -> None:
    """What is written to a terminal that is gone would raise EIO, and the run would end before it has saved."""
    null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(null, descriptor)
    os.close(null)
