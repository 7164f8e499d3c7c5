"""What one translation unit contributes to the index: definitions, calls, overrides, and what stands in tables."""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from pesquared.source.clang.definitions import Entry, bare_definitions, entry_of
from pesquared.source.clang.kinds import FUNCTION_NUMBERS, SCOPE_NUMBERS, VARIABLE
from pesquared.source.clang.library import cindex
from pesquared.source.clang.raw import (
    CONTINUE,
    RECURSE,
    Cursor,
    function,
    inclusions,
    is_null,
    overloads,
    overridden,
    text,
    visit,
)
from pesquared.source.clang.unit import Unit, body_of

_K = cindex.CursorKind
_CALL = _K.CALL_EXPR.value
_NAMES = frozenset({_K.DECL_REF_EXPR.value, _K.MEMBER_REF_EXPR.value})
_OVERLOADED = _K.OVERLOADED_DECL_REF.value
_LIST = _K.INIT_LIST_EXPR.value
_FIELD = _K.FIELD_DECL.value
_MEMBER = _K.MEMBER_REF.value
_METHOD = _K.CXX_METHOD.value


class Edge(msgspec.Struct, array_like=True, frozen=True):
    """The body of definition number ``source`` names ``target``, a USR. At ``line`` it does so first."""

    source: int
    target: str
    kind: str  # "direct", "virtual", "pointer" (the target is a field), "address-taken", "reference"
    line: int


class Slot(msgspec.Struct, array_like=True, frozen=True):
    """A table at file scope holds a function."""

    key: str  # USR of the field, or of the variable where there is none
    target: str
    path: str
    line: int


class Facts(msgspec.Struct):
    """All of one unit; paths are relative to the code base, those of foreign headers absolute."""

    entries: list[Entry]
    edges: list[Edge]
    slots: list[Slot]
    overrides: list[tuple[str, str]]
    files: list[str]
    problems: list[str]
    fatal: bool


