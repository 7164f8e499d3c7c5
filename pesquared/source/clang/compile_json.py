"""Reads compile_commands.json as the foreign data it is.

The format: https://clang.llvm.org/docs/JSONCompilationDatabase.html.
"""

import json
import os
import shlex
from pathlib import Path

from pesquared.source.clang.arguments import units_in
from pesquared.source.clang.invocation import Invocation

_UNREADABLE = object()
_MANY_BYTES = 64 << 20
_LONG_COMMAND = 128 << 10  # shlex takes quadratic time on unbalanced quotes
_MUCH_QUOTING = 8 << 20  # all commands together that need shlex


def read_compile_json(path: Path, notes: list[str]) -> tuple[Invocation, ...]:
    """The entries that can be used; what is wrong with the file or with entries is appended to ``notes``."""
    content = _content(path, notes)
    return parse_compile_json(content, path.name, path.parent, notes) if content is not None else ()


def _content(path: Path, notes: list[str]) -> bytes | None:
    try:
        if path.stat().st_size > _MANY_BYTES:
            notes.append(f"{path.name} is larger than {_MANY_BYTES >> 20} MiB and was not read")
            return None
        return path.read_bytes()
    except OSError as error:
        notes.append(f"{path.name} cannot be read: {type(error).__name__}: {str(error)[:200]}")
        return None


def _parsed(content: bytes, name: str, notes: list[str]) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        notes.append(f"{name} cannot be read: {type(error).__name__}: {str(error)[:200]}")
        return _UNREADABLE


def parse_compile_json(content: bytes, name: str, folder: Path, notes: list[str]) -> tuple[Invocation, ...]:
    """The same for what such a file holds; ``folder`` is where entries run that do not say it."""
    entries = _parsed(content, name, notes)
    if not isinstance(entries, list):
        if entries is not _UNREADABLE:
            notes.append(f"{name} does not hold a list of commands")
        return ()
    splitter = _Splitter()
    invocations = [_invocation(entry, folder, splitter) for entry in entries]
    good = tuple(invocation for invocation in invocations if invocation is not None)
    if len(good) < len(entries):
        notes.append(f"{name}: {len(entries) - len(good)} of {len(entries)} entries cannot be used")
    return good


def read_aquery(path: Path, notes: list[str]) -> tuple[Invocation, ...]:
    """The compiler calls among the actions that ``bazel aquery --output=jsonproto`` prints.

    The format: analysis_v2.proto, ActionGraphContainer. Commands run in the workspace's folder.
    """
    content = _content(path, notes)
    graph = _parsed(content, path.name, notes) if content is not None else None
    actions = graph.get("actions") if isinstance(graph, dict) else None
    if not isinstance(actions, list):
        if graph is not None and graph is not _UNREADABLE:
            notes.append(f"{path.name} does not hold actions")
        return ()
    found: list[Invocation] = []
    for action in actions:
        argv = action.get("arguments") if isinstance(action, dict) else None
        if isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv) and _usable(*argv):
            found += [Invocation(str(path.parent), file, tuple(argv)) for file in units_in(argv)]
    return tuple(found)


class _Splitter:
    """Splits shell commands into words, as long as that stays cheap over the whole file."""

    def __init__(self) -> None:
        self._quoted = 0

    def split(self, command: str) -> list[str]:
        """The words; [] when the command is malformed, or too long to be split in reasonable time."""
        if not any(mark in command for mark in "\"'\\"):
            return command.split()
        self._quoted += len(command)
        if len(command) > _LONG_COMMAND or self._quoted > _MUCH_QUOTING:
            return []
        try:
            return shlex.split(command)
        except ValueError:
            return []


def _invocation(entry: object, default_directory: Path, splitter: _Splitter) -> Invocation | None:
    if not isinstance(entry, dict):
        return None
    file, directory = entry.get("file"), entry.get("directory", str(default_directory))
    argv, command = entry.get("arguments"), entry.get("command")
    if argv is None and isinstance(command, str):
        argv = splitter.split(command)
    if not (isinstance(file, str) and isinstance(directory, str) and isinstance(argv, list)):
        return None
    words = [word for word in argv if isinstance(word, str)]
    if not words or len(words) < len(argv) or not _usable(file, directory, *words):
        return None
    return Invocation(str(default_directory / directory), file, tuple(words))


def _usable(*texts: str) -> bool:
    """A NUL or a lone surrogate, both legal in JSON, cannot be part of a path or an argument."""
    try:
        return not any(b"\0" in os.fsencode(text) for text in texts)
    except UnicodeEncodeError:
        return False
