"""One measurement at a time on a host and no build beside it, across all runs of the tool, whoever's they are.

Two locks. The room is held by one who measures alone, or by many who build. The door in front of it is held while
waiting for the room, so that who comes later waits behind: neither can builds of others keep a measurement out for
ever, nor one run's pairs another's.
"""

import fcntl
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pesquared.core.events import Notice, Observer, StageStarted
from pesquared.core.protocols import HostLock
from pesquared.core.quiet import QuietHost
from pesquared.core.stopping import StopRequest
from pesquared.errors import StoppedError
from pesquared.sandbox.lock_file import SHARED_FOLDERS, LockFile, lock_files, writable_by_all
from pesquared.sandbox.lock_holders import holder

# Between two looks: seldom enough to disturb nobody's measurement. Only one at a time looks at the room.
_SHORTEST_PAUSE_S, _PAUSE_AT_ROOM_S, _PAUSE_AT_DOOR_S = 0.001, 0.01, 0.05
_SAID_AFTER_S, _SAID_AGAIN_AFTER_S = 2.0, 60.0  # of one wait; two runs that take turns are no news after the first
_TO_MEASURE = "waiting for {} to finish what it builds or measures"
_TO_WORK = "waiting for {} to finish a measurement"


class FileHostLock:
    """Implements ``core.protocols.HostLock`` with flock(2). Used from one thread.

    Args:
        door: held while waiting for the room.
        room: held exclusively by one who measures, shared by those who build or test.
        observer: is told when a wait takes long.
        stop: ends a wait.

    Both contexts raise StoppedError when a stop is requested while they wait.
    """

    def __init__(self, door: LockFile, room: LockFile, observer: Observer, stop: StopRequest) -> None:
        self._door = door
        self._room = room
        self._observer = observer
        self._stop = stop
        self._held: int | None = None  # LOCK_EX, LOCK_SH
        self._patience_s = _SAID_AFTER_S

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Alone on the host: nobody else measures, builds or tests."""
        if self._held == fcntl.LOCK_SH:
            raise AssertionError("a measurement inside a build would wait for itself")
        with self._holding(fcntl.LOCK_EX, _TO_MEASURE):
            yield

    @contextmanager
    def working(self) -> Iterator[None]:
        """Builds and tests: beside others that do the same, not beside a measurement."""
        with self._holding(fcntl.LOCK_SH, _TO_WORK):
            yield

    @contextmanager
    def _holding(self, kind: int, told: str) -> Iterator[None]:
        if self._held is not None:  # entered again inside itself
            yield
            return
        self._enter(kind, told)
        self._held = kind
        try:
            yield
        finally:
            self._held = None
            self._room.release()

    def _enter(self, kind: int, told: str) -> None:
        say_at = time.monotonic() + self._patience_s

        def waited() -> None:
            nonlocal say_at
            if self._stop.requested:
                raise StoppedError("interrupted while waiting for another run on this host")
            if time.monotonic() >= say_at:
                say_at = math.inf
                self._patience_s = _SAID_AGAIN_AFTER_S
                other = holder(self._room.status()) or holder(self._door.status()) or "another run on this host"
                self._observer.notify(StageStarted(told.format(other)))

        _take(self._door, fcntl.LOCK_EX, waited, _PAUSE_AT_DOOR_S)
        try:
            _take(self._room, kind, waited, _PAUSE_AT_ROOM_S)
        finally:
            self._door.release()


def _take(lock: LockFile, kind: int, waited: Callable[[], None], longest_pause_s: float) -> None:
    """Looks again and again, since a wait inside the kernel does not end when a stop is requested."""
    pause_s = _SHORTEST_PAUSE_S
    while not lock.take(kind):
        waited()
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, longest_pause_s)


def open_host_lock(
    observer: Observer, stop: StopRequest, chosen: Path | None = None, shared: Sequence[Path] = SHARED_FOLDERS
) -> HostLock:
    """The lock of this host; where no file can be shared, it is said and nobody is kept away.

    Args:
        observer: is told of long waits.
        stop: ends a wait.
        chosen: the folder of the files, if it is not to be the first of ``shared`` that all users may write.
        shared: the folders among which there is a choice.
    """
    folders = (chosen,) if chosen is not None else tuple(writable_by_all(shared))
    files = lock_files(("pesquared-door.lock", "pesquared-room.lock"), folders)
    if not files:
        places = ", ".join(map(str, (chosen,) if chosen is not None else shared))
        observer.notify(Notice(f"runs on this host are not kept apart: no file to lock in any of {places}"))
        return QuietHost()
    door, room = files
    return FileHostLock(door, room, observer, stop)
