"""One parsed translation unit: its cursors, as places in the code base."""

import hashlib
import os.path
import re
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from pesquared.core.source import Extent
from pesquared.source.clang.compile_commands import CompileCommand
from pesquared.source.clang.kinds import BODIES
from pesquared.source.clang.library import parse
from pesquared.source.clang.raw import Cursor, Places, as_package_cursor, as_raw, function, text

_NEWLINE = re.compile(rb"\n")
_NO_HEADER = "file not found"
_ERROR = 3  # severity, clang-c/Index.h: CXDiagnostic_Error
_MANY_NOTES = 5
_KEPT_UNITS = 8  # 20 to 100 MB each


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [start, end) of a file of the code base."""

    path: str
    start: int
    end: int


class Unit:
    """A unit as libclang parsed it. All offsets count bytes, as libclang's do.

    Args:
        root: the code base, a real path.
        command: how it was compiled.
        parsed: libclang's translation unit.
        contents: what it was parsed from by path, where that is not what the files hold.
    """

    def __init__(
        self, root: Path, command: CompileCommand, parsed: Any, contents: Mapping[str, bytes] | None = None
    ) -> None:
        self.root = root
        self._below = str(root).rstrip("/") + "/"
        self.command = command
        self.cursor = parsed.cursor
        self.top: Cursor = function("getTranslationUnitCursor")(parsed)
        self.parsed = parsed
        self.functions: dict[Span, Cursor] | None = None  # the definitions, once they have been listed
        self._places = Places()
        self._files: dict[int, str | None] = {0: None}
        self._paths: dict[str, str | None] = {}
        self._folders: dict[str, str] = {}
        self._contents: dict[str, bytes] = dict(contents or {})
        self._lines: dict[str, list[int]] = {}

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """The first errors, with their places; a unit with errors may lack declarations."""
        errors = (one for one in self.parsed.diagnostics if one.severity >= _ERROR)
        return tuple(self._problem(one) for one in islice(errors, _MANY_NOTES))

    @property
    def is_fatal(self) -> bool:
        """Is something missing without which the rest cannot be trusted, a header above all?

        To keep going, libclang calls that a plain error.
        """
        return any(one.severity > _ERROR for one in self.parsed.diagnostics) or any(
            problem.endswith(_NO_HEADER) for problem in self.problems
        )

    def _problem(self, diagnostic: Any) -> str:
        path = self.path_of(diagnostic.location)
        place = f"{path}:{diagnostic.location.line}: " if path else ""
        try:
            return f"{place}{diagnostic.spelling[:300]}"
        except UnicodeDecodeError:  # it quotes source that is not UTF-8
            return f"{place}error"

    def path_of(self, location: Any) -> str | None:
        """The file of a ``SourceLocation`` relative to the code base; None outside of it.

        For what comes from a macro it is the place where the macro is expanded.
        """
        file = location.file
        if file is None:
            return None
        try:
            name = file.name
        except UnicodeDecodeError:
            return None
        return self._relative(name)

    def _relative(self, name: str) -> str | None:
        """A file as libclang names it, relative to the code base; None outside of it."""
        if name not in self._paths:
            real = self._real(os.path.join(self.command.directory, name))  # noqa: PTH118 - thousands a second
            inside = real.startswith(self._below)
            self._paths[name] = real[len(self._below) :] if inside else None
        return self._paths[name]

    def _real(self, path: str) -> str:
        """The real path, folders looked at once. What is in a foreign folder stays foreign."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        real = f"{self._folders[folder].rstrip('/')}/{name}"
        return os.path.realpath(real) if real.startswith(self._below) and os.path.islink(real) else real  # noqa: PTH114

    def file(self, handle: int) -> str | None:
        """The file of a handle of libclang's, relative to the code base."""
        if handle not in self._files:
            self._files[handle] = self._relative(text(function("getFileName")(handle)))
        return self._files[handle]

    def file_or_absolute(self, handle: int) -> str:
        """The file of a handle relative to the code base; absolute for others."""
        inside = self.file(handle)
        return inside or self._real(f"{self.command.directory}/{text(function('getFileName')(handle))}")

    def place(self, cursor: Cursor) -> tuple[str | None, int, int]:
        """Where a bare cursor's name stands: file (None: outside the code base), byte offset, 1-based line."""
        handle, offset, line = self._places.of(function("getCursorLocation")(cursor))
        return self.file(handle), offset, line

    def is_inside(self, cursor: Cursor) -> bool:
        """Does the bare cursor stand in a file of the code base?"""
        return self.place(cursor)[0] is not None

    def raw_span(self, cursor: Cursor) -> Span | None:
        """``span`` of a bare cursor."""
        extent = function("getCursorExtent")(cursor)
        handle, start, _ = self._places.of(function("getRangeStart")(extent))
        path = self.file(handle)
        if path is None:
            return None
        end_handle, end, _ = self._places.of(function("getRangeEnd")(extent))
        return Span(path, start, end) if end_handle == handle else None

    def name(self, cursor: Cursor) -> str:
        """A bare cursor's own name, without scopes; "" for what has none."""
        return text(function("getCursorSpelling")(cursor))

    def package_cursor(self, cursor: Cursor) -> Any:
        """Libclang's own object for a bare cursor."""
        return as_package_cursor(cursor, self.parsed)

    def span(self, cursor: Any) -> Span | None:
        """Where the cursor's text stands; None outside the code base, and across files."""
        return self.raw_span(as_raw(cursor))

    def content(self, path: str) -> bytes:
        """The bytes of a file of the code base; b"" if it has gone."""
        if path not in self._contents:
            try:
                self._contents[path] = (self.root / path).read_bytes()
            except OSError:
                self._contents[path] = b""
        return self._contents[path]

    def line_of(self, path: str, offset: int) -> int:
        """The 1-based line of an offset."""
        if path not in self._lines:
            self._lines[path] = [match.start() for match in _NEWLINE.finditer(self.content(path))]
        return bisect_left(self._lines[path], offset) + 1

    def bytes_of(self, span: Span) -> bytes:
        """What stands there."""
        return self.content(span.path)[span.start : span.end]

    def text_of(self, span: Span) -> str:
        """What stands there; bytes that are not UTF-8 are surrogate-escaped."""
        return self.bytes_of(span).decode("utf-8", "surrogateescape")

    def extent(self, cursor: Any) -> Extent | None:
        """The cursor's place with the hash of its text; None outside the code base."""
        span = self.span(cursor)
        if span is None:
            return None
        digest = hashlib.sha256(self.bytes_of(span)).hexdigest()
        line = self.line_of(span.path, span.start)
        last = self.line_of(span.path, span.end)
        return Extent(span.path, span.start, span.end, line, last, digest)


