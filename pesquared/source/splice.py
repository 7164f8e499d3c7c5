"""Makes the edits of a file: a definition replaced, a helper put before it, an include added. All in bytes."""

import hashlib

from pesquared.core.edits import apply_edits
from pesquared.core.proposal import Edit
from pesquared.core.source import Definition, Extent
from pesquared.errors import PesquaredError
from pesquared.source.fragments import PieceKind, UnparsableFragment, split_fragment
from pesquared.source.includes import declaration_start, header_of, include_position

BOM = b"\xef\xbb\xbf"


class NestedInClassError(PesquaredError):
    """A function cannot be put before a definition that stands inside a class."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is defined inside its class, where a new function cannot be put before it")


def require_fresh(source: bytes, extent: Extent) -> None:
    """Does the file still hold what was read?

    Raises:
        StaleEdit: it does not.
    """
    apply_edits(source, [Edit(extent.path, extent.start, extent.end, extent.sha256, b"")])


def replace_definition(source: bytes, definition: Definition, new_text: str) -> Edit:
    """The definition's extent becomes ``new_text``, with the file's line endings.

    Raises:
        StaleEdit: the file has changed since the definition was read.
    """
    extent = definition.extent
    require_fresh(source, extent)
    replacement = _encoded(new_text)
    if replacement != source[extent.start : extent.end]:
        replacement = _with_line_endings(replacement, source)
    return Edit(extent.path, extent.start, extent.end, extent.sha256, replacement)


def replace_span(source: bytes, path: str, start: int, end: int, new_text: str) -> Edit:
    """Bytes [start, end) of ``source``, a file, become ``new_text`` with the file's line endings."""
    digest = hashlib.sha256(source[start:end]).hexdigest()
    return Edit(path, start, end, digest, _with_line_endings(_encoded(new_text), source))


def insert_helper_before(source: bytes, definition: Definition, text: str) -> Edit:
    """``text``, whole top-level code, goes before the definition and the comment that belongs to it.

    Raises:
        NestedInClassError: the definition stands inside a class.
        StaleEdit: the file has changed since the definition was read.
    """
    extent = definition.extent
    require_fresh(source, extent)
    decoded = source.decode("latin-1")
    if "::" in definition.name and _inside_type(decoded, extent.start):
        raise NestedInClassError(definition.name)
    position = declaration_start(decoded, extent.start)
    return _insertion(source, extent.path, position, text.strip("\r\n") + "\n\n")


def add_include(source: bytes, definition: Definition, line: str) -> Edit | None:
    """``#include`` line ``line`` goes to where it is in force at the definition; None when it is there already.

    Raises:
        StaleEdit: the file has changed since the definition was read.
    """
    extent = definition.extent
    require_fresh(source, extent)
    position = include_position(source.decode("latin-1"), extent.start, header_of(line))
    if position is None:
        return None
    return _insertion(source, extent.path, position, line.strip() + "\n")


def _insertion(source: bytes, path: str, position: int, text: str) -> Edit:
    """``text`` on lines of its own: before the line of ``position``, or behind what precedes it on that line."""
    line = max(source.rfind(b"\n", 0, position) + 1, len(BOM) if source.startswith(BOM) else 0)
    crowded = source[line:position].strip()
    place = position if crowded else line
    replacement = _with_line_endings(_encoded("\n" + text if crowded else text), source)
    return Edit(path, place, place, hashlib.sha256(b"").hexdigest(), replacement)


def _encoded(text: str) -> bytes:
    """UTF-8; characters that stand for bytes of the file which are not UTF-8 become those bytes again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _with_line_endings(text: bytes, source: bytes) -> bytes:
    """``text`` with the line endings that most lines of ``source`` have."""
    unix = text.replace(b"\r\n", b"\n")
    windows = source.count(b"\r\n")
    return unix.replace(b"\n", b"\r\n") if windows * 2 > source.count(b"\n") else unix


def _inside_type(text: str, offset: int) -> bool:
    """Does ``offset`` lie in the braces of a class? Unknown, where the file cannot be split, counts as no."""
    pieces = split_fragment(text)
    while not isinstance(pieces, UnparsableFragment):
        around = next((piece for piece in pieces if piece.code <= offset < piece.end), None)
        if around is None or not around.members:
            return around is not None and around.kind is PieceKind.TYPE
        pieces = around.members
    return False
