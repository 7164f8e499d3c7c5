"""Types that a reply lays out anew: found in the function's file, or in one that a fence names."""

from pesquared.core.proposal import Edit
from pesquared.propose.refusal import Refused
from pesquared.propose.shown import Shown, pieces_of
from pesquared.source.fragments import Piece, PieceKind
from pesquared.source.splice import replace_span
from pesquared.source.tokens import same_tokens

LONGEST_FILE = 2 << 20  # bytes of a file that is searched for types


def retyped(shown: Shown, name: str, text: str, path: str) -> Edit:
    """The edit that makes ``text`` of the type's definition.

    Args:
        shown: what the prompt showed; the type is among it.
        name: of the type.
        text: its new definition, up to its ``;``.
        path: the file in which it is looked for.

    Raises:
        Refused: sealed; or type-changed, where it does not stand in the file once, or was shown in part only.
    """
    if shown.is_sealed(path):
        raise Refused("sealed", f"{path} may not be changed")
    source = shown.read(path)
    found = types_in(source, name)
    if len(found) != 1:
        where = "is not defined" if not found else f"is defined {len(found)} times"
        raise Refused(
            "type-changed", f"the type {name} {where} in {path}: name its file in the fence, or leave it"
        )
    piece = found[0]
    there = source[piece.code : piece.end].rstrip().decode("utf-8", "surrogateescape")
    if not any(same_tokens(_bare(there), _bare(one)) for one in shown.context.types):
        raise Refused("type-changed", f"the type {name} was shown in part only and has to stay as it is")
    end = piece.code + len(source[piece.code : piece.end].rstrip())
    return replace_span(source, path, piece.code, end, _bare(text) + ";")


def types_in(source: bytes, name: str) -> list[Piece]:
    """The definitions of a type; their offsets are those of bytes."""
    if len(source) > LONGEST_FILE:
        return []
    return [piece for piece in _all(pieces_of(source.decode("latin-1"))) if piece.name == name]


def _all(pieces: tuple[Piece, ...]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        found += [piece] if piece.kind is PieceKind.TYPE else _all(piece.members)
    return found


def _bare(text: str) -> str:
    return text.strip().rstrip(";").rstrip()