@dataclass(slots=True)
class Reader:
    """Reads one unit."""

    unit: Unit
    edges: list[Edge] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    overrides: list[tuple[str, str]] = field(default_factory=list)
    usrs: dict[int, str] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)  # of a record type

    def read(self) -> Facts:
        entries: list[Entry] = []
        for bare in bare_definitions(self.unit):
            cursor = self.unit.package_cursor(bare)
            body = body_of(cursor)
            entry = entry_of(self.unit, cursor, body) if body is not None else None
            if entry is not None and (entry := _storable(entry)) is not None:
                entries.append(entry)
                self._body(len(entries) - 1, bare)
                if bare.kind == _METHOD:
                    self.overrides += [(entry.usr, self.usr(base)) for base in overridden(bare)]
        self._tables()
        problems = [one.encode("utf-8", "replace").decode() for one in self.unit.problems]
        files = [one for one in inclusions(self.unit.parsed, self.unit.file_or_absolute) if is_storable(one)]
        return Facts(entries, self.edges, self.slots, self.overrides, files, problems, self.unit.is_fatal)

    def usr(self, cursor: Cursor) -> str:
        """The key of a declaration; of an instance of a template, the template's."""
        key = int(cursor.first or 0)
        if key not in self.usrs:
            template = function("getSpecializedCursorTemplate")(cursor)
            usr = text(function("getCursorUSR")(cursor if is_null(template) else template))
            self.usrs[key] = usr if is_storable(usr) else ""
        return self.usrs[key]

    def _body(self, number: int, definition: Cursor) -> None:
        """What a definition names. A name that is not the one of a call is the function's address."""
        lines: dict[tuple[str, str], int] = {}
        calls: dict[str, int] = {}
        names: dict[str, int] = {}
        referenced, is_dynamic = function("getCursorReferenced"), function("Cursor_isDynamicCall")

        def see(child: Cursor, _: Cursor) -> int:
            kind = child.kind
            if kind == _CALL:
                target = referenced(child)
                if target.kind in FUNCTION_NUMBERS:
                    usr = self.usr(target)
                    calls[usr] = calls.get(usr, 0) + 1
                    how = "virtual" if target.kind == _METHOD and is_dynamic(child) else "direct"
                    lines.setdefault((usr, how), self.unit.place(child)[2])
                elif target.kind == _FIELD:
                    lines.setdefault((self.usr(target), "pointer"), self.unit.place(child)[2])
            elif kind in _NAMES:
                target = referenced(child)
                if target.kind in FUNCTION_NUMBERS:
                    usr = self.usr(target)
                    names[usr] = names.get(usr, 0) + 1
                    if names[usr] > calls.get(usr, 0):
                        lines.setdefault((usr, "address-taken"), self.unit.place(child)[2])
            elif kind == _OVERLOADED:
                for usr in map(self.usr, overloads(child)):
                    lines.setdefault((usr, "reference"), self.unit.place(child)[2])
            return RECURSE

        visit(definition, see)
        self.edges += [
            Edge(number, usr, how, line)
            for (usr, how), line in lines.items()
            if usr and not (how == "address-taken" and names[usr] <= calls.get(usr, 0))
        ]

    def _tables(self) -> None:
        """Variables at file scope that are initialised with functions."""

        def see(child: Cursor, _: Cursor) -> int:
            if child.kind == VARIABLE:
                if self.unit.is_inside(child):
                    self._initialiser(child)
            elif child.kind in SCOPE_NUMBERS and self.unit.is_inside(child):
                return RECURSE
            return CONTINUE

        visit(self.unit.top, see)

    def _initialiser(self, variable: Cursor) -> None:
        path = self.unit.place(variable)[0] or ""
        referenced = function("getCursorReferenced")
        ordinals: dict[bytes, int] = {}
        designated: dict[bytes, str] = {}  # the field that ``.field = function`` names

        def see(child: Cursor, parent: Cursor) -> int:
            ordinal = 0
            if parent.kind == _LIST:
                key = bytes(parent)
                ordinal = ordinals[key] = ordinals.get(key, -1) + 1
            if child.kind == _MEMBER:
                designated[bytes(parent)] = self.usr(referenced(child))
            elif child.kind in _NAMES or parent.kind == _LIST or bytes(parent) in designated:
                target = referenced(child)
                if not is_null(target) and target.kind in FUNCTION_NUMBERS:
                    in_list = parent.kind == _LIST
                    slot = self._field(parent, ordinal) if in_list else designated.get(bytes(parent), "")
                    line = self.unit.place(child)[2]
                    self.slots.append(Slot(slot or self.usr(variable), self.usr(target), path, line))
                    return CONTINUE
            return RECURSE

        visit(variable, see)

    def _field(self, initialiser: Cursor, ordinal: int) -> str:
        """The USR of the field that a record's initialiser fills at a place; "" for arrays and the like."""
        kind: Any = self.unit.package_cursor(initialiser).type.get_canonical()
        name = str(kind.spelling)
        if name not in self.fields:
            is_record = kind.kind == cindex.TypeKind.RECORD
            self.fields[name] = [str(one.get_usr()) for one in kind.get_fields()] if is_record else []
        found = self.fields[name]
        return found[ordinal] if ordinal < len(found) else ""


def is_storable(text_of_it: str) -> bool:
    """Is it UTF-8? Names in other encodings are kept out of the index."""
    return not any("\ud800" <= mark <= "\udfff" for mark in text_of_it)


def _storable(entry: Entry) -> Entry | None:
    definition = entry.definition
    if not is_storable(f"{definition.key}{definition.name}{''.join(entry.parameters)}"):
        return None
    if is_storable(definition.signature):
        return entry
    plain = definition.signature.encode("utf-8", "replace").decode()
    return replace(entry, definition=replace(definition, signature=plain))
