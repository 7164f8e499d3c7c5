"""Lists the functions that a unit defines in the code base, without looking into their bodies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pesquared.core.source import Definition, Linkage
from pesquared.source.clang.compile_commands import CompileCommand
from pesquared.source.clang.kinds import FUNCTION_NUMBERS, SCOPE_NUMBERS, SCOPES
from pesquared.source.clang.library import cindex
from pesquared.source.clang.raw import CONTINUE, RECURSE, Cursor, as_raw, function, visit
from pesquared.source.clang.type_names import normal_type
from pesquared.source.clang.unit import Span, Unit, body_of

_LONG_SIGNATURE = 4096
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_INTERNAL = frozenset(
    {cindex.LinkageKind.INTERNAL, cindex.LinkageKind.UNIQUE_EXTERNAL, cindex.LinkageKind.NO_LINKAGE}
)
_TEMPLATES = frozenset(
    {
        cindex.CursorKind.FUNCTION_TEMPLATE,
        cindex.CursorKind.CLASS_TEMPLATE,
        cindex.CursorKind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION,
    }
)
_STRUCTORS = {cindex.CursorKind.CONSTRUCTOR: "C", cindex.CursorKind.DESTRUCTOR: "D"}
ANONYMOUS = "(anonymous namespace)"


@dataclass(frozen=True, slots=True)
class Entry:
    """A definition, with what a symbol is compared to."""

    definition: Definition
    usr: str
    path: tuple[str, ...]  # scopes and name, anonymous namespaces left out
    mangled: frozenset[str]  # empty for templates
    parameters: tuple[str, ...]  # normalised canonical types
    template: bool
    command: CompileCommand  # a unit that shows it


def defined_in(unit: Unit) -> Iterator[tuple[Entry, Any]]:
    """The definitions of functions in files of the code base, each with its cursor."""
    for bare in bare_definitions(unit):
        cursor = unit.package_cursor(bare)
        body = body_of(cursor)
        if body is not None and (entry := entry_of(unit, cursor, body)) is not None:
            yield entry, cursor


def definition_at(unit: Unit, span: Span) -> tuple[Entry, Any] | None:
    """The definition whose extent this is, with its cursor."""
    if unit.functions is None:
        places = ((unit.raw_span(one), one) for one in bare_definitions(unit))
        unit.functions = {place: one for place, one in places if place is not None}
    bare = unit.functions.get(span)
    if bare is None:
        return None
    cursor = unit.package_cursor(bare)
    body = body_of(cursor)
    entry = entry_of(unit, cursor, body) if body is not None else None
    return (entry, cursor) if entry is not None else None


def bare_definitions(unit: Unit) -> list[Cursor]:
    """Function definitions, not those inside others. Foreign scopes, most of all, are not entered."""
    found: list[Cursor] = []
    is_definition, is_defaulted = function("isCursorDefinition"), function("CXXMethod_isDefaulted")

    def see(child: Cursor, _: Cursor) -> int:
        kind = child.kind
        if kind in FUNCTION_NUMBERS:
            # What is "= default" counts as a definition and, once used, has a body that is nowhere written.
            if is_definition(child) and unit.is_inside(child) and not is_defaulted(child):
                found.append(child)
        elif kind in SCOPE_NUMBERS and unit.is_inside(child):
            return RECURSE
        return CONTINUE

    visit(unit.top, see)
    return found


def entry_of(unit: Unit, cursor: Any, body: Any) -> Entry | None:
    extent = unit.extent(cursor)
    if extent is None:
        return None
    scopes = _scopes(cursor)
    from_macro = _from_macro(unit, cursor, body)
    template = _in_template(cursor)
    usr = str(cursor.get_usr())
    name = _name(cursor)
    definition = Definition(
        name="::".join([*scopes, name]),
        signature=str(cursor.displayname) if from_macro else signature(unit, cursor, body),
        extent=extent,
        linkage=Linkage.INTERNAL if cursor.linkage in _INTERNAL else Linkage.EXTERNAL,
        language=unit.command.language,
        key=f"{usr}@{extent.path}",
        from_macro=from_macro,
    )
    return Entry(
        definition,
        usr,
        (*(scope for scope in scopes if scope != ANONYMOUS), name),
        frozenset() if template else _mangled(cursor),
        tuple(normal_type(one) for one in _parameter_types(cursor)),
        template,
        unit.command,
    )


def _in_template(cursor: Any) -> bool:
    """Is it a template, or a member of one? Then its types and its linker name depend on the instance."""
    parent = cursor
    while parent is not None and parent.kind != cindex.CursorKind.TRANSLATION_UNIT:
        if parent.kind in _TEMPLATES:
            return True
        parent = parent.semantic_parent
    return False


def _scopes(cursor: Any) -> list[str]:
    """Namespaces and classes around it, outermost first."""
    scopes: list[str] = []
    parent = cursor.semantic_parent
    while parent is not None and parent.kind != cindex.CursorKind.TRANSLATION_UNIT:
        if parent.kind == cindex.CursorKind.NAMESPACE:
            scopes.append(parent.spelling or ANONYMOUS)
        elif parent.kind in SCOPES and parent.spelling:
            scopes.append(parent.spelling)
        parent = parent.semantic_parent
    return scopes[::-1]


def _name(cursor: Any) -> str:
    """The name as symbols have it: ``operator()`` without a space, a template's constructor without arguments."""
    spelling = str(cursor.spelling)
    if cursor.kind in _STRUCTORS:
        return spelling.partition("<")[0]
    return re.sub(r"\s+(?=\W)|(?<=\W)\s+", "", spelling)


