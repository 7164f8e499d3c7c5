"""The index of a code base as long as it is in use: where it lies, and bringing it up to date when it is asked."""

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pesquared.source.clang.definitions import Entry
from pesquared.source.clang.graph import CallGraph
from pesquared.source.clang.indexing import IndexReport, update
from pesquared.source.clang.library import version
from pesquared.source.clang.store import IndexStore
from pesquared.source.languages import Keep

if TYPE_CHECKING:
    from pesquared.source.clang.index import ClangIndex

FILE = "clang-{version}.db"


@dataclass(slots=True)
class Shelf:
    """Brings the index up to date once, and again after ``forget``.

    An index that cannot be written is as good as none: what needs it is then read from the sources.
    """

    keep: Keep
    report: IndexReport | None = None
    files: frozenset[str] = frozenset()  # from which its units were read
    _store: IndexStore | None = None
    _tried: bool = False
    problem: str = ""

    def current(self, index: "ClangIndex") -> IndexStore | None:
        """The rows as of now; None where there are none to be had."""
        if not self._tried and len(index.database.commands) >= self.keep.least:
            self._tried = True
            try:
                self._store = self._store or self._open()
                self.report = update(
                    self._store,
                    index.tree,
                    index.database,
                    seconds=self.keep.seconds,
                    progress=self.keep.progress,
                )
                rows = self._store.connection.execute("SELECT DISTINCT path FROM dependency")
                self.files = frozenset(path for (path,) in rows)
            except (OSError, sqlite3.Error) as error:
                self.problem = f"there is no index of the whole code base: {error}"
                self._store = None
        return self._store

    def _open(self) -> IndexStore:
        self.keep.folder.mkdir(parents=True, exist_ok=True)
        return IndexStore(self.keep.folder / FILE.format(version=version()), version())

    def graph(self, index: "ClangIndex") -> CallGraph | None:
        """Who calls whom; None without an index."""
        store = self.current(index)
        return CallGraph(store, index.root) if store is not None else None

    def entries(self, index: "ClangIndex", word: str, mangled: str) -> list[Entry] | None:
        """Definitions with that name or that name for the linker; None without a whole index."""
        store = self.current(index)
        if store is None or self.report is None or self.report.unfinished:
            return None
        rows = store.connection.execute(
            "SELECT entry FROM definition WHERE name IN (?, ?) UNION SELECT entry FROM definition WHERE id IN"
            " (SELECT definition FROM mangled WHERE name = ?)",
            (word, f"~{word}", mangled),
        )
        return [msgspec.json.decode(blob, type=Entry) for (blob,) in rows]

    def entries_in(self, index: "ClangIndex", path: str) -> list[Entry] | None:
        """The definitions of a file; None without a whole index."""
        store = self.current(index)
        if store is None or self.report is None or self.report.unfinished:
            return None
        rows = store.connection.execute("SELECT entry FROM definition WHERE path = ?", (path,))
        return [msgspec.json.decode(blob, type=Entry) for (blob,) in rows]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is missing from the index."""
        notes = [self.problem] if self.problem else []
        if self.report is not None and self.report.unfinished:
            notes.append(f"{self.report.unfinished} of {self.report.units} units are not in the index yet")
        if self.report is not None and self.report.lost:
            notes.append(f"not in the index: {'; '.join(self.report.lost[:3])}")
        return tuple(notes)

    def forget(self) -> None:
        """The tree has changed."""
        self._tried = False
