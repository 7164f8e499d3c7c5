"""Ctrl-C: the first asks a command to finish what it measures and to save, the second stops it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from pesquared.core.stopping import StopRequest


@contextmanager
def interruptible(stop: StopRequest) -> Iterator[None]:
    """Lets SIGINT and SIGTERM set ``stop``; one more raises KeyboardInterrupt."""

    def asked(_signal: int, _frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        click.echo("stopping as soon as nothing is lost by it; press Ctrl-C again to stop at once", err=True)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
