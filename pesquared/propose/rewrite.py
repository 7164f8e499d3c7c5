"""From the blocks of a reply to edits: the target replaced, shown callers too, what is new put before them."""

from collections.abc import Iterator, Sequence

from pesquared.core.proposal import Edit, ProposalRequest
from pesquared.errors import PesquaredError
from pesquared.propose.assembly import Assembly, Rewritten
from pesquared.propose.changed_types import retyped
from pesquared.propose.elision import elided
from pesquared.propose.existing import Existing
from pesquared.propose.refusal import Refused
from pesquared.propose.reply import Block
from pesquared.propose.search_replace import expanded
from pesquared.propose.shown import Read, Shown, means, original_signature
from pesquared.propose.signature import Signature, signature_of
from pesquared.source.fragments import Piece, PieceKind, UnparsableFragment, split_fragment
from pesquared.source.splice import NestedInClassError
from pesquared.source.tokens import same_tokens

LONGEST_CODE = 256 << 10  # characters in all blocks


def rewrite(blocks: Sequence[Block], request: ProposalRequest, read: Read) -> tuple[Edit, ...]:
    """The edits that ``blocks`` ask for.

    A definition with the target's name and parameters replaces it, one of a shown caller replaces that, includes
    are merged, declarations that the prompt showed are taken for repetition; all else goes before the target.

    Args:
        blocks: of the reply, in order.
        request: what was asked.
        read: gives the files as they are now.

    Raises:
        Refused: they cannot be applied.
    """
    shown = Shown(request, read)
    _check_target(shown)
    _check_text(blocks, shown)
    reading = _Reading(shown)
    for block in expanded(blocks, shown):
        reading.take(block)
    rewritten = reading.target()
    try:
        return Assembly(
            shown, rewritten, reading.callers, reading.includes, reading.additions, reading.types
        ).edits()
    except NestedInClassError as error:
        raise Refused("nested-helper", f"{error.message}; put everything into the function") from error
    except (PesquaredError, OSError) as error:
        raise Refused("stale", f"the file is not what the prompt showed: {error}") from error


def _check_target(shown: Shown) -> None:
    target = shown.target
    if target.from_macro:
        raise Refused("macro-generated", f"{target.name} comes out of a macro: there is no text to replace")
    if target.base_name == "main" and shown.is_sealed(target.extent.path):
        raise Refused("sealed", f"main in {target.extent.path} may not be changed")


def _check_text(blocks: Sequence[Block], shown: Shown) -> None:
    if not blocks:
        raise Refused("no-code", "the reply holds no fenced block of C or C++")
    if sum(len(block.text) for block in blocks) > LONGEST_CODE:
        raise Refused("too-large", f"the blocks hold more than {LONGEST_CODE >> 10} KiB")
    known = "\n".join((shown.context.text, *(caller.text for caller in shown.context.callers)))
    for block in blocks:
        left_out = elided(block.text, known)
        if left_out:
            raise Refused("elided", f"code is left out where the reply says {left_out[:80]!r}: write all of it")


