"""A circuit breaker: after several failures in a row a provider is left alone for a while, whoever asks."""

import threading
from dataclasses import dataclass, field

MOST_IN_A_ROW = 5
FIRST_S, LONGEST_S = 30.0, 300.0


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row, of all threads together.

    Once it is open, one question is let through when the pause is over; its failure makes the next pause longer.
    """

    _in_a_row: int = 0
    _opened: int = 0  # times in a row
    _until: float = 0.0
    last_reason: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, now: float) -> float:
        """Seconds to wait before the next question; who gets 0 is the one that is let through."""
        with self._lock:
            if not self._opened:
                return 0.0
            if now >= self._until:
                self._until = now + self._pause()  # for all others, until this one is known
                return 0.0
            return self._until - now

    def succeeded(self) -> None:
        """The provider has answered."""
        with self._lock:
            self._in_a_row = self._opened = 0

    def failed(self, now: float, reason: str = "") -> bool:
        """It has not; returns whether that opens the breaker."""
        with self._lock:
            self.last_reason = reason
            self._in_a_row += 1
            if self._in_a_row < MOST_IN_A_ROW:
                return False
            self._opened += 1
            self._until = now + self._pause()
            return True

    def _pause(self) -> float:
        return float(min(LONGEST_S, FIRST_S * 2 ** min(max(0, self._opened - 1), 20)))
