"""What a tool of this machine prints about foreign bytes: as a stream that ends, and with nothing left."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from pesquared.profiles.problems import Problems

# perf: no settings of the user's, no symbols fetched from elsewhere.
_ENVIRONMENT = {"PERF_CONFIG": os.devnull, "DEBUGINFOD_URLS": "", "LC_ALL": "C"}


@contextmanager
def printed(
    command: Sequence[str], longest_s: float, problems: Problems | None = None, *, given: bytes = b""
) -> Iterator[IO[bytes]]:
    """Its standard output. The tool ends with the context, or when its time is up.

    Args:
        command: the tool and its arguments.
        longest_s: seconds.
        problems: told if it fails after all of its output was read.
        given: what it reads.

    Raises:
        OSError: it cannot be started.
    """
    with tempfile.TemporaryFile() as standard_input:
        standard_input.write(given)
        standard_input.seek(0)
        process = subprocess.Popen(
            command,
            stdin=standard_input,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ENVIRONMENT},
            start_new_session=True,
        )
    alarm = threading.Timer(longest_s, _end, (process,))
    alarm.daemon = True
    alarm.start()
    read_to_end = False
    try:
        assert process.stdout is not None  # noqa: S101 # asked for above
        yield process.stdout
        read_to_end = not process.stdout.read(1)
    finally:
        alarm.cancel()
        if not read_to_end:
            _end(process)
        code = process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if problems is not None and read_to_end and code:
        problems.note(0, f"{command[0]} cannot print it (exit code {code}); see what it says: {' '.join(command)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