class _Reading:
    """Sorts the pieces of all blocks by what they mean."""

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self.existing = Existing(shown)
        self.signature = original_signature(shown.context.text)
        self.targets: list[Rewritten] = []
        self.others: list[str] = []  # heads of functions with the target's name and other parameters
        self.names: list[str] = []
        self.callers: list[Rewritten] = []
        self.types: list[Edit] = []
        self.includes: dict[str, list[str]] = {}
        self.additions: dict[str, list[str]] = {}

    def take(self, block: Block) -> None:
        """Sorts one block."""
        path = self.shown.path_of(block.path)
        pieces = split_fragment(block.text)
        if isinstance(pieces, UnparsableFragment):
            raise Refused("unparsable", f"line {pieces.line} of a block: {pieces.reason}")
        for piece in self._unwrapped(pieces):
            self._sort(piece, block.text, path, path if block.path else "")

    def target(self) -> Rewritten:
        """The one new definition of the target."""
        name = self.shown.target.name
        if not self.targets and self.others:
            raise Refused(
                "signature-changed",
                f"the signature of {name} has to stay {self.shown.target.signature!r}, not {self.others[0]!r}",
            )
        if not self.targets:
            defined = f"; it defines {', '.join(self.names[:5])}" if self.names else ""
            raise Refused("target-missing", f"the reply does not define {name}{defined}")
        if any(not same_tokens(self.targets[0].text, other.text) for other in self.targets[1:]):
            raise Refused("ambiguous-reply", f"the reply defines {name} in {len(self.targets)} different ways")
        return self.targets[0]

    def _unwrapped(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """Takes namespaces and ``extern "C"`` off what stands in them in the file already."""
        for piece in pieces:
            if piece.kind is PieceKind.SCOPE and self._is_around_target(piece):
                yield from self._unwrapped(piece.members)
            else:
                yield piece

    def _is_around_target(self, scope: Piece) -> bool:
        if scope.name and self.shown.target.name.startswith(scope.name + "::"):
            return True
        names = [function.name for function in scope.functions()]
        return any(means(name, self.shown.target.name) or self.shown.callers_named(name, "") for name in names)

    def _sort(self, piece: Piece, text: str, path: str, named_path: str) -> None:
        if piece.kind is PieceKind.BLANK or text[piece.code : piece.end].strip() == ";":
            return
        if piece.kind is PieceKind.INCLUDE:
            self.includes.setdefault(path, []).append(text[piece.code : piece.end].strip())
            return
        functions = list(piece.functions())
        self.names += [function.name for function in functions]
        if path == self.shown.target.extent.path and self._is_target(functions):
            self.targets.append(Rewritten.of(self.shown.target, piece, text))
        elif self.existing.is_changed_type(piece, text):
            self._retype(piece, text, path)
        elif not self._is_caller(piece, text, named_path) and self.existing.is_new(piece, text, path):
            self.additions.setdefault(path, []).append(text[piece.start : piece.end].strip())

    def _retype(self, piece: Piece, text: str, path: str) -> None:
        """A shown type, laid out anew; said twice it has to be the same."""
        edit = retyped(self.shown, piece.name, text[piece.code : piece.end], path)
        if any(one != edit and (one.path, one.start) == (edit.path, edit.start) for one in self.types):
            raise Refused("ambiguous-reply", f"the reply defines {piece.name} in different ways")
        if edit not in self.types:
            self.types.append(edit)

    def _is_target(self, functions: Sequence[Piece]) -> bool:
        """Is the target among them, with its parameters? Notes what it is like if it has others."""
        target = self.shown.target
        named = [function for function in functions if means(function.name, target.name)]
        same = [function for function in named if self._has_parameters(function)]
        for function in same:
            if self.signature is not None and signature_of(function) != self.signature:
                raise Refused(
                    "signature-changed",
                    f"{target.name} has to stay {target.signature!r}, not {head_of(function)!r}",
                )
        self.others += [head_of(function) for function in named if function not in same]
        return bool(same)

    def _has_parameters(self, function: Piece) -> bool:
        return self.signature is None or signature_of(function).parameters == self.signature.parameters

    def _is_caller(self, piece: Piece, text: str, named_path: str) -> bool:
        """Does it redefine a shown caller? Notes the new definition unless it is the old one."""
        found = self.shown.callers_named(piece.name, named_path) if piece.kind is PieceKind.FUNCTION else []
        if not found:
            return False
        new = text[piece.code : piece.end]
        if any(same_tokens(new, caller.text) for caller in found):
            return True
        fitting = [caller for caller in found if _fits(original_signature(caller.text), piece)]
        if not fitting:
            raise Refused("signature-changed", f"the signature of {piece.name} has to stay as it is")
        if len(fitting) > 1:
            raise Refused("ambiguous-reply", f"{piece.name} may be one of several: name the file in the fence")
        definition = fitting[0].definition
        if definition.base_name == "main" or self.shown.is_sealed(definition.extent.path):
            raise Refused("sealed", f"{definition.name} in {definition.extent.path} may not be changed")
        if definition.from_macro:
            raise Refused("macro-generated", f"{definition.name} comes out of a macro")
        again = [earlier for earlier in self.callers if earlier.definition.key == definition.key]
        if any(not same_tokens(earlier.text, new) for earlier in again):
            raise Refused("ambiguous-reply", f"the reply defines {definition.name} in different ways")
        if not again:
            self.callers.append(Rewritten.of(definition, piece, text))
        return True


def head_of(function: Piece) -> str:
    """The signature as the reply wrote it, on one line."""
    return " ".join(f"{function.head}{function.name}({function.parameters}){function.tail}".split())


def _fits(signature: Signature | None, function: Piece) -> bool:
    """Same parameters? What cannot be read fits."""
    return signature is None or signature.parameters == signature_of(function).parameters