def _mangled(cursor: Any) -> frozenset[str]:
    """The names the linker may know it by; a constructor or destructor has several."""
    name = str(cursor.mangled_name)
    letter = _STRUCTORS.get(cursor.kind)
    if letter is None:
        return frozenset({name} - {""})
    own = cursor.spelling.lstrip("~")
    return frozenset(name.replace(f"{own}{letter}1", f"{own}{letter}{digit}") for digit in "0123") - {""}


def _parameter_types(cursor: Any) -> list[str]:
    function = cursor.type.get_canonical()
    if function.kind != cindex.TypeKind.FUNCTIONPROTO:
        return []
    types = [str(one.spelling) for one in function.argument_types()]
    return [*types, "..."] if function.is_function_variadic() else types


def _from_macro(unit: Unit, cursor: Any, body: Any) -> bool:
    """Is its name, or an end of its body, written by a macro? Then the text in the file is not the definition.

    A macro among the specifiers before the name (``MY_INLINE int f(…) {``) does no harm: it stays as it is.
    """
    span, inner = unit.span(cursor), unit.span(body)
    path, offset, _ = unit.place(as_raw(cursor))
    if span is None or inner is None or path != span.path:
        return True
    name = cursor.spelling.split("<", 1)[0].split(" ", 1)[0]
    name = "operator" if name.startswith("operator") else name
    text = unit.bytes_of(inner)
    return not (
        unit.content(span.path).startswith(name.encode(), offset)
        and text.startswith((b"{", b"try"))
        and text.endswith(b"}")
        and len(text) > 1
        and inner.end == span.end
    )


def signature(unit: Unit, cursor: Any, body: Any | None) -> str:
    """The declaration as written, on one line, without comments and body."""
    span = unit.span(cursor)
    if span is None:
        return str(cursor.displayname)
    inner = unit.span(body) if body is not None else None
    end = inner.start if inner is not None and inner.path == span.path else span.end
    text = unit.text_of(Span(span.path, span.start, min(end, span.start + _LONG_SIGNATURE)))
    return " ".join(_COMMENT.sub(" ", text).split()).rstrip(";")
