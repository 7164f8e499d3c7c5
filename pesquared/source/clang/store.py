"""The index of a code base on disk: one SQLite file that can be thrown away at any time.

Nothing in it is absolute but the paths of foreign headers, so that it serves every copy of the same code base.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pesquared.source.clang.compile_commands import CompileCommand
from pesquared.source.clang.definitions import Entry
from pesquared.source.clang.facts import Facts

SCHEMA = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS file (path TEXT PRIMARY KEY, sha256 TEXT, mtime_ns INTEGER, size INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unit (
    id INTEGER PRIMARY KEY, file TEXT UNIQUE, arguments TEXT, failure TEXT, problems TEXT, fatal INTEGER);
CREATE TABLE IF NOT EXISTS dependency (
    unit INTEGER, path TEXT, sha256 TEXT, PRIMARY KEY (unit, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definition (
    id INTEGER PRIMARY KEY, usr TEXT, path TEXT, start INTEGER, end INTEGER, line INTEGER, end_line INTEGER,
    name TEXT, sha256 TEXT, entry BLOB, UNIQUE (path, start, end, usr, sha256));
CREATE INDEX IF NOT EXISTS definition_name ON definition (name);
CREATE INDEX IF NOT EXISTS definition_usr ON definition (usr);
CREATE TABLE IF NOT EXISTS mangled (name TEXT, definition INTEGER, PRIMARY KEY (name, definition)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mangled_definition ON mangled (definition);
CREATE TABLE IF NOT EXISTS shown (unit INTEGER, definition INTEGER, PRIMARY KEY (unit, definition)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shown_definition ON shown (definition);
CREATE TABLE IF NOT EXISTS edge (
    source INTEGER, target TEXT, kind TEXT, line INTEGER, PRIMARY KEY (source, target, kind)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edge_target ON edge (target);
CREATE TABLE IF NOT EXISTS slot (unit INTEGER, key TEXT, target TEXT, path TEXT, line INTEGER);
CREATE INDEX IF NOT EXISTS slot_target ON slot (target);
CREATE INDEX IF NOT EXISTS slot_unit ON slot (unit);
CREATE TABLE IF NOT EXISTS override (unit INTEGER, derived TEXT, base TEXT);
CREATE INDEX IF NOT EXISTS override_derived ON override (derived);
CREATE INDEX IF NOT EXISTS override_unit ON override (unit);
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A unit as the index has it."""

    id: int
    arguments: str
    failure: str
    fatal: bool
    dependencies: tuple[tuple[str, str], ...]  # path, sha256


