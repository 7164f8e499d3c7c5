"""Which declarations of the code base a function uses: types with all they are made of, globals, callees."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pesquared.source.clang.library import cindex
from pesquared.source.clang.unit import BODIES, FUNCTIONS, RECORDS, Unit, descendants

_Kind = cindex.CursorKind
_TYPEDEFS = frozenset({_Kind.TYPEDEF_DECL, _Kind.TYPE_ALIAS_DECL, _Kind.TYPE_ALIAS_TEMPLATE_DECL})
_TYPES = RECORDS | _TYPEDEFS | {_Kind.ENUM_DECL}
_REFERENCES = frozenset(
    {
        _Kind.TYPE_REF,
        _Kind.TEMPLATE_REF,
        _Kind.DECL_REF_EXPR,
        _Kind.MEMBER_REF_EXPR,
        _Kind.MEMBER_REF,
        _Kind.CALL_EXPR,
    }
)
_MANY_DECLARATIONS = 300


@dataclass(slots=True)
class Uses:
    """What a function uses, by cursor; nearest first."""

    types: list[Any] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)
    callees: list[Any] = field(default_factory=list)
    complete: bool = True


def uses_of(unit: Unit, function: Any) -> Uses:
    """Follows every reference out of ``function``, breadth first; into callees only as far as their signature."""
    uses = Uses()
    own = unit.span(function)
    seen = {_identity(function)}
    level = list(_referenced(function, frozenset()))
    owner = function.semantic_parent
    if owner is not None and owner.kind in RECORDS:
        level.append(owner)
    while level:
        following: list[Any] = []
        for cursor in level:
            target = _declaration(cursor)
            span = unit.span(target) if target is not None else None
            if target is None or span is None or _identity(target) in seen:
                continue
            seen.add(_identity(target))
            if own is not None and own.path == span.path and own.start <= span.start < own.end:
                continue  # a lambda or a local type: part of the text already
            if len(seen) > _MANY_DECLARATIONS:
                uses.complete = False
                return uses
            _sort_in(uses, target)
            following += _referenced(target, BODIES)
        level = following
    return uses


def _sort_in(uses: Uses, target: Any) -> None:
    if target.kind in FUNCTIONS:
        uses.callees.append(target)
    elif target.kind == _Kind.VAR_DECL:
        uses.variables.append(target)
    else:
        uses.types.append(target)


def _identity(cursor: Any) -> tuple[str, int, str]:
    location = cursor.location
    return str(location.file), location.offset, str(cursor.get_usr())


def _referenced(cursor: Any, without: frozenset[Any]) -> Iterator[Any]:
    """What the text of a declaration refers to, but for what stands in cursors of the kinds ``without``."""
    for child in descendants(cursor, without):
        if child.kind in _REFERENCES and (target := child.referenced) is not None:
            yield target


def _declaration(cursor: Any) -> Any | None:
    """The declaration to show for a reference; None for locals, parameters and what else needs none."""
    if cursor.kind in (_Kind.FIELD_DECL, _Kind.ENUM_CONSTANT_DECL, _Kind.CONSTRUCTOR):
        cursor = cursor.semantic_parent
    if cursor is None:
        return None
    parent = cursor.semantic_parent
    if cursor.kind == _Kind.VAR_DECL and parent is not None:
        if parent.kind in FUNCTIONS:
            return None
        cursor = parent if parent.kind in RECORDS else cursor.get_definition() or cursor
    elif cursor.kind in FUNCTIONS or cursor.kind in RECORDS or cursor.kind == _Kind.ENUM_DECL:
        cursor = cursor.get_definition() or cursor
    while cursor.kind in _TYPES and cursor.semantic_parent is not None and cursor.semantic_parent.kind in RECORDS:
        cursor = cursor.semantic_parent
    return cursor if cursor.kind in _TYPES or cursor.kind in FUNCTIONS or cursor.kind == _Kind.VAR_DECL else None
