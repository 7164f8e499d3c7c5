"""The declarations that a function uses, as text: in the order of the unit, within a bound."""

from collections.abc import Iterator
from typing import Any

from pesquared.source.clang.closure import Uses
from pesquared.source.clang.definitions import signature
from pesquared.source.clang.unit import FUNCTIONS, RECORDS, Span, Unit, body_of

_MUCH_TEXT = 64 << 10
_SHORT_BODY = 80
_SHORT_INITIALISER = 2048


class Order:
    """The order in which a unit declares things; offsets alone do not tell it across files."""

    def __init__(self, unit: Unit) -> None:
        self._first: dict[str, list[tuple[int, int]]] = {}
        for ordinal, cursor in enumerate(unit.cursor.get_children()):
            span = None if cursor.kind.is_preprocessing() else unit.span(cursor)
            if span is not None:
                self._first.setdefault(span.path, []).append((span.start, ordinal))

    def of(self, span: Span) -> tuple[int, int]:
        """Sorts spans by the top-level declaration they stand in, then by offset."""
        before = [ordinal for start, ordinal in self._first.get(span.path, ()) if start <= span.start]
        return max(before, default=-1), span.start


def spans_of(unit: Unit, order: Order, cursors: list[Any]) -> list[Span]:
    """Where the declarations stand, in order; ``typedef struct {…} X`` and ``int a, b`` are one piece each."""
    merged: list[Span] = []
    spans = (span for cursor in cursors if (span := unit.span(cursor)) is not None)
    for span in sorted(spans, key=lambda one: (one.path, one.start, -one.end)):
        last = merged[-1] if merged else None
        if last is not None and last.path == span.path and span.start < last.end:
            merged[-1] = Span(last.path, last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return sorted(merged, key=order.of)


def type_texts(unit: Unit, order: Order, uses: Uses) -> tuple[tuple[str, ...], list[Span]]:
    """The types as written, and where they stand. Longer bodies of methods are left out.

    What is nearest to the function is kept when all together is too long.
    """
    kept: list[Any] = []
    size = 0
    for cursor in uses.types:
        span = unit.span(cursor)
        size += span.end - span.start if span is not None else 0
        if size > _MUCH_TEXT:
            uses.complete = False
            break
        kept.append(cursor)
    bodies = [span for cursor in kept if cursor.kind in RECORDS for span in _method_bodies(unit, cursor)]
    spans = spans_of(unit, order, kept)
    return tuple(_without(unit, span, bodies) + ";" for span in spans), spans


def _method_bodies(unit: Unit, record: Any) -> Iterator[Span]:
    for child in record.get_children():
        if child.kind in RECORDS:
            yield from _method_bodies(unit, child)
        elif child.kind in FUNCTIONS and (body := body_of(child)) is not None:
            span = unit.span(body)
            if span is not None and span.end - span.start > _SHORT_BODY:
                yield span


def _without(unit: Unit, span: Span, bodies: list[Span]) -> str:
    inside = sorted({(one.start, one.end) for one in bodies if one.path == span.path}, reverse=True)
    text = unit.bytes_of(span)
    for start, end in inside:
        if span.start <= start and end <= span.end:
            text = text[: start - span.start] + b"{ /* ... */ }" + text[end - span.start :]
    return text.decode("utf-8", "surrogateescape")


def variable_texts(unit: Unit, order: Order, uses: Uses) -> tuple[tuple[str, ...], list[Span]]:
    """The globals as written, and where they stand; long tables are cut."""
    spans = spans_of(unit, order, uses.variables)
    return tuple(_shortened(unit.text_of(span)) + ";" for span in spans), spans


def _shortened(text: str) -> str:
    if len(text) <= _SHORT_INITIALISER:
        return text
    return f"{text[:_SHORT_INITIALISER]} /* {len(text) - _SHORT_INITIALISER} more bytes */"


def callee_signatures(unit: Unit, uses: Uses) -> tuple[str, ...]:
    """What the called functions look like from outside, in order of use."""
    return tuple(dict.fromkeys(signature(unit, one, body_of(one)) + ";" for one in uses.callees))
