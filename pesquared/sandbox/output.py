"""What a program prints, kept within bounds however much it is."""

import hashlib
import os
import selectors


class KeptStream:
    """The beginning and the end of a stream; the middle is dropped and stands as its length and hash.

    What is dropped depends on the stream's content alone, not on how it arrived, so that two streams are equal
    here exactly if they were equal.

    Args:
        limit: bytes to keep, half of them from the beginning.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0
        self._hash = hashlib.sha256()

    def add(self, piece: bytes) -> None:
        room = self._half - len(self._head)
        self._head += piece[:room]
        self._tail += piece[room:]
        if len(self._tail) > 2 * self._half:  # not at every piece: each time costs a move of the whole tail
            self._trim()

    def _trim(self) -> None:
        surplus = len(self._tail) - self._half
        if surplus > 0:
            self._hash.update(self._tail[:surplus])
            self._dropped += surplus
            del self._tail[:surplus]

    def content(self) -> bytes:
        self._trim()
        if not self._dropped:
            return bytes(self._head + self._tail)
        note = f"\n[... {self._dropped} bytes left out, sha256 {self._hash.hexdigest()} ...]\n"
        return bytes(self._head) + note.encode() + bytes(self._tail)


class Capture:
    """Both output streams of a running program, read as they come.

    Args:
        stdout: descriptor of the read end; made non-blocking here.
        stderr: likewise.
        limit: bytes to keep of each.
    """

    _PIECE = 1 << 16
    _LEFT_IN_A_PIPE = 1 << 20  # the largest pipe that an ordinary user can have

    def __init__(self, stdout: int, stderr: int, limit: int) -> None:
        self._streams = {stdout: KeptStream(limit), stderr: KeptStream(limit)}
        self._stdout, self._stderr = stdout, stderr
        self.total = 0  # bytes seen in both
        for fd in self._streams:
            os.set_blocking(fd, False)

    def register(self, selector: selectors.BaseSelector) -> None:
        for fd in self._streams:
            selector.register(fd, selectors.EVENT_READ, self)

    def read(self, fd: int) -> bool:
        """Takes what is there, one piece at most. False when nothing is, now or ever again."""
        try:
            piece = os.read(fd, self._PIECE)
        except BlockingIOError:
            return False
        self.total += len(piece)
        self._streams[fd].add(piece)
        return bool(piece)

    def drain(self) -> None:
        """Takes what the dead left in the pipes; does not wait for whoever else still holds them open."""
        for fd in self._streams:
            taken_until = self.total + self._LEFT_IN_A_PIPE
            while self.total < taken_until and self.read(fd):
                pass

    def stdout(self) -> bytes:
        return self._streams[self._stdout].content()

    def stderr(self) -> bytes:
        return self._streams[self._stderr].content()
