"""Opens a profile, packed by gzip or not, so that no hostile file breaks off with an error or unpacks for ever."""

import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pesquared.core.profile import Diagnostic
from pesquared.profiles.problems import Problems

PACKED = b"\x1f\x8b"  # how a gzip file begins (RFC 1952)
MAX_WHOLE = 64 << 20  # bytes of a file that has to be held as a whole

# Real profiles shrink to a tenth or so; a bomb, to a thousandth.
_MOST_GROWTH = 64
_ALWAYS_ALLOWED = 8 << 20
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Contents:
    """An opened profile."""

    stream: BinaryIO
    problems: Problems

    def whole(self) -> bytes:
        """All of it; b"" and a problem if that is more than ``MAX_WHOLE`` bytes."""
        data = bytearray()
        while piece := self.stream.read(_PIECE):  # what is asked for at once is also set aside at once
            data += piece
            if len(data) > MAX_WHOLE:
                self.problems.note(0, f"is larger than {MAX_WHOLE >> 20} MiB; convert it to folded stacks")
                return b""
        return bytes(data)


def is_packed(path: Path) -> bool:
    """Is it a gzip file? No, if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(PACKED)) == PACKED
    except OSError:
        return False


@contextmanager
def opened(path: Path, diagnostics: list[Diagnostic]) -> Iterator[Contents]:
    """The file, unpacked. What cannot be read is a problem, and the stream ends there."""
    problems = Problems(str(path), diagnostics)
    with ExitStack() as closing:
        closing.callback(problems.close)
        stream: BinaryIO = io.BytesIO()
        try:
            file = closing.enter_context(path.open("rb"))
            stream = unpacked(file, path.stat().st_size, problems)
        except OSError as error:
            problems.note(0, f"cannot be read: {error.strerror or error}")
        yield Contents(stream, problems)


def unpacked(file: io.BufferedReader, size: int, problems: Problems) -> BinaryIO:
    """``file`` from its beginning, unpacked if it is packed; ``size`` bounds what it may grow to."""
    packed = file.peek(2)[:2] == PACKED
    limit = max(_ALWAYS_ALLOWED, size * _MOST_GROWTH)
    return io.BufferedReader(_Unpacking(file, limit, problems) if packed else _Reading(file, problems), _PIECE)


class _Reading(io.RawIOBase):
    """A file whose errors are its end."""

    def __init__(self, file: BinaryIO, problems: Problems) -> None:
        self._file = file
        self._problems = problems

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._piece(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _piece(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self._problems.note(0, f"cannot be read to its end: {error.strerror or error}")
            return b""


class _Unpacking(_Reading):
    """The same, of a gzip file of one or several members."""

    def __init__(self, file: BinaryIO, limit: int, problems: Problems) -> None:
        super().__init__(file, problems)
        self._left = limit
        self._packed = b""
        self._unpacker = zlib.decompressobj(wbits=31)
        self._ended = False

    def _piece(self, size: int) -> bytes:
        while not self._ended:
            if not self._packed:
                self._packed = super()._piece(_PIECE)
            if not self._packed:
                self._end("" if self._unpacker.eof else "is cut off: its packed data ends too early")
                break
            if self._unpacker.eof:
                self._unpacker = zlib.decompressobj(wbits=31)
            if piece := self._unpack(size):
                return piece
        return b""

    def _unpack(self, size: int) -> bytes:
        try:
            piece = self._unpacker.decompress(self._packed, min(size, self._left))
        except zlib.error:
            self._end("is damaged: its packed data cannot be unpacked")
            return b""
        self._packed = self._unpacker.unused_data if self._unpacker.eof else self._unpacker.unconsumed_tail
        self._left -= len(piece)
        if self._left <= 0:
            self._end(f"unpacks to more than {_MOST_GROWTH} times its size; the rest is left out")
        return piece

    def _end(self, why: str) -> None:
        self._ended = True
        if why:
            self._problems.note(0, why)
