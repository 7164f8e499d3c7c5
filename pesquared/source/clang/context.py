"""Gathers the ``FunctionContext`` of a definition: its text, what it uses, who calls it."""

import os.path
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pesquared.core.protocols import Profile
from pesquared.core.source import Definition, FunctionContext
from pesquared.source.clang.callers import callers_of
from pesquared.source.clang.closure import uses_of
from pesquared.source.clang.excerpts import Order, callee_signatures, type_texts, variable_texts
from pesquared.source.clang.preprocessing import Preprocessing
from pesquared.source.clang.syntax import syntax_of
from pesquared.source.clang.unit import Span, Unit

if TYPE_CHECKING:
    from pesquared.source.clang.index import ClangIndex


def context_of(index: "ClangIndex", definition: Definition, profile: Profile | None) -> FunctionContext:
    """What surrounds the definition.

    Raises:
        PesquaredError: the definition is not in the tree as it is now.
    """
    unit, entry, cursor = index.locate(definition)
    extent = definition.extent
    own = Span(extent.path, extent.start, extent.end)
    order = Order(unit)
    uses = uses_of(unit, cursor)
    types, type_spans = type_texts(unit, order, uses)
    variables, variable_spans = variable_texts(unit, order, uses)
    record = Preprocessing.of(unit)
    callers = callers_of(index, entry, cursor, profile)
    problems = unit.problems
    notes = [*index.database.notes, *problems, *callers.notes]
    if not uses.complete:
        notes.append("not all types and globals it uses are shown")
    return FunctionContext(
        definition=definition,
        text=unit.text_of(own),
        includes=record.include_lines(unit, extent.path),
        types=types,
        macros=record.macros(unit, (own, *type_spans, *variable_spans)),
        variables=variables,
        callees=callee_signatures(unit, uses),
        callers=callers.shown,
        syntax=None if definition.from_macro else syntax_of(cursor, unit.content(extent.path), extent.path),
        compile_flags=tuple(_shown_flags(unit)),
        partial=bool(problems),
        notes=tuple(notes),
    )


def _shown_flags(unit: Unit) -> Iterator[str]:
    """The flags without the host's folders: what is below the code base relative to it, the rest left out."""
    words = iter(unit.command.arguments)
    for word in words:
        if word.startswith(("-I", "-i")):
            path = Path(next(words, ""))
            if path.is_relative_to(unit.root):
                yield f"{word} {os.path.relpath(path, unit.root)}"
        elif word == "-x":
            next(words, "")
        elif str(unit.root) not in word:
            yield word
