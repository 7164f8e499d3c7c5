"""All that a unit declares in the code base outside of functions and classes, each with the scopes around it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pesquared.source.clang.kinds import RECORD_NUMBERS
from pesquared.source.clang.library import cindex
from pesquared.source.clang.raw import CONTINUE, Cursor, function, is_null, visit
from pesquared.source.clang.unit import Span, Unit

_K = cindex.CursorKind
_NAMESPACE = _K.NAMESPACE.value
_LINKAGE = frozenset({_K.LINKAGE_SPEC.value, _K.UNEXPOSED_DECL.value})
_UNIT = _K.TRANSLATION_UNIT.value
SCOPES = _LINKAGE | {_NAMESPACE, _UNIT}
_DEEP = 100


@dataclass(frozen=True, slots=True)
class Top:
    """One declaration. ``scopes`` are opened before it: ``namespace a {``, ``extern "C" {``."""

    cursor: Cursor
    span: Span
    group: int  # the same for all declarations of one thing
    scopes: tuple[str, ...]


@dataclass(slots=True)
class TopLevel:
    """The declarations of a unit, by the thing that they declare."""

    unit: Unit
    all: list[Top] = field(default_factory=list)
    groups: dict[int, list[Top]] = field(default_factory=dict)

    @classmethod
    def of(cls, unit: Unit) -> "TopLevel":
        found = cls(unit)
        found._enter(unit.top, ())
        for one in found.all:
            found.groups.setdefault(one.group, []).append(one)
        return found

    def _enter(self, scope: Cursor, scopes: tuple[str, ...]) -> None:
        if len(scopes) > _DEEP:
            return
        children: list[Cursor] = []

        def see(child: Cursor, _: Cursor) -> int:
            if self.unit.is_inside(child):
                children.append(child)
            return CONTINUE

        visit(scope, see)
        for child in children:
            if child.kind == _NAMESPACE:
                self._enter(child, (*scopes, self._opening(child)))
            elif child.kind in _LINKAGE and self._holds_declarations(child):
                self._enter(child, (*scopes, 'extern "C" {'))
            elif (span := self.unit.raw_span(child)) is not None:
                self.all.append(Top(child, span, group_of(child), scopes))

    def _opening(self, namespace: Cursor) -> str:
        inline = "inline " if function("Cursor_isInlineNamespace")(namespace) else ""
        name = self.unit.name(namespace)
        # Newer versions call what has no name "(anonymous namespace)".
        return f"{inline}namespace {name} {{" if name.isidentifier() else f"{inline}namespace {{"

    def _holds_declarations(self, cursor: Cursor) -> bool:
        """Is it ``extern "C"``? Other things that libclang has no name for hold expressions."""
        span = self.unit.raw_span(cursor)
        return cursor.kind == _K.LINKAGE_SPEC.value or (
            span is not None and self.unit.bytes_of(span).startswith(b"extern")
        )

    def declaring(self, target: Cursor) -> list[Top]:
        """All declarations of the thing and of the classes that it is a part of; [] outside the code base."""
        found: list[Top] = []
        for one in outwards(target):
            found += self.groups.get(group_of(one), [])
        return found

    def around(self, span: Span) -> Iterator[Top]:
        """The declarations that hold a place."""
        for one in self.all:
            if one.span.path == span.path and one.span.start <= span.start and span.end <= one.span.end:
                yield one


def outwards(cursor: Cursor) -> Iterator[Cursor]:
    """The declaration and those around it; of what a template makes, the template."""
    parent_of = function("getCursorSemanticParent")
    for _ in range(_DEEP):
        if is_null(cursor) or cursor.kind in SCOPES:
            return
        template = function("getSpecializedCursorTemplate")(cursor)
        cursor = cursor if is_null(template) else template
        yield cursor
        cursor = parent_of(cursor)


def group_of(cursor: Cursor) -> int:
    """A number that all declarations of one thing share; specialisations of a template share the template's."""
    template = function("getSpecializedCursorTemplate")(cursor)
    whole = cursor if is_null(template) or cursor.kind not in RECORD_NUMBERS else template
    return int(function("getCanonicalCursor")(whole).first or 0)
