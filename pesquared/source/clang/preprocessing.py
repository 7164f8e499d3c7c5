"""What the preprocessor did in a unit: includes, macros, and where macros are used."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pesquared.source.clang.library import cindex
from pesquared.source.clang.unit import Span, Unit

_LONG_MACRO = 4096
_WORD = re.compile(rb"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class _Use:
    name: str
    span: Span
    definition: Span | None  # the one in force; None outside the code base


@dataclass(slots=True)
class Preprocessing:
    """The record of one unit, restricted to files of the code base."""

    includes: list[Span] = field(default_factory=list)
    uses: list[_Use] = field(default_factory=list)
    definitions: dict[str, Span] = field(default_factory=dict)  # the last one of each name

    @classmethod
    def of(cls, unit: Unit) -> "Preprocessing":
        record = cls()
        for cursor in unit.cursor.get_children():
            if not cursor.kind.is_preprocessing():
                break  # libclang lists all that the preprocessor did before any declaration
            span = unit.span(cursor)
            if span is None:
                continue
            if cursor.kind == cindex.CursorKind.MACRO_DEFINITION:
                record.definitions[cursor.spelling] = span
            elif cursor.kind == cindex.CursorKind.MACRO_INSTANTIATION:
                name = cursor.spelling
                record.uses.append(_Use(name, span, record.definitions.get(name)))
            elif cursor.kind == cindex.CursorKind.INCLUSION_DIRECTIVE:
                record.includes.append(span)
        return record

    def include_lines(self, unit: Unit, path: str) -> tuple[str, ...]:
        """The ``#include`` lines of a file that were not skipped, in order, each once."""
        lines = (unit.text_of(span).strip() for span in self.includes if span.path == path)
        return tuple(dict.fromkeys(line if line.startswith("#") else f"#include {line}" for line in lines))

    def macros(self, unit: Unit, spans: Iterable[Span]) -> tuple[str, ...]:
        """``#define`` lines of the macros that the text at ``spans`` uses, in order of their definition.

        Macros that a macro's own text names are followed; those that are handed to a macro as an argument, too.
        """
        wanted: dict[str, Span] = {}
        for span in spans:
            for use in self.uses:
                if use.span.path == span.path and span.start <= use.span.start < span.end:
                    if use.definition is not None:
                        wanted.setdefault(use.name, use.definition)
                    self._follow(unit, use.span, wanted)
        work = list(wanted.values())
        while work:
            work += self._follow(unit, work.pop(), wanted)
        order = {name: place for place, name in enumerate(self.definitions)}
        return tuple(_line(unit, wanted[name]) for name in sorted(wanted, key=lambda name: order[name]))

    def _follow(self, unit: Unit, span: Span, wanted: dict[str, Span]) -> list[Span]:
        """Adds the macros that are named at ``span``; returns the definitions that were new."""
        added = []
        for word in _WORD.findall(unit.bytes_of(span)[:_LONG_MACRO]):
            name = word.decode()
            definition = self.definitions.get(name)
            if definition is not None and name not in wanted:
                wanted[name] = definition
                added.append(definition)
        return added


def _line(unit: Unit, span: Span) -> str:
    text = unit.text_of(span)
    shown = (
        text if len(text) <= _LONG_MACRO else f"{text[:_LONG_MACRO]} /* {len(text) - _LONG_MACRO} more bytes */"
    )
    return f"#define {shown}"
