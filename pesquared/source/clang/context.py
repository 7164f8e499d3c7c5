"""Gathers the ``FunctionContext`` of a definition: its text, what it uses, who calls it."""

import os.path
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pesquared.core.protocols import Profile
from pesquared.core.source import CONTEXT_TOKENS, Definition, FunctionContext
from pesquared.source.clang.callers import callers_of
from pesquared.source.clang.raw import as_raw
from pesquared.source.clang.syntax import syntax_of
from pesquared.source.clang.unit import Span, Unit
from pesquared.source.sizes import about_tokens

if TYPE_CHECKING:
    from pesquared.source.clang.index import ClangIndex

CALLERS_SHARE = 0.4  # of the room beside the function
MANY_NAMED = 12


def context_of(
    index: "ClangIndex", definition: Definition, profile: Profile | None, tokens: int = CONTEXT_TOKENS
) -> FunctionContext:
    """What surrounds the definition, in about ``tokens`` tokens; its own text is whole in any case.

    Raises:
        PesquaredError: the definition is not in the tree as it is now.
    """
    unit, entry, cursor = index.locate(definition)
    extent = definition.extent
    own = Span(extent.path, extent.start, extent.end)
    lens = index.lens(unit)
    includes = lens.record.include_lines(unit, extent.path)
    text = unit.text_of(own)
    room = max(tokens - about_tokens(text, *includes), tokens // 4)
    callers = callers_of(index, entry, cursor, profile, int(room * CALLERS_SHARE))
    view = lens.look(as_raw(cursor), own, room - callers.tokens)
    problems = unit.problems
    types, macros, variables = lens.type_texts(view), lens.macro_lines(view), lens.variable_texts(view)
    callees = tuple(view.callees)
    shown = (text, *includes, *types, *macros, *variables, *callees, *(one.text for one in callers.shown))
    return FunctionContext(
        definition=definition,
        text=text,
        includes=includes,
        types=types,
        macros=macros,
        variables=variables,
        callees=callees,
        callers=callers.shown,
        syntax=None if definition.from_macro else syntax_of(cursor, unit.content(extent.path), extent.path),
        compile_flags=tuple(_shown_flags(unit)),
        partial=bool(problems),
        notes=(*index.database.notes, *problems, *callers.notes, *_cut(view.left_out, tokens)),
        evidence=(*view.evidence, *callers.evidence),
        tokens=about_tokens(*shown),
    )


def _cut(names: Sequence[str], tokens: int) -> Iterator[str]:
    """Says what did not fit."""
    distinct = [name for name in dict.fromkeys(names) if name]
    if distinct:
        more = f" and {len(distinct) - MANY_NAMED} more" if len(distinct) > MANY_NAMED else ""
        yield f"left out to stay within {tokens} tokens: {', '.join(distinct[:MANY_NAMED])}{more}"


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