class IndexStore:
    """The rows. Not for several threads.

    Args:
        path: the file; made if it is not there, made anew if it is no index of this version.
        version: of the parser; what another one has read is thrown away.
    """

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self._version = f"{SCHEMA} {version}"
        try:
            self.connection = self._open()
            of_now = self._version_of_it() == self._version
            if not of_now:
                self.connection.close()
        except sqlite3.DatabaseError:
            of_now = False
        if not of_now:
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            self.connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")  # it can be made anew
            connection.execute("CREATE TABLE IF NOT EXISTS meta (version TEXT)")
            if connection.execute("SELECT version FROM meta").fetchone() is None:
                connection.executescript(_TABLES)
                connection.execute("INSERT INTO meta VALUES (?)", (self._version,))
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _version_of_it(self) -> str:
        return str(self.connection.execute("SELECT version FROM meta").fetchone()[0])

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing of what is written within."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def known(self) -> dict[str, Known]:
        """The units by their file."""
        dependencies: dict[int, list[tuple[str, str]]] = {}
        for unit, path, digest in self.connection.execute("SELECT unit, path, sha256 FROM dependency"):
            dependencies.setdefault(unit, []).append((path, digest))
        rows = self.connection.execute("SELECT id, file, arguments, failure, fatal FROM unit")
        return {
            file: Known(unit, arguments, failure, bool(fatal), tuple(dependencies.get(unit, ())))
            for unit, file, arguments, failure, fatal in rows
        }

    def put(
        self,
        command: CompileCommand,
        arguments: str,
        facts: Facts | None,
        failure: str,
        files: Iterable[tuple[str, str]],
    ) -> None:
        """What a unit holds now, in place of what it held before.

        Args:
            command: how it is compiled.
            arguments: their digest.
            facts: None where it cannot be read; ``failure`` says why.
            failure: "" for none.
            files: what it was read from, with the hashes.
        """
        with self.writing():
            self._drop([command.file])
            execute = self.connection.execute
            problems = msgspec.json.encode(facts.problems if facts else []).decode()
            unit = execute(
                "INSERT INTO unit (file, arguments, failure, problems, fatal) VALUES (?, ?, ?, ?, ?)",
                (command.file, arguments, failure, problems, facts is not None and facts.fatal),
            ).lastrowid
            many = self.connection.executemany
            many("INSERT OR IGNORE INTO dependency VALUES (?, ?, ?)", ((unit, *one) for one in files))
            if facts is None:
                return
            numbers = [self._definition(entry) for entry in facts.entries]
            many("INSERT OR IGNORE INTO shown VALUES (?, ?)", ((unit, one) for one in set(numbers)))
            edges = ((numbers[one.source], one.target, one.kind, one.line) for one in facts.edges)
            many("INSERT OR IGNORE INTO edge VALUES (?, ?, ?, ?)", edges)
            slots = ((unit, one.key, one.target, one.path, one.line) for one in facts.slots)
            many("INSERT INTO slot VALUES (?, ?, ?, ?, ?)", slots)
            many("INSERT INTO override VALUES (?, ?, ?)", ((unit, *pair) for pair in facts.overrides))

    def _definition(self, entry: Entry) -> int:
        extent = entry.definition.extent
        key = (extent.path, extent.start, extent.end, entry.usr, extent.sha256)
        execute = self.connection.execute
        found = execute(
            "SELECT id FROM definition WHERE path = ? AND start = ? AND end = ? AND usr = ? AND sha256 = ?", key
        ).fetchone()
        if found is not None:
            return int(found[0])
        path, start, end, usr, digest = key
        number = execute(
            "INSERT INTO definition (usr, path, start, end, line, end_line, name, sha256, entry)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                usr,
                path,
                start,
                end,
                extent.line,
                extent.end_line,
                entry.path[-1],
                digest,
                msgspec.json.encode(entry),
            ),
        ).lastrowid
        names = ((name, number) for name in entry.mangled)
        self.connection.executemany("INSERT OR IGNORE INTO mangled VALUES (?, ?)", names)
        return int(number or 0)

    def drop(self, files: Sequence[str]) -> None:
        """Forgets units."""
        with self.writing():
            self._drop(files)

    def _drop(self, files: Iterable[str]) -> None:
        execute = self.connection.execute
        for file in files:
            found = execute("SELECT id FROM unit WHERE file = ?", (file,)).fetchone()
            if found is None:
                continue
            orphans = execute(
                "SELECT definition FROM shown AS one WHERE unit = ? AND NOT EXISTS"
                " (SELECT 1 FROM shown WHERE definition = one.definition AND unit <> one.unit)",
                found,
            ).fetchall()
            for table, column in (("edge", "source"), ("mangled", "definition"), ("definition", "id")):
                self.connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", orphans)  # noqa: S608
            for table in ("dependency", "shown", "slot", "override"):
                execute(f"DELETE FROM {table} WHERE unit = ?", found)  # noqa: S608 - our own names
            execute("DELETE FROM unit WHERE id = ?", found)


class FileHashes:
    """SHA-256 of files, read again only where time or size have changed.

    Args:
        store: remembers them.
        root: the code base.
    """

    def __init__(self, store: IndexStore, root: Path) -> None:
        self._store = store
        self._root = root
        rows = store.connection.execute("SELECT path, sha256, mtime_ns, size FROM file")
        self._known = {path: (digest, mtime_ns, size) for path, digest, mtime_ns, size in rows}
        self._checked: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The hash of a file, by its path relative to the code base or an absolute one; "" if it is not there."""
        if path not in self._checked:
            self._checked[path] = self._look(path)
        return self._checked[path]

    def _look(self, path: str) -> str:
        file = self._root / path
        try:
            status = file.stat()
            digest, mtime_ns, size = self._known.get(path, ("", 0, -1))
            if (status.st_mtime_ns, status.st_size) != (mtime_ns, size):
                with file.open("rb") as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()
                self._known[path] = digest, status.st_mtime_ns, status.st_size
                self._store.connection.execute(
                    "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
                    (path, digest, status.st_mtime_ns, status.st_size),
                )
        except OSError:
            return ""
        return str(digest)
