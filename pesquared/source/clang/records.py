"""What a model is shown of a record: all of a small one, of a large one the members that the function uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.source.clang.kinds import BODY_NUMBERS, FUNCTION_NUMBERS, RECORD_NUMBERS, numbers
from pesquared.source.clang.library import cindex
from pesquared.source.clang.raw import BREAK, CONTINUE, RECURSE, Cursor, visit
from pesquared.source.clang.references import Declared
from pesquared.source.clang.unit import Span, Unit

SHORT_RECORD = 500  # bytes
_SHORT_BODY = 80
_K = cindex.CursorKind
_TRAITS = numbers({_K.CXX_BASE_SPECIFIER, _K.TEMPLATE_TYPE_PARAMETER, _K.TEMPLATE_NON_TYPE_PARAMETER})


@dataclass(frozen=True, slots=True)
class Abridged:
    """What stands for a record's text. ``kept`` are the parts whose references matter; None: the whole of it."""

    text: bytes
    kept: tuple[Cursor, ...] | None


def abridged(unit: Unit, record: Declared, members: frozenset[Span], names: frozenset[str]) -> Abridged:
    """The record without the members that nobody asked for, and without longer bodies of methods.

    Args:
        unit: shows it.
        record: a struct, union or class.
        members: places of fields that are used, wherever they are.
        names: methods that are called.
    """
    text = unit.bytes_of(record.span)
    brace = text.find(b"{")
    if len(text) <= SHORT_RECORD or brace < 0:
        return Abridged(_without_bodies(unit, record.span, record.cursor), None)
    kept: list[Cursor] = []
    lines: list[bytes] = []
    left_out = 0
    for span, cursors in _groups(unit, record):
        if any(_wanted(unit, one, members, names) for one in cursors):
            lines += [_left_out(left_out)] if left_out else []
            left_out = 0
            lines.append(b"    " + _without_bodies(unit, span, *cursors))
            kept += cursors
        else:
            left_out += len(cursors)
    lines += [_left_out(left_out)] if left_out else []
    return Abridged(text[: brace + 1] + b"\n" + b"\n".join(lines) + b"\n}", (*kept, *_traits(record)))


def _left_out(count: int) -> bytes:
    return f"    /* {count} more member{'s' if count > 1 else ''} */".encode()


def _wanted(unit: Unit, member: Cursor, members: frozenset[Span], names: frozenset[str]) -> bool:
    if member.kind in FUNCTION_NUMBERS:
        return unit.name(member) in names
    span = unit.raw_span(member)
    return span is not None and any(
        one.path == span.path and span.start <= one.start and one.end <= span.end for one in members
    )


def _traits(record: Declared) -> tuple[Cursor, ...]:
    """Its bases and template parameters: part of what is always shown."""
    found: list[Cursor] = []

    def see(child: Cursor, _: Cursor) -> int:
        if child.kind in _TRAITS:
            found.append(child)
        return CONTINUE

    visit(record.cursor, see)
    return tuple(found)


def _groups(unit: Unit, record: Declared) -> Iterator[tuple[Span, list[Cursor]]]:
    """The record's members by the text that declares them, to its ``;``: ``int a, b;`` and ``struct {…} c;``."""
    found: list[tuple[int, int, list[Cursor]]] = []

    def see(child: Cursor, _: Cursor) -> int:
        span = unit.raw_span(child)
        if span is None or span.path != record.span.path or child.kind in _TRAITS:
            return CONTINUE
        if found and span.start < found[-1][1]:
            start, end, cursors = found[-1]
            found[-1] = start, max(end, span.end), [*cursors, child]
        elif record.span.start < span.start < span.end < record.span.end:
            found.append((span.start, span.end, [child]))
        return CONTINUE

    visit(record.cursor, see)
    content = unit.content(record.span.path)
    for start, end, cursors in found:
        semicolon = content.find(b";", end, min(end + 200, record.span.end))
        braces = content[end - 1 : end] == b"}" and cursors[-1].kind in FUNCTION_NUMBERS
        stop = end if semicolon < 0 or braces or content[end:semicolon].strip() else semicolon + 1
        yield Span(record.span.path, start, stop), cursors


def _without_bodies(unit: Unit, span: Span, *cursors: Cursor) -> bytes:
    """The text at ``span`` with ``{ /* ... */ }`` for longer bodies of methods."""
    bodies: list[Span] = []

    def see(child: Cursor, _: Cursor) -> int:
        if child.kind in FUNCTION_NUMBERS:
            visit(child, body)
            return CONTINUE
        return RECURSE if child.kind in RECORD_NUMBERS else CONTINUE

    def body(child: Cursor, _: Cursor) -> int:
        if child.kind not in BODY_NUMBERS:
            return CONTINUE
        place = unit.raw_span(child)
        if place is not None and place.path == span.path and place.end - place.start > _SHORT_BODY:
            bodies.append(place)
        return BREAK

    for cursor in cursors:
        if cursor.kind in FUNCTION_NUMBERS:
            visit(cursor, body)
        else:
            visit(cursor, see)
    text = unit.bytes_of(span)
    for place in sorted(set(bodies), key=lambda one: -one.start):
        text = text[: place.start - span.start] + b"{ /* ... */ }" + text[place.end - span.start :]
    return text
