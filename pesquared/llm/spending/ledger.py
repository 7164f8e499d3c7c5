"""What a run has spent, on disk before and after every call: a killed run's last call counts with its worst case.

One JSON object a line: ``{"call": …, "worst": USD}`` before, ``{"call": …, "cost": USD, "known": …}`` after.
"""

import json
import os
import threading
from pathlib import Path

from pesquared.core.attempt import Spending
from pesquared.errors import PesquaredError

LONGEST = 64 << 20


class Ledger:
    """The sums, in a file that is only ever appended to. Safe to be used from several threads.

    Args:
        path: None keeps them in memory.

    Raises:
        PesquaredError: the file cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: dict[str, float] = {}  # call → its worst case, for what is under way
        self.paid_usd = 0.0  # for answers that said what they used
        self.unknown_usd = 0.0  # the worst case of calls of which nobody knows
        self.calls = 0
        if path is not None and path.exists():
            self._restore(path)

    @property
    def spent_usd(self) -> float:
        """The most that can have been spent, with what is under way."""
        return self.paid_usd + self.unknown_usd + sum(self._open.values())

    def spending(self, limit_usd: float) -> Spending:
        """For the report."""
        with self._lock:
            return Spending(self.calls, self.spent_usd, self.spent_usd - self.paid_usd, limit_usd)

    def reserve(self, call: str, worst_usd: float, limit_usd: float) -> float | None:
        """Puts a call down, if its worst case fits; returns what is left of the limit where it does not."""
        with self._lock:
            left = limit_usd - self.spent_usd
            if worst_usd > left:
                return left
            self._open[call] = worst_usd
            self.calls += 1
            self._write({"call": call, "worst": worst_usd}, lasting=True)
            return None

    def settle(self, call: str, cost_usd: float | None) -> None:
        """What the call has cost; None: nobody knows, so that its worst case counts."""
        with self._lock:
            worst = self._open.pop(call, 0.0)
            known = cost_usd is not None
            cost = worst if cost_usd is None else cost_usd
            self._count(cost, known=known)
            self._write({"call": call, "cost": cost, "known": known}, lasting=False)  # lost, the worst case counts

    def _count(self, usd: float, *, known: bool) -> None:
        if known:
            self.paid_usd += usd
        else:
            self.unknown_usd += usd

    def _write(self, entry: dict[str, object], *, lasting: bool) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(json.dumps(entry).encode("ascii") + b"\n")
                if lasting:
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise PesquaredError(f"{self._path} cannot be written: {error.strerror}", "make room there") from error

    def _restore(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                lines = file.read(LONGEST).split(b"\n")
        except OSError as error:
            raise PesquaredError(f"{path} cannot be read: {error.strerror}", "make it readable") from error
        for line in lines:
            try:
                entry = json.loads(line)
                call, worst = str(entry["call"]), entry.get("worst")
                if worst is not None:
                    self.unknown_usd += self._open.pop(call, 0.0)  # of another process that was killed
                    self._open[call] = float(worst)
                    self.calls += 1
                else:
                    self._open.pop(call, None)
                    self._count(float(entry["cost"]), known=bool(entry["known"]))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue  # a line cut off by a power cut, or somebody's edit
        self.unknown_usd += sum(self._open.values())  # of a run that was killed: nobody knows any more
        self._open.clear()
