"""A clock that a campaign of ten thousand calls moves by itself."""

import threading
from dataclasses import dataclass, field

from pesquared.core.stopping import StopRequest


@dataclass
class SimulatedClock:
    """Sleeping takes no time and moves the clock. Safe to be used from several threads."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def monotonic(self) -> float:
        return self.now

    def epoch(self) -> float:
        return self.now

    def sleep(self, seconds: float, stop: StopRequest) -> None:
        with self._lock:
            if not stop.requested:
                self.now += seconds
                self.slept.append(seconds)
