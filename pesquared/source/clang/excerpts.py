"""Declarations as text: whole statements, in the order in which the compiler reads them."""

from collections.abc import Iterable

from pesquared.source.clang.definitions import signature
from pesquared.source.clang.preprocessing import Preprocessing
from pesquared.source.clang.references import Declared
from pesquared.source.clang.unit import Span, Unit, body_of

_SHORT_INITIALISER = 2048
_FAR = 200  # bytes between a name and the macro with its parameters


def spans_of(unit: Unit, record: Preprocessing, spans: Iterable[Span]) -> list[Span]:
    """The places in order; ``typedef struct {…} X`` and ``int a, b`` are one piece each."""
    merged: list[Span] = []
    grown = (through_macro(record, span) for span in spans)
    for span in sorted(grown, key=lambda one: (one.path, one.start, -one.end)):
        last = merged[-1] if merged else None
        if last is not None and last.path == span.path and span.start < last.end:
            merged[-1] = Span(last.path, last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return sorted(merged, key=lambda span: record.position(unit, span))


def through_macro(record: Preprocessing, span: Span) -> Span:
    """To the end of the macro call in which it ends: of what that declares, libclang sees the name."""
    end = max((use.span.end for use in record.uses_in(span)), default=span.end)
    if span.start == span.end:
        end = max((use.span.end for use in record.uses_in(Span(span.path, span.start, span.end + 1))), default=end)
    return Span(span.path, span.start, max(end, span.end))


def declaration_span(unit: Unit, record: Preprocessing, span: Span) -> Span:
    """Of a function without a body; of ``int f OF((int x));`` libclang sees no more than ``int f``."""
    if b"(" in unit.bytes_of(span):
        return through_macro(record, span)
    content = unit.content(span.path)
    for use in record.uses_in(Span(span.path, span.end, span.end + _FAR)):
        if not content[span.end : use.span.start].strip():
            return Span(span.path, span.start, use.span.end)
    return span


def replaced(unit: Unit, span: Span, replacements: dict[Span, bytes]) -> str:
    """The text at ``span`` with ``replacements`` of places in it; of nested ones the outermost counts."""
    text = unit.bytes_of(span)
    done = len(text)
    inside = [
        one for one in replacements if one.path == span.path and span.start <= one.start and one.end <= span.end
    ]
    outermost = [
        one
        for one in inside
        if not any(other != one and other.start <= one.start and one.end <= other.end for other in inside)
    ]
    for one in sorted(outermost, key=lambda one: -one.start):
        start, end = one.start - span.start, one.end - span.start
        if end <= done:
            text, done = text[:start] + replacements[one] + text[end:], start
    return text.decode("utf-8", "surrogateescape")


def variable_text(unit: Unit, span: Span) -> str:
    """A global as written; long tables are cut."""
    text = unit.text_of(span)
    left = len(text) - _SHORT_INITIALISER
    return (text if left <= 0 else f"{text[:_SHORT_INITIALISER]} /* {left} more bytes */") + ";"


def callee_signature(unit: Unit, record: Preprocessing, callee: Declared) -> str:
    """What a called function looks like from outside."""
    cursor = unit.package_cursor(callee.cursor)
    body = body_of(cursor)
    whole = declaration_span(unit, record, callee.span)
    if body is None and whole != callee.span:  # ``int f OF((int x));``
        return " ".join(unit.text_of(whole).split()) + ";"
    return signature(unit, cursor, body) + ";"
