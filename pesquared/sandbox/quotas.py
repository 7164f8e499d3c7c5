"""Whether a running command takes more memory or disk than it may: looked at a few times a second, cheaply first.

Resident sets count shared pages in every process, so they only raise the suspicion; proportional sets decide.
Lost free space only raises the suspicion as well, since others write, too; what was written since the start below
the command's own folders decides. No look takes more than a twentieth of the time between looks.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pesquared.core.running import Limits

_INTERVAL_S = 0.05
_SHARE_OF_TIME = 20.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LEAST_FREE = 512 << 20  # bytes that a command leaves of every file system
_LEAST_FREE_FILES = 1000
_LONGEST_WALK_S = 2.0
_CLOCK_SLACK_S = 2.0  # file systems stamp with a coarser clock, some with whole seconds
_BLOCK = 512  # st_blocks, stat(2)


class Quotas:
    """Watches one command.

    Args:
        limits: of the command; what is None there is not looked at.
        folders: where it may write on disk.
        members: the process numbers of the command, as they are when it is called.
    """

    def __init__(self, limits: Limits, folders: Iterable[Path], members: Callable[[], Iterable[int]]) -> None:
        self._limits = limits
        self._folders = tuple(folders) if limits.disk is not None else ()
        self._members = members
        self._began = time.time() - _CLOCK_SLACK_S
        self._free = {folder: _free(folder) for folder in self._folders}
        self._due = time.monotonic() + _INTERVAL_S  # most commands are over by then
        self.resident_bytes: int | None = None  # the highest sum that was seen

    @property
    def pause_s(self) -> float | None:
        """How long to sleep at most between two questions; None: there is nothing to ask."""
        return None if self._limits.memory is None and not self._folders else _INTERVAL_S

    def passed(self) -> str:
        """The limit that is passed, "memory" or "disk"; "" for none, or if it is too early to look again."""
        began = time.monotonic()
        if began < self._due or self.pause_s is None:
            return ""
        found = self.look()
        now = time.monotonic()
        self._due = now + max(_INTERVAL_S, _SHARE_OF_TIME * (now - began))
        return found

    def look(self) -> str:
        """The same, without regard to the time."""
        if self._too_much_memory():
            return "memory"
        return "disk" if any(map(self._too_full, self._folders)) else ""

    def _too_much_memory(self) -> bool:
        if self._limits.memory is None:
            return False
        members = tuple(self._members())
        resident = sum(map(_resident, members))
        self.resident_bytes = max(self.resident_bytes or 0, resident)
        return resident > self._limits.memory and sum(map(_proportional, members)) > self._limits.memory

    def _too_full(self, folder: Path) -> bool:
        """Has this command filled the folder's file system?"""
        limit, before, now = self._limits.disk, self._free[folder], _free(folder)
        if limit is None or before is None or now is None:
            return False
        (bytes_before, files_before), (bytes_now, files_now) = before, now
        if bytes_now < _LEAST_FREE <= bytes_before or files_now < _LEAST_FREE_FILES <= files_before:
            return True
        return bytes_before - bytes_now > limit and _written(self._folders, self._began, limit) > limit


def _resident(pid: int) -> int:
    """Bytes; 0 for a process that has ended. Format: proc_pid_statm(5)."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    return 0


def _proportional(pid: int) -> int:
    """Bytes, shared pages divided among those that share them; the resident set where that may not be read."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) << 10
    return _resident(pid)


def _free(folder: Path) -> tuple[int, int] | None:
    """Free bytes and free files, for us; None if that cannot be told."""
    try:
        facts = os.statvfs(folder)
    except OSError:
        return None
    files = facts.f_favail if facts.f_files else _LEAST_FREE_FILES  # some file systems have no fixed number
    return facts.f_bavail * facts.f_frsize, files


def _written(folders: Iterable[Path], since: float, enough: int) -> int:
    """Bytes on disk of everything below ``folders`` that was made or changed since; counts until it is ``enough``.

    A tree too large to be walked in a moment counts as enough.
    """
    total, deadline = 0, time.monotonic() + _LONGEST_WALK_S
    for entry in _entries(folders):
        with contextlib.suppress(OSError):
            facts = entry.stat(follow_symlinks=False)
            total += facts.st_blocks * _BLOCK if facts.st_ctime >= since else 0
        if total > enough:
            break
        if time.monotonic() > deadline:
            return enough + 1
    return total


def _entries(folders: Iterable[Path]) -> Iterator[os.DirEntry[str]]:
    waiting = [str(folder) for folder in folders]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
