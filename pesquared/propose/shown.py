"""What the prompt showed of the code base, so that a reply that repeats it is told from one that changes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from pesquared.core.proposal import ProposalRequest
from pesquared.core.sealing import is_sealed
from pesquared.core.source import Caller, Definition, FunctionContext
from pesquared.propose.refusal import Refused
from pesquared.propose.signature import Signature, signature_of
from pesquared.source.fragments import Piece, UnparsableFragment, split_fragment

LONGEST_HEADER = 2 << 20  # bytes of a file that is searched for a type

Read = Callable[[str], bytes]
"""A file of the code base, by its path relative to that. Raises OSError where there is none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The request, as a reply is compared with it."""

    request: ProposalRequest
    read: Read

    @property
    def context(self) -> FunctionContext:
        return self.request.context

    @property
    def target(self) -> Definition:
        return self.context.definition

    def is_sealed(self, path: str) -> bool:
        return is_sealed(path, self.request.sealed)

    def path_of(self, named: str) -> str:
        """The file that a fence means: "" is the target's, a bare file name the one shown with that name.

        Raises:
            Refused: sealed or bad-path.
        """
        if not named:
            return self.target.extent.path
        path = PurePosixPath(named)
        if path.is_absolute() or ".." in path.parts or "\\" in named or not named.isprintable() or not path.parts:
            raise Refused("bad-path", f"{named!r} is not a path within the code base")
        known = {self.target.extent.path, *(caller.definition.extent.path for caller in self.context.callers)}
        fitting = [one for one in known if PurePosixPath(one).parts[-len(path.parts) :] == path.parts]
        if str(path) in known or len(fitting) == 1:
            return str(path) if str(path) in known else fitting[0]
        if self.is_sealed(str(path)):
            raise Refused("sealed", f"{path} may not be changed")
        try:
            source = self.read(str(path))
        except OSError:
            raise Refused("bad-path", f"there is no file {path} in the code base") from None
        if self._defines_a_shown_type(source):
            return str(path)
        raise Refused("bad-path", f"{path} was not shown; what may change is in {', '.join(sorted(known))}")

    def _defines_a_shown_type(self, source: bytes) -> bool:
        """Does the file hold, word for word, a type that the prompt showed?"""
        text = " ".join(source[:LONGEST_HEADER].decode("utf-8", "surrogateescape").split())
        return any(" ".join(one.strip().rstrip(";").split()) in text for one in self.context.types if one.strip())

    def callers_named(self, name: str, named_path: str) -> list[Caller]:
        """The shown callers that a definition called ``name`` means; ``named_path`` is the fence's file, or ""."""
        return [
            caller
            for caller in self.context.callers
            if caller.definition.key != self.target.key
            and means(name, caller.definition.name)
            and named_path in ("", caller.definition.extent.path)
        ]

    def anchor(self, path: str) -> Definition:
        """The definition before which new code of the file goes.

        Raises:
            Refused: bad-path, where nothing of the file was shown but a type.
        """
        if path == self.target.extent.path:
            return self.target
        callers = (caller.definition for caller in self.context.callers)
        found = next((one for one in callers if one.extent.path == path), None)
        if found is None:  # a file of which only a type was shown
            raise Refused("bad-path", f"in {path} only the type that was shown may change")
        return found


def means(written: str, qualified: str) -> bool:
    """Does ``written``, with as many scopes as someone cared to write, mean the function called ``qualified``?"""
    parts = [part for part in qualified.split("::") if part and not part.startswith("(anonymous")]
    said = [part for part in written.split("::") if part]
    return bool(said) and parts[-len(said) :] == said


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The pieces of text from the code base; none where it cannot be split."""
    pieces = split_fragment(text)
    return () if isinstance(pieces, UnparsableFragment) else pieces


def original_signature(text: str) -> Signature | None:
    """The signature of a shown definition; None where only a compiler could tell it."""
    function = next((found for piece in pieces_of(text) for found in piece.functions()), None)
    return signature_of(function) if function else None
