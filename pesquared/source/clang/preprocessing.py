"""What the preprocessor did in a unit: includes, macros, and where macros are used."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pesquared.source.clang.kinds import PREPROCESSING
from pesquared.source.clang.library import cindex
from pesquared.source.clang.raw import BREAK, CONTINUE, Cursor, function, text, visit
from pesquared.source.clang.unit import Span, Unit

_LONG_MACRO = 4096
_DEEP = 200  # includes in each other; compilers stop at the same number
_WORD = re.compile(rb"[A-Za-z_]\w*")
_DEFINITION = cindex.CursorKind.MACRO_DEFINITION.value
_USE = cindex.CursorKind.MACRO_INSTANTIATION.value
_INCLUSION = cindex.CursorKind.INCLUSION_DIRECTIVE.value


@dataclass(frozen=True, slots=True)
class Use:
    """A macro's expansion that stands in a file, not in another macro."""

    name: str
    span: Span
    definition: Span | None  # the one in force; None outside the code base


@dataclass(frozen=True, slots=True)
class Include:
    """An ``#include`` line of the code base and what it brought."""

    span: Span
    target: str | None  # a file of the code base; None for others
    opened: str  # the file as libclang names it, "" if it is missing


@dataclass(slots=True)
class Preprocessing:
    """The record of one unit, restricted to files of the code base."""

    includes: list[Include] = field(default_factory=list)
    uses: dict[str, list[Use]] = field(default_factory=dict)  # by file, in order
    definitions: dict[str, list[Span]] = field(default_factory=dict)  # of each name, in order
    entered: dict[str, Span] = field(default_factory=dict)  # file → where it was included first

    @classmethod
    def of(cls, unit: Unit) -> "Preprocessing":
        record = cls()

        def see(child: Cursor, _: Cursor) -> int:
            if child.kind not in PREPROCESSING:
                return BREAK  # libclang lists all that the preprocessor did before any declaration
            span = unit.raw_span(child)
            if span is not None:
                record._take(unit, child, span)
            return CONTINUE

        visit(unit.top, see)
        for uses in record.uses.values():
            uses.sort(key=lambda use: use.span.start)
        return record

    def _take(self, unit: Unit, cursor: Cursor, span: Span) -> None:
        if cursor.kind == _INCLUSION:
            handle = function("getIncludedFile")(cursor) or 0
            target = unit.file(handle)
            opened = text(function("getFileName")(handle)) if handle else ""
            self.includes.append(Include(span, target, opened))
            if target is not None and target != unit.command.file:
                self.entered.setdefault(target, span)
            return
        name = text(function("getCursorSpelling")(cursor))
        if cursor.kind == _DEFINITION:
            self.definitions.setdefault(name, []).append(span)
        elif cursor.kind == _USE:
            spans = self.definitions.get(name)
            self.uses.setdefault(span.path, []).append(Use(name, span, spans[-1] if spans else None))

    def position(self, unit: Unit, span: Span) -> tuple[int, ...]:
        """Sorts spans as the compiler reads them: the offsets of the ``#include`` lines above, then its own."""
        key: tuple[int, ...] = (span.start,)
        path = span.path
        for _ in range(_DEEP):
            if path == unit.command.file or path not in self.entered:
                break
            line = self.entered[path]
            key, path = (line.start, *key), line.path
        return key if path == unit.command.file else (-1, *key)

    def uses_in(self, span: Span) -> Iterator[Use]:
        """The expansions within the text at ``span``."""
        uses = self.uses.get(span.path, [])
        for use in uses[bisect_left(uses, span.start, key=lambda one: one.span.start) :]:
            if use.span.start >= span.end:
                return
            yield use

    def include_lines(self, unit: Unit, path: str) -> tuple[str, ...]:
        """The ``#include`` lines of a file that were not skipped, in order, each once."""
        lines = (unit.text_of(one.span).strip() for one in self.includes if one.span.path == path)
        return tuple(dict.fromkeys(line if line.startswith("#") else f"#include {line}" for line in lines))

    def names_in(self, unit: Unit, spans: Iterable[Span]) -> dict[str, Span]:
        """The macros that the text at ``spans`` uses, each with the definition in force there.

        Macros that a macro's own text names are followed; those that are handed to a macro as an argument, too.
        """
        wanted: dict[str, Span] = {}
        for span in spans:
            work: list[Span] = []
            for use in self.uses_in(span):
                if use.definition is not None and use.name not in wanted:
                    wanted[use.name] = use.definition
                    work.append(use.definition)
                work.append(use.span)
            if work:
                end = self.position(unit, Span(span.path, span.end, span.end))
                while work:
                    work += self._follow(unit, work.pop(), wanted, end)
        return wanted

    def _follow(self, unit: Unit, span: Span, wanted: dict[str, Span], end: tuple[int, ...]) -> list[Span]:
        """Adds the macros that ``span`` names and that are known before ``end``; returns what was new."""
        added = []
        for word in set(_WORD.findall(unit.bytes_of(span)[:_LONG_MACRO])):
            name = word.decode()
            if name in wanted or name not in self.definitions:
                continue
            known = [one for one in self.definitions[name] if self.position(unit, one) < end]
            if known:
                wanted[name] = known[-1]
                added.append(known[-1])
        return added


def define_line(unit: Unit, span: Span) -> str:
    """The ``#define`` at ``span``; a very long one is cut."""
    written = unit.text_of(span)
    left = len(written) - _LONG_MACRO
    return f"#define {written if left <= 0 else f'{written[:_LONG_MACRO]} /* {left} more bytes */'}"
