"""Runs a program of the user's own: bounded in time and output, and nothing of it is left when this returns."""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from pesquared.core.stopping import StopRequest

TICK_S = 0.05  # how often the end of a program is noticed that a child of its own keeps talking for
STDERR_KEPT = 8 << 10


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended. ``stopped`` is "", "timeout", "output" or "interrupted"; ``stderr`` is its tail."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    stopped: str


def run_program(
    argv: Sequence[str],
    stdin: bytes,
    env: Mapping[str, str],
    *,
    timeout_s: float,
    output_cap: int,
    stop: StopRequest,
) -> Ended:
    """Runs ``argv`` without a shell, in a process group of its own that is killed at the end.

    Args:
        argv: program and arguments.
        stdin: given through a file, so that a program that does not read it cannot block.
        env: its whole environment.
        timeout_s: wall-clock seconds.
        output_cap: bytes of stdout after which it is stopped.
        stop: ends it when it is set.

    Raises:
        OSError: it cannot be started.
    """
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        process = subprocess.Popen(
            argv, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(env), start_new_session=True
        )
    reading = _Reading(process, output_cap, stop)
    try:
        stopped = reading.follow(time.monotonic() + timeout_s)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
        process.wait()
        reading.close()
    return Ended(process.returncode, bytes(reading.stdout), bytes(reading.stderr), stopped)


@dataclass(slots=True)
class _Reading:
    process: subprocess.Popen[bytes]
    output_cap: int
    stop: StopRequest
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)

    def follow(self, deadline: float) -> str:
        """Reads both streams until the program has ended; returns why it has to be stopped, "" if not."""
        with selectors.DefaultSelector() as selector:
            for stream in self._streams():
                selector.register(stream, selectors.EVENT_READ)
            while True:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return "timeout"
                if self.stop.requested:
                    return "interrupted"
                ready = selector.select(min(remaining, TICK_S))
                if not ready and _has_ended(self.process.pid):
                    return ""
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self.process.stdout:
                        self.stdout += data
                    else:
                        self.stderr = (self.stderr + data)[-STDERR_KEPT:]
                if len(self.stdout) > self.output_cap:
                    return "output"

    def close(self) -> None:
        for stream in self._streams():
            stream.close()

    def _streams(self) -> list[IO[bytes]]:
        return [stream for stream in (self.process.stdout, self.process.stderr) if stream is not None]


def _has_ended(pid: int) -> bool:
    """Has it ended, without reaping it: until then its number cannot become another's."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
