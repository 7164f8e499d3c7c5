"""How records lie in memory: whoever was compiled against the old layout breaks when it changes."""

import re
from collections.abc import Iterator
from typing import Any

from pesquared.source.clang.kinds import BODIES, RECORDS
from pesquared.source.clang.library import cindex
from pesquared.source.clang.unit import Unit, descendants

_PLACE = re.compile(r" at [^()]{1,4000}\)")
_TEMPLATES = frozenset({cindex.CursorKind.CLASS_TEMPLATE, cindex.CursorKind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION})


def record_layouts(unit: Unit, path: str) -> Iterator[tuple[str, str]]:
    """Names and layouts of the structs, unions and classes that ``path`` defines and ``unit`` shows.

    A layout is text: size and alignment in bytes, then each member's offset in bits, its type and name. Templates
    have none, and neither has what stands in a function: nobody else can see it.
    """
    for cursor in descendants(unit.cursor, without=BODIES):
        if cursor.kind not in RECORDS - _TEMPLATES or not cursor.is_definition():
            continue
        span = unit.span(cursor)
        if span is None or span.path != path:
            continue
        size = cursor.type.get_size()  # negative: clang-c/Index.h, CXTypeLayoutError
        if size >= 0:
            yield _placeless(cursor.type.spelling), _layout(cursor, size)


def _layout(record: Any, size: int) -> str:
    bases = [f"base {child.type.spelling}" for child in _children(record, cindex.CursorKind.CXX_BASE_SPECIFIER)]
    members = [
        f"{child.get_field_offsetof()}: {_placeless(child.type.get_canonical().spelling)} {child.spelling}"
        for child in _children(record, cindex.CursorKind.FIELD_DECL)
    ]
    return f"{size} bytes, aligned to {record.type.get_align()}; " + "; ".join([*bases, *members])


def _placeless(spelling: str) -> str:
    """A type without the line at which it stands: what has no name is known by its place."""
    return _PLACE.sub(")", spelling)


def _children(record: Any, kind: Any) -> Iterator[Any]:
    return (child for child in record.get_children() if child.kind == kind)
