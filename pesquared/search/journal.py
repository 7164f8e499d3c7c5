"""The journal: every event on disk before the run goes on, in one SQLite file.

WAL with one writer. Results are committed with ``synchronous=FULL`` (they survive a power cut); single pairs with
``NORMAL`` (they survive a killed process), because a full commit costs some milliseconds beside a benchmark.
"""

import json
import sqlite3
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from pesquared.core.events import Event, PairMeasured
from pesquared.errors import PesquaredError

_TABLE = "create table if not exists event(id integer primary key, at real, kind text, body text)"


class Journal:
    """An observer that writes down what it sees. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._broken = False
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("pragma journal_mode=wal")
            self._database.execute("pragma synchronous=full")
            self._database.execute(_TABLE)
        except sqlite3.Error as error:
            raise PesquaredError(f"{path} cannot be written: {error}", "make room on its disk") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def notify(self, event: Event) -> None:
        """Writes the event down.

        Raises:
            PesquaredError: it cannot be written. Said once: what comes after is not written, and the run can end.
        """
        if self._broken:
            return
        try:
            self._write(event)
        except sqlite3.Error as error:
            self._broken = True
            raise PesquaredError(f"the journal cannot be written: {error}", "make room on its disk") from error

    def _write(self, event: Event) -> None:
        pair = isinstance(event, PairMeasured)
        if pair:
            self._database.execute("pragma synchronous=normal")
        self._database.execute(
            "insert into event(at, kind, body) values(?, ?, ?)",
            (time.time(), type(event).__name__, json.dumps(asdict(event), ensure_ascii=True)),
        )
        if pair:
            self._database.execute("pragma synchronous=full")
