"""Time, so that a campaign of ten thousand calls need not last for days."""

import time
from typing import Protocol

from pesquared.core.stopping import StopRequest

TICK_S = 0.1  # how soon Ctrl-C is noticed


class Clock(Protocol):
    """Two clocks and a sleep."""

    def monotonic(self) -> float:
        """Seconds that only ever grow; from anywhere."""

    def epoch(self) -> float:
        """Seconds since 1970, as the user's clock says: for dates, and for what another run shall know."""

    def sleep(self, seconds: float, stop: StopRequest) -> None:
        """Waits, unless a stop is requested."""


class SystemClock:
    """The real one."""

    def monotonic(self) -> float:
        return time.monotonic()

    def epoch(self) -> float:
        return time.time()

    def sleep(self, seconds: float, stop: StopRequest) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not stop.requested:
            time.sleep(min(left, TICK_S))
