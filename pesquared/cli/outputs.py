"""Standard output and standard error, which may be taken away while a command runs: ``| head -1``, a full disk.

A reader that stops reading has what it wanted: the command goes on, saves what it measures, and ends as it would
have. What cannot be written for another reason is remembered and told at the end, when nothing is lost by it.
"""

import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from pesquared.errors import PesquaredError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STREAMS = 3  # standard input, output and error
_NOBODY_READS = (errno.EPIPE, errno.EIO)  # a pipe, a terminal


class OutputError(PesquaredError):
    """The result could not be written to standard output."""


class Lasting(io.RawIOBase):
    """A descriptor that is written as long as that works; after the first failure everything goes nowhere.

    Attributes:
        failed: the first failure, None while there is none.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.failed: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: "ReadableBuffer", /) -> int:
        while self.failed is None:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:  # who shares the pipe with us has made it so
                select.select((), (self._descriptor,), ())
            except OSError as error:
                self.failed = error
        return memoryview(data).nbytes


@dataclass(frozen=True, slots=True)
class Outputs:
    """Both streams, once they last."""

    stdout: Lasting
    stderr: Lasting

    def must_have_taken_all(self) -> None:
        """Raises OutputError where the result was wanted and could not be written."""
        sys.stdout.flush()
        failed = self.stdout.failed
        if failed is not None and failed.errno not in _NOBODY_READS:
            raise OutputError(
                f"standard output: {failed.strerror}",
                "the result could not be written there: make room, send it elsewhere, or take --json FILE",
            )


@contextmanager
def lasting_outputs() -> Iterator[Outputs]:
    """Puts lasting streams into the places of ``sys.stdout`` and ``sys.stderr``."""
    before = sys.stdout, sys.stderr
    outputs = Outputs(Lasting(1), Lasting(2))
    sys.stdout = _text(outputs.stdout, before[0], by_line=outputs.stdout.isatty())
    sys.stderr = _text(outputs.stderr, before[1], by_line=True)
    try:
        yield outputs
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _text(raw: Lasting, like: TextIO | None, *, by_line: bool) -> TextIO:
    encoding, errors = (like.encoding, like.errors) if like is not None else ("utf-8", "backslashreplace")
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=by_line)


def open_missing_streams() -> None:
    """Opens what is closed of the three streams, on nothing: else the next file opened would be taken for one.

    A shell closes them by ``>&-``. To be called before anything else is opened.
    """
    for descriptor in range(_STREAMS):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
