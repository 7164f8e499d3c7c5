"""Who holds a lock: told to somebody who waits for it, so that it is no mystery what takes so long.

Nothing is written for that. The kernel lists the locks in /proc/locks (proc(5)); a container may hide them, and
then nobody is named.
"""

import os
import pwd
import shlex
from pathlib import Path

_MOST = 1 << 20  # bytes of the list
_LONGEST = 80  # characters of a command
_PID, _FILE = 4, 5  # fields of "1: FLOCK ADVISORY WRITE 4711 08:01:123456 0 EOF"


def holder(status: os.stat_result) -> str:
    """``process 4711 of ada (pesquared measure . main)``, "" if it cannot be told or is this process.

    Args:
        status: of the file that is locked with flock(2).
    """
    device = status.st_dev
    wanted = f"{os.major(device):02x}:{os.minor(device):02x}:{status.st_ino}"
    for fields in _locks():
        if len(fields) > _FILE and fields[1] == "FLOCK" and fields[_FILE] == wanted and fields[_PID].isdigit():
            pid = int(fields[_PID])
            if pid not in (0, os.getpid()):  # 0: of another process namespace
                return _described(pid)
    return ""


def _locks() -> list[list[str]]:
    try:
        with Path("/proc/locks").open(encoding="ascii", errors="replace") as file:
            return [line.split() for line in file.read(_MOST).splitlines()]
    except OSError:
        return []


def _described(pid: int) -> str:
    process = Path(f"/proc/{pid}")
    try:
        owner = process.stat().st_uid
        words = os.fsdecode((process / "cmdline").read_bytes()).rstrip("\0").split("\0")
    except OSError:  # it has gone, or is hidden
        return f"process {pid}"
    if words and Path(words[0]).name.startswith("python"):
        del words[0]
    words[:1] = [Path(word).name for word in words[:1]]
    command = shlex.join(words)
    shown = command if len(command) <= _LONGEST else f"{command[:_LONGEST]}…"
    return f"process {pid} of {_name(owner)} ({shown})" if shown else f"process {pid} of {_name(owner)}"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
