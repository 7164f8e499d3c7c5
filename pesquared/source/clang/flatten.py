"""A unit as one file: what it includes of the code base is put in place of the ``#include`` lines."""

import re

from pesquared.source.clang.preprocessing import Include, Preprocessing
from pesquared.source.clang.unit import Span, Unit

LARGEST = 16 << 20
_DEEPEST = 200
_ONCE = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+once[^\n]*", re.MULTILINE)
_INCLUDE = re.compile(rb"^[ \t]*#[ \t]*include\b[^\n]*", re.MULTILINE)
_GUARD = re.compile(rb"^[ \t]*#[ \t]*ifndef[ \t]+(\w+)\s+#[ \t]*define[ \t]+\1\b", re.MULTILINE)


def flattened(unit: Unit, record: Preprocessing) -> str:
    """The unit's text. A header that guards itself brings what it includes once."""
    by_file: dict[str, list[Include]] = {}
    for one in record.includes:
        by_file.setdefault(one.span.path, []).append(one)
    seen: set[str] = set()
    size = 0

    def expand(path: str, depth: int) -> bytes:
        nonlocal size
        content = unit.content(path)
        again = path in seen
        seen.add(path)
        if again and _ONCE.search(content):
            return b""
        if again and _GUARD.search(content):  # the guard may not be around all of it
            return _INCLUDE.sub(b"", content)
        size += len(content)
        if depth > _DEEPEST or size > LARGEST:
            return b""
        pieces: list[bytes] = []
        at = 0
        for one in sorted(set(by_file.get(path, ())), key=lambda one: one.span.start):
            start = content.rfind(b"#", at, one.span.start + 1)
            if start < at:
                continue  # put together by macros
            pieces += [
                content[at:start],
                b"\n" + expand(one.target, depth + 1) if one.target else _foreign(unit, one),
            ]
            at = one.span.end
        return _ONCE.sub(b"", b"".join([*pieces, content[at:]]))

    return expand(unit.command.file, 0).decode("utf-8", "surrogateescape")


def with_includes(unit: Unit, record: Preprocessing, span: Span) -> bytes:
    """The text at ``span`` with what is included in the midst of it, from the code base, put in its place."""
    text = unit.bytes_of(span)
    inside = [one for one in record.includes if one.span.path == span.path and one.target is not None]
    for one in sorted(set(inside), key=lambda one: -one.span.start):
        start, end = one.span.start - span.start, one.span.end - span.start
        start = text.rfind(b"#", 0, start + 1) if 0 <= start < end <= len(text) else -1
        if start >= 0 and one.target is not None:
            text = text[:start] + b"\n" + unit.content(one.target) + b"\n" + text[end:]
    return text


def _foreign(unit: Unit, include: Include) -> bytes:
    """The line that includes a header of somebody else's, from any folder; nothing for one that is missing."""
    written = unit.text_of(include.span)
    if not include.opened:
        return b""
    name = f"<{written.split('<')[1].split('>')[0]}>" if "<" in written else f'"{include.opened}"'
    return f"#include {name}".encode("utf-8", "surrogateescape")
