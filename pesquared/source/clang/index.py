"""``ClangIndex``: the C and C++ side of a code base's tree, parsed on demand, unit by unit."""

import os.path
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from weakref import WeakKeyDictionary

from pesquared.core.inspection import Inspection
from pesquared.core.protocols import Profile
from pesquared.core.source import (
    CONTEXT_TOKENS,
    CompiledUnit,
    CompileView,
    Definition,
    FunctionContext,
    Missing,
    Resolution,
)
from pesquared.errors import PesquaredError
from pesquared.source import tokens
from pesquared.source.clang.candidate import interface_change
from pesquared.source.clang.compile_commands import (
    CompileCommand,
    CompileDatabase,
    find_compile_commands,
    guessed_command,
)
from pesquared.source.clang.compile_view import compile_view
from pesquared.source.clang.context import context_of
from pesquared.source.clang.definitions import Entry, defined_in, definition_at
from pesquared.source.clang.inspecting import inspect
from pesquared.source.clang.layouts import record_layouts
from pesquared.source.clang.locator import SourceTree
from pesquared.source.clang.preprocessing import Preprocessing
from pesquared.source.clang.references import References
from pesquared.source.clang.resolve import choose, choose_at
from pesquared.source.clang.shelf import Shelf
from pesquared.source.clang.symbols import Symbol, parse_symbol
from pesquared.source.clang.unit import Span, Unit, Units
from pesquared.source.clang.view import Lens
from pesquared.source.languages import Keep, Run

_MANY_CANDIDATES = 64
_UNITS_PER_HEADER = 3
_LONG_NUMBER = 10


def open_index(root: Path, run: Run | None = None, keep: Keep | None = None) -> "ClangIndex":
    """The index of the tree at ``root``; with ``run``, ``make -n`` is asked for the compile flags."""
    return ClangIndex(root, run, keep)


