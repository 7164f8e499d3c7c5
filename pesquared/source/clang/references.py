"""What the text of a declaration refers to, as declarations of the code base; remembered for each of a unit."""

from dataclasses import dataclass

from pesquared.source.clang.kinds import (
    BODY_NUMBERS,
    FUNCTION_NUMBERS,
    RECORD_NUMBERS,
    TYPE_NUMBERS,
    VARIABLE,
    numbers,
)
from pesquared.source.clang.library import cindex
from pesquared.source.clang.raw import CONTINUE, RECURSE, Cursor, function, is_null, overloads, visit
from pesquared.source.clang.unit import Span, Unit

_K = cindex.CursorKind
_REFERENCES = numbers(
    {
        _K.TYPE_REF,
        _K.TEMPLATE_REF,
        _K.CXX_BASE_SPECIFIER,
        _K.DECL_REF_EXPR,
        _K.MEMBER_REF_EXPR,
        _K.MEMBER_REF,
        _K.VARIABLE_REF,
        _K.CALL_EXPR,
    }
)
_OVERLOADED = _K.OVERLOADED_DECL_REF.value
_FIELD = _K.FIELD_DECL.value
_OF_TYPE = numbers({_K.FIELD_DECL, _K.ENUM_CONSTANT_DECL, _K.CONSTRUCTOR})
_DEFINED = FUNCTION_NUMBERS | RECORD_NUMBERS | {_K.ENUM_DECL.value}
_BUILTINS = ("__builtin_", "__sync_", "__atomic_")  # declared, for libclang, where they are used first


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration of the code base, the whole of it: of a member, its outermost class."""

    cursor: Cursor
    span: Span

    @property
    def kind(self) -> int:
        return int(self.cursor.kind)


@dataclass(frozen=True, slots=True)
class Referred:
    """What a declaration refers to, in order of first use, and which members of which records among it."""

    declared: tuple[Declared, ...]
    members: frozenset[Span]  # of fields


class References:
    """The references within one unit.

    Args:
        unit: it is asked for nothing before it is needed.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._known: dict[tuple[Span, bool], Referred] = {}
        self._targets: dict[int, Declared | None] = {}

    def of(self, cursor: Cursor, *, bodies: bool) -> Referred:
        """What ``cursor``'s text refers to; without ``bodies``, bodies of functions do not count."""
        span = self._unit.raw_span(cursor)
        if span is None:
            return Referred((), frozenset())
        key = span, bodies
        if key not in self._known:
            self._known[key] = self._look(cursor, bodies=bodies)
        return self._known[key]

    def _look(self, cursor: Cursor, *, bodies: bool) -> Referred:
        found: dict[Span, Declared] = {}
        members: set[Span] = set()
        referenced = function("getCursorReferenced")

        def take(target: Cursor) -> None:
            if target.kind == _FIELD and (place := self._unit.raw_span(target)) is not None:
                members.add(place)
            one = self.declared(target)
            if one is not None:
                found.setdefault(one.span, one)

        def see(child: Cursor, _: Cursor) -> int:
            kind = child.kind
            if kind in BODY_NUMBERS and not bodies:
                return CONTINUE
            # ``typedef struct {…} X`` and ``struct {…} variable`` hold a type of their own.
            targets = overloads(child) if kind == _OVERLOADED else (child,) if kind in TYPE_NUMBERS else ()
            for target in (referenced(child),) if kind in _REFERENCES else targets:
                take(target)
            return RECURSE

        visit(cursor, see)
        return Referred(tuple(found.values()), frozenset(members))

    def declared(self, target: Cursor) -> Declared | None:
        """The declaration to show for a reference's target; None for locals, parameters and what is not ours."""
        key = int(target.first or 0)
        if key not in self._targets:
            whole = self._whole(target)
            span = self._unit.raw_span(whole) if whole is not None else None
            self._targets[key] = Declared(whole, span) if whole is not None and span is not None else None
        return self._targets[key]

    def _whole(self, cursor: Cursor) -> Cursor | None:
        parent_of, definition_of = function("getCursorSemanticParent"), function("getCursorDefinition")
        if is_null(cursor) or not self._unit.is_inside(cursor):
            return None
        if cursor.kind in _OF_TYPE:
            cursor = parent_of(cursor)
        parent = parent_of(cursor)
        if cursor.kind == VARIABLE:
            if parent.kind in FUNCTION_NUMBERS:
                return None
            if parent.kind in RECORD_NUMBERS:
                cursor = parent
        if cursor.kind in _DEFINED or cursor.kind == VARIABLE:
            definition = definition_of(cursor)
            cursor = cursor if is_null(definition) else definition
        while cursor.kind in TYPE_NUMBERS and parent_of(cursor).kind in RECORD_NUMBERS:
            cursor = parent_of(cursor)
        if cursor.kind in FUNCTION_NUMBERS:
            return None if self._unit.name(cursor).startswith(_BUILTINS) else cursor
        return cursor if cursor.kind in TYPE_NUMBERS or cursor.kind == VARIABLE else None
