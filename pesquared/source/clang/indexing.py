"""Brings the index of a code base up to date: reads the units that have changed, two at a time."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pesquared.source.clang.compile_commands import CompileCommand, CompileDatabase
from pesquared.source.clang.facts import is_storable
from pesquared.source.clang.locator import SourceTree
from pesquared.source.clang.store import FileHashes, IndexStore, Known
from pesquared.source.clang.workers import PROCESSES, Workers

Progress = Callable[[int, int], None]
"""Is told how many units are done, and of how many."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update did. ``cpu_s`` is what the units took."""

    units: int  # all of the code base
    read: int  # anew
    lost: tuple[str, ...]  # "file: why" of those that could not be read
    unfinished: int  # units that there was no time for
    cpu_s: float
    wall_s: float


def update(
    store: IndexStore,
    tree: SourceTree,
    database: CompileDatabase,
    *,
    processes: int = PROCESSES,
    seconds: float = float("inf"),
    progress: Progress | None = None,
) -> IndexReport:
    """Reads what is new or has changed, by content, and forgets what is gone.

    Args:
        store: the index.
        tree: the code base.
        database: its units.
        processes: how many read at the same time.
        seconds: after this long no further unit is begun.
        progress: is told now and then.
    """
    began = time.monotonic()
    root = tree.root
    hashes = FileHashes(store, root)
    known = store.known()
    files = _file_set(tree)
    named = [one for one in database.commands.values() if is_storable(one.file + "".join(one.arguments))]
    lost = [f"{len(database.commands) - len(named)} units whose name or flags are not UTF-8"]
    lost = lost if len(named) < len(database.commands) else []
    stale = [one for one in named if _is_stale(one, known.get(one.file), root, hashes, files)]
    store.drop([file for file in known if file not in database.commands])
    cpu_s, done = 0.0, 0
    with Workers(root, processes) as workers:
        wanted = (one for one in stale if time.monotonic() - began < seconds)
        for command, answer in workers.read(wanted):
            read_from = answer.facts.files if answer.facts is not None else [command.file]
            dependencies = [(path, hashes.of(path)) for path in read_from]
            store.put(command, f"{_digest(command, root)}+{files}", answer.facts, answer.failure, dependencies)
            cpu_s += answer.cpu_s
            done += 1
            if answer.failure:
                lost.append(f"{command.file}: {answer.failure}")
            if progress is not None:
                progress(done, len(stale))
    wall_s = time.monotonic() - began
    return IndexReport(len(database.commands), done, tuple(lost), len(stale) - done, cpu_s, wall_s)


def _is_stale(command: CompileCommand, known: Known | None, root: Path, hashes: FileHashes, files: str) -> bool:
    if known is None or any(hashes.of(path) != digest for path, digest in known.dependencies):
        return True
    arguments, _, seen = known.arguments.partition("+")
    # A unit that misses a header is read again once there are other files.
    return arguments != _digest(command, root) or (known.fatal and seen != files)


def _digest(command: CompileCommand, root: Path) -> str:
    """Of what decides how a unit is read, wherever the code base stands."""
    words = "\0".join((command.file, command.directory, *command.arguments)).replace(str(root), "")
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()


def _file_set(tree: SourceTree) -> str:
    return hashlib.sha256("\0".join(tree.files).encode("utf-8", "surrogateescape")).hexdigest()[:16]
