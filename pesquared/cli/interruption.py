"""Ctrl-C: the first asks a command to finish what it measures and to save, the second stops it at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from pesquared.core.stopping import StopRequest

_STDERR = 2
_STOPPING = b"stopping as soon as nothing is lost by it; press Ctrl-C again to stop at once\n"


@contextmanager
def interruptible(stop: StopRequest) -> Iterator[None]:
    """Lets SIGINT and SIGTERM set ``stop``; one more raises KeyboardInterrupt."""

    def asked(_signal: int, _frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        with suppress(OSError):  # past Python's own buffer: the signal may have come while that is written
            os.write(_STDERR, _STOPPING)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
