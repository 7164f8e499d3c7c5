"""What the code base has already: a reply that repeats it adds nothing, one that changes it unasked is refused."""

from pesquared.propose.refusal import Refused
from pesquared.propose.shown import Shown, pieces_of
from pesquared.propose.signature import Signature, signature_of
from pesquared.source.fragments import Piece, PieceKind
from pesquared.source.tokens import same_tokens, significant

LONGEST_FILE = 2 << 20  # bytes of a file that is searched for functions

Definitions = dict[str, list[tuple[Signature, str]]]


class Existing:
    """Tells new declarations from known ones.

    Args:
        shown: what the prompt showed.
    """

    def __init__(self, shown: Shown) -> None:
        context = shown.context
        declarations = (*context.types, *context.macros, *context.variables, *context.callees)
        self._shown = shown
        self._declarations = frozenset(declaration_key(text) for text in declarations)
        types = [piece for text in context.types for piece in pieces_of(text.rstrip().rstrip(";") + ";")]
        self._types = frozenset(piece.name for piece in types if piece.kind is PieceKind.TYPE and piece.name)
        self._functions: dict[str, Definitions] = {}

    def is_changed_type(self, piece: Piece, text: str) -> bool:
        """Is it a type that the prompt showed, laid out anew?"""
        known = piece.kind is PieceKind.TYPE and piece.name in self._types
        return known and declaration_key(text[piece.code : piece.end]) not in self._declarations

    def is_new(self, piece: Piece, text: str, path: str) -> bool:
        """Is the piece to be added to the file?

        Args:
            piece: any but the target and shown callers.
            text: what it was split from.
            path: the file.

        Raises:
            Refused: it is there and is other.
        """
        said = text[piece.code : piece.end]
        repeats = declaration_key(said) in self._declarations
        if piece.kind is PieceKind.FUNCTION:
            if piece.name == "main":
                raise Refused("sealed", "main may not be changed")
            there = self._same_function(piece, path)
            if there and not any(same_tokens(said, one) for one in there):
                raise Refused("not-shown", f"{piece.name} exists already and was not to be changed")
            repeats = bool(there)
        if not repeats and path != self._shown.target.extent.path and self._shown.is_sealed(path):
            raise Refused("sealed", f"{path} may not be changed")
        return not repeats

    def _same_function(self, function: Piece, path: str) -> list[str]:
        """The definitions in the file with its qualified name and parameters."""
        if path not in self._functions:
            self._functions[path] = self._read(path)
        signature = signature_of(function)
        return [
            text
            for found, text in self._functions[path].get(function.name, [])
            if found.parameters == signature.parameters
        ]

    def _read(self, path: str) -> Definitions:
        source = self._shown.read(path)
        found: Definitions = {}
        if len(source) <= LONGEST_FILE:
            text = source.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
            for piece in pieces_of(text):
                for one in piece.functions():
                    found.setdefault(one.name, []).append((signature_of(one), text[one.code : one.end]))
        return found


def declaration_key(text: str) -> tuple[str, ...]:
    """The tokens of a declaration without what may stand around it."""
    found = significant(text.strip().rstrip(";"))
    return tuple(found[1:] if found[:1] == ["extern"] else found)
