"""How many tasks a user has: the kernel limits them per user, so a command's limit has to stand on top of that."""

import contextlib
from pathlib import Path

from pesquared.sandbox.process_tree import processes


def tasks_of(uid: int) -> int:
    """Threads of all processes with this real uid, seen from here. Format: proc_pid_status(5)."""
    places = (Path(f"/proc/{pid}") for pid in processes())
    return sum(_tasks(place) for place in places if _is(place, uid))


def _is(process: Path, uid: int) -> bool:
    with contextlib.suppress(OSError):
        return process.stat().st_uid == uid
    return False


def _tasks(process: Path) -> int:
    with contextlib.suppress(OSError):
        for line in (process / "status").read_bytes().splitlines():
            if line.startswith(b"Threads:"):
                return int(line.split()[1])
    return 0
