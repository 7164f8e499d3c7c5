"""What bubblewrap says of itself on its status pipe: whether the program was started, and which process is pid 1.

Bubblewrap may end a moment before its pid namespace does. Only when that is gone are all processes dead and the
tree at rest, so the end of pid 1 is waited for: the kernel lets it become a zombie last of all in its namespace.
Format: the documents of ``--json-status-fd``, bwrap(1).
"""

import os
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_CHILD = re.compile(rb'"child-pid": ?(\d{1,10})')
_EXIT = b'"exit-code"'
_MOST_BYTES = 4096
_PATIENCE_S = 5.0  # a process stuck in the kernel shall not stop us for good
_PAUSE_S = 0.0005


class StatusPipe:
    """The pipe, open for the length of one run."""

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._read_end)
        os.close(self.write_end)

    def wait_for_the_end(self) -> bool:
        """To be called after bubblewrap has ended: waits for the rest, and says whether the program was run."""
        try:
            said = os.read(self._read_end, _MOST_BYTES)
        except BlockingIOError:
            return False
        child = _CHILD.search(said)
        if child:
            give_up = time.monotonic() + _PATIENCE_S
            while is_a_living_init(int(child[1])) and time.monotonic() < give_up:
                time.sleep(_PAUSE_S)
        return _EXIT in said


def is_a_living_init(pid: int) -> bool:
    """Is ``pid`` alive and number 1 of a pid namespace? A process that got the number anew is not."""
    try:
        lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    facts = dict(line.split(b":", 1) for line in lines if b":" in line)
    numbers = facts.get(b"NSpid", b"").split()
    return len(numbers) > 1 and numbers[-1] == b"1" and facts.get(b"State", b"").split()[:1] != [b"Z"]