class ClangIndex:
    """Implements ``core.protocols.SourceIndex``. Nothing is read before it is asked for.

    A name is found by reading text, and then only the units that may define it are parsed; who calls a function is
    asked of the index of the whole code base, where one is kept.

    Args:
        root: the code base. Links in its path are followed once, here; all else is relative to the real path.
        run: executes a shell command line in the code base's folder, confined; None: nothing foreign is run.
        keep: where the whole index is kept; None: there is none.
    """

    def __init__(self, root: Path, run: Run | None = None, keep: Keep | None = None) -> None:
        self.root = root.resolve()
        self._run = run
        self.shelf = Shelf(keep) if keep is not None else None
        self.units = Units(self.root)
        self._entries: dict[CompileCommand, tuple[Entry, ...]] = {}
        self._lenses: WeakKeyDictionary[Unit, Lens] = WeakKeyDictionary()
        self._symbols: dict[str, set[str]] = {}
        self.resolved_files: set[str] = set()  # where functions stand that were asked for
        self.tree = SourceTree(self.root)

    @cached_property
    def database(self) -> CompileDatabase:
        """How the units are compiled."""
        return find_compile_commands(self.root, self.tree, self._run)

    def code_key(self, source: bytes) -> str:
        """Equal for two texts that differ in layout and comments only."""
        return tokens.code_key(source)

    def units_of(self, path: str) -> tuple[CompiledUnit, ...]:
        """The unit that the file is, or those that include it; with borrowed flags where none is known."""
        known = self.database.commands
        return tuple(
            CompiledUnit(one.file, one.directory, one.arguments, self._is_guess or one.file not in known)
            for one in self.commands_for(path)
        )

    @property
    def _is_guess(self) -> bool:
        return self.database.confidence == "low"

    def layouts(self, path: str) -> Mapping[str, str]:
        """The record types that the file defines, by name; see ``layouts.record_layouts``."""
        found: dict[str, str] = {}
        for command in self.commands_for(path):
            unit = self.units.get(command)
            if unit is not None:
                found.update(record_layouts(unit, path))
        return found

    def refresh(self) -> None:
        self.units.forget()
        if self.shelf is not None:
            self.shelf.forget()
        self._entries.clear()
        self.tree = SourceTree(self.root)
        self.__dict__.pop("database", None)

    def resolve_at(self, symbol: str, file: str, line: int) -> Resolution:
        """Like ``resolve``, with the place at which debug information lets the function begin.

        Args:
            symbol: mangled or not, as the linker or a profiler has it.
            file: a path in the code base, or one that ends with such a path.
            line: 1-based.
        """
        found = self.resolve(symbol)
        return choose_at(parse_symbol(symbol), found, self._around(file, line))

    def _around(self, file: str, line: int) -> list[Entry]:
        """The definitions that a line lies in."""
        real = os.path.relpath(file, self.root) if file.startswith(f"{self.root}/") else file.removeprefix("./")
        names = [name for name in self.tree.files if name == real] or [
            name for name in self.tree.files if real.endswith(f"/{name}")
        ]
        entries = (entry for name in names for entry in self._entries_in(name))
        return [one for one in entries if one.definition.extent.line <= line <= one.definition.extent.end_line]

    def _entries_in(self, name: str) -> Iterator[Entry]:
        known = self.shelf.entries_in(self, name) if self.shelf is not None else None
        if known is not None:
            yield from known
            return
        for command in self.commands_for(name):
            yield from (one for one in self.entries(command) if one.definition.extent.path == name)

    def find(self, name: str) -> Resolution:
        """What a user means by a name: like ``resolve``, but scopes may be left out; also ``FILE:LINE``."""
        file, _, line = name.rpartition(":")
        if file and line.isascii() and line.isdigit() and len(line) < _LONG_NUMBER:
            around = self._around(file, int(line))
            smallest = min(
                around, key=lambda one: one.definition.extent.end - one.definition.extent.start, default=None
            )
            return (
                smallest.definition if smallest is not None else Missing(name, "no function stands at that line")
            )
        exact = self.resolve(name)
        wanted = parse_symbol(name)
        return self._resolve(replace(wanted, any_scope=True)) if isinstance(exact, Missing) else exact

    def resolve(self, symbol: str) -> Resolution:
        """The one definition a profile's symbol stands for, or why there is not one."""
        return self._resolve(parse_symbol(symbol))

    def _resolve(self, wanted: Symbol) -> Resolution:
        symbol = wanted.text
        if wanted.problem:
            return Missing(symbol, wanted.problem)
        files = self.tree.defining(wanted.word)
        if len(files) > _MANY_CANDIDATES:
            reason = f"{len(files)} files may define it; name one as FILE:{wanted.word}"
            files = tuple(name for name in files if wanted.file and name.endswith(wanted.file))
            if not files:
                return Missing(symbol, reason)
        found = choose(wanted, self._candidates(wanted, files))
        if isinstance(found, Definition):
            self._symbols.setdefault(found.key, set()).add(symbol)
            self.resolved_files.add(found.extent.path)
        return found

    def _candidates(self, wanted: Symbol, files: tuple[str, ...]) -> list[Entry]:
        """Definitions that the symbol may mean: out of the whole index, else of the units that show ``files``."""
        known = self.shelf.entries(self, wanted.word, wanted.mangled) if self.shelf is not None else None
        if known is not None and self.shelf is not None:  # files that no unit is read from are not in the index
            files = tuple(name for name in files if name not in self.shelf.files)
        shown_by = (command for name in files for command in self.commands_for(name))
        commands = dict.fromkeys(shown_by if files or known is not None else self._quick_units())
        return [*(known or ()), *(entry for command in commands for entry in self.entries(command))]

    def _quick_units(self) -> tuple[CompileCommand, ...]:
        """Where a name is looked for that no file spells, for a macro put it together: a small C project's units.

        It is then at least known to be there. C++ takes too long to parse for a name that is most likely foreign.
        """
        units = tuple(command for command in self.database.commands.values() if command.language == "c")
        return units if len(units) <= _MANY_CANDIDATES else ()

    def extract(
        self, definition: Definition, profile: Profile | None = None, tokens: int = CONTEXT_TOKENS
    ) -> FunctionContext:
        """What surrounds the definition, in about ``tokens`` tokens.

        Raises:
            PesquaredError: the tree has changed since the definition was found.
        """
        return context_of(self, definition, profile, tokens)

    def compile_view(self, definition: Definition) -> CompileView:
        """The definition with all that it needs to compile, in one file.

        Raises:
            PesquaredError: the tree has changed since the definition was found.
        """
        unit, _, _ = self.locate(definition)
        extent = definition.extent
        return compile_view(unit, self.lens(unit).record, Span(extent.path, extent.start, extent.end))

    def interface_change(self, definition: Definition, files: Mapping[str, bytes]) -> str:
        """What is missing or other for other units once ``files`` hold what is given; "" if nothing is."""
        return interface_change(self, definition, files)

    def inspect(self) -> Inspection:
        """How well the code base can be read."""
        return inspect(self)

    def names_of(self, definition: Definition) -> tuple[str, ...]:
        """The names under which a profile may know it: the symbols that were resolved to it, and its own.

        Its own only if it is nobody else's: the profile's ``main`` is not every program's of the code base.
        """
        shared = len(self.tree.defining(definition.base_name)) > 1
        own = () if shared and self.resolve(definition.name) != definition else (definition.name,)
        return tuple(dict.fromkeys([*own, *sorted(self._symbols.get(definition.key, ()))]))

    def commands_for(self, name: str) -> tuple[CompileCommand, ...]:
        """How to see inside a file: by its own command, in units that include it, or with borrowed flags."""
        commands = self.database.commands
        if name in commands:
            return (commands[name],)
        users = (commands[user] for user in self.tree.includers(name) if user in commands)
        found = tuple(islice(users, _UNITS_PER_HEADER))
        return found or self._borrowed(name)

    def _borrowed(self, name: str) -> tuple[CompileCommand, ...]:
        """The flags of the unit that is nearest by name and folder; guessed ones where there is none."""
        guess = guessed_command(self.root, self.tree, name)
        path = PurePosixPath(name)

        def distance(other: CompileCommand) -> tuple[bool, bool, str]:
            file = PurePosixPath(other.file)
            return file.stem != path.stem, file.parent != path.parent, other.file

        either = path.suffix == ".h"  # a header of C and of C++
        lenders = [one for one in self.database.commands.values() if either or one.language == guess.language]
        nearest = min(lenders, key=distance, default=guess)
        return (nearest.borrowed_for(name),)

    def entries(self, command: CompileCommand) -> tuple[Entry, ...]:
        """What the unit defines; remembered after the unit itself has been dropped."""
        if command not in self._entries:
            unit = self.units.get(command)
            self._entries[command] = tuple(entry for entry, _ in defined_in(unit)) if unit is not None else ()
        return self._entries[command]

    def locate(self, definition: Definition) -> tuple[Unit, Entry, Any]:
        """The parsed unit that shows the definition, and its cursor there."""
        extent = definition.extent
        for unit in self._units_showing(definition):
            found = definition_at(unit, Span(extent.path, extent.start, extent.end))
            if found is not None and _same(found[0].definition, definition):
                return unit, *found
        raise PesquaredError(
            f"{definition.name} is no longer at {definition.extent.path}:{definition.extent.line}",
            "the file has changed since; look the function up again",
        )

    def lens(self, unit: Unit) -> Lens:
        """What looks at a unit; it remembers what was read of it for as long as the unit lives."""
        if unit not in self._lenses:
            self._lenses[unit] = Lens(unit, References(unit), Preprocessing.of(unit))
        return self._lenses[unit]

    def _units_showing(self, definition: Definition) -> Iterator[Unit]:
        known = [
            command
            for command, entries in self._entries.items()
            if any(_same(entry.definition, definition) for entry in entries)
        ]
        for command in dict.fromkeys([*known, *self.commands_for(definition.extent.path)]):
            unit = self.units.get(command)
            if unit is not None:
                yield unit


def _same(one: Definition, other: Definition) -> bool:
    return one.extent == other.extent and one.key == other.key
