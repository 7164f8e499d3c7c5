"""What providers asked to be waited for, on disk: a killed run that is begun again waits on."""

import json
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from pesquared.llm.patience.backoff import LONGEST_AFTER_S, LONGEST_WITHOUT_QUOTA_S

WORTH_KEEPING_S = 5.0
LONGEST_FILE = 1 << 20
LATEST_S = 2 * max(LONGEST_AFTER_S, LONGEST_WITHOUT_QUOTA_S)  # a clock that was set back is not waited for


class Holds:
    """For each account (address and model) the moment until which it is not asked, and why.

    Args:
        path: None keeps them in memory. A file that cannot be read or written is no reason to stop.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, str]] = self._read()

    def hold(self, account: str, until: float, now: float, why: str) -> None:
        """Does not ask ``account`` before ``until``, in seconds since 1970."""
        with self._lock:
            self._held[account] = (until, why)
            if until - now >= WORTH_KEEPING_S:
                self._write(now)

    def release(self, account: str, now: float) -> None:
        """It has answered."""
        with self._lock:
            if self._held.pop(account, None) is not None:
                self._write(now)

    def wait_s(self, account: str, now: float) -> tuple[float, str]:
        """Seconds left, and why; 0.0 if it may be asked."""
        with self._lock:
            until, why = self._held.get(account, (0.0, ""))
        left = until - now
        return (left, why) if 0 < left <= LATEST_S else (0.0, "")

    def _read(self) -> dict[str, tuple[float, str]]:
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file:
                found = json.loads(file.read(LONGEST_FILE))
            return {str(account): (float(until), str(why)) for account, (until, why) in found.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}

    def _write(self, now: float) -> None:
        if self._path is None:
            return
        kept = {account: held for account, held in self._held.items() if held[0] > now}
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, suffix=".tmp")
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump(kept, file, indent=1)
            Path(temporary).replace(self._path)