class Units:
    """Parses units on demand and keeps those used last.

    Args:
        root: the code base, a real path.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._units: OrderedDict[CompileCommand, Unit | None] = OrderedDict()

    def get(self, command: CompileCommand) -> Unit | None:
        """The parsed unit; None where libclang cannot parse it at all."""
        if command in self._units:
            self._units.move_to_end(command)
        else:
            self._units[command] = parse_unit(self.root, command)
            if len(self._units) > _KEPT_UNITS:
                self._units.popitem(last=False)
        return self._units[command]

    def forget(self) -> None:
        """Drop all units."""
        self._units.clear()


def parse_unit(root: Path, command: CompileCommand, *, detailed: bool = True) -> Unit | None:
    """The parsed unit; None where libclang cannot parse it. ``detailed``: macros and includes are wanted."""
    parsed = parse(root / command.file, command.arguments, detailed=detailed)
    if parsed is None:
        # libclang gives up on a standard or a processor that is newer than itself.
        known = tuple(word for word in command.arguments if not word.startswith(("-std=", "-m")))
        parsed = parse(root / command.file, known, detailed=detailed)
    return Unit(root, command, parsed) if parsed is not None else None


def body_of(function: Any) -> Any | None:
    """The cursor of a function's body; None for a declaration and for ``= default``."""
    return next((child for child in function.get_children() if child.kind in BODIES), None)


def descendants(cursor: Any, without: frozenset[Any] = frozenset()) -> Iterator[Any]:
    """All cursors below, in the order of the source, but those of a kind in ``without`` and what is in them.

    A loop, not a recursion: a long chain of operators is nested thousands of levels deep.
    """
    stack = [cursor.get_children()]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.kind not in without:
            yield child
            stack.append(child.get_children())
