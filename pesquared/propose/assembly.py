"""Turns what a reply changes into edits of the files, in the order in which they may be applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pesquared.core.proposal import Edit
from pesquared.core.source import Definition
from pesquared.propose.shown import Shown
from pesquared.source.fragments import Piece, PieceKind
from pesquared.source.includes import declaration_start
from pesquared.source.splice import add_include, insert_helper_before, replace_definition


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A definition and its new text; ``comment`` is what the reply wrote directly above it."""

    definition: Definition
    text: str
    comment: str
    is_conditional: bool  # several versions of it in #if … #endif

    @classmethod
    def of(cls, definition: Definition, piece: Piece, text: str) -> "Rewritten":
        above = text[piece.start : piece.code]
        comment = above.rpartition("\n\n")[2].strip() if above.count("\n") else above.strip()
        return cls(definition, text[piece.code : piece.end].rstrip(), comment, piece.kind is PieceKind.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class Assembly:
    """All that a reply changes. Includes and additions by file."""

    shown: Shown
    target: Rewritten
    callers: Sequence[Rewritten]
    includes: Mapping[str, Sequence[str]]
    additions: Mapping[str, Sequence[str]]
    types: Sequence[Edit] = ()

    def edits(self) -> tuple[Edit, ...]:
        """The edits; of several at one place, includes come first, then what is new, then the definition.

        Raises:
            NestedInClassError: there is something new, and the definition stands in a class.
            PesquaredError: a file has changed since it was read.
            OSError: a file cannot be read.
        """
        found: list[Edit] = []
        for path, lines in self.includes.items():
            source, anchor = self.shown.read(path), self.shown.anchor(path)
            added = [add_include(source, anchor, line) for line in dict.fromkeys(lines)]
            found += [edit for edit in added if edit is not None]
        for path, texts in self.additions.items():
            text = "\n\n".join(dict.fromkeys(texts))
            found.append(insert_helper_before(self.shown.read(path), self.shown.anchor(path), text))
        found += self.types
        found += [self._replacement(one) for one in (self.target, *self.callers)]
        return tuple(found)

    def _replacement(self, rewritten: Rewritten) -> Edit:
        definition = rewritten.definition
        source = self.shown.read(definition.extent.path)
        text = rewritten.text
        start = definition.extent.start
        before = source[source.rfind(b"\n", 0, start) + 1 : start].strip()
        decoded = source.decode("latin-1")
        commented = decoded[declaration_start(decoded, start) : start].strip()
        if rewritten.comment and not commented and not before:
            text = f"{rewritten.comment}\n{text}"
        if rewritten.is_conditional:  # preprocessor lines need lines of their own
            after = source[definition.extent.end : definition.extent.end + 2]
            text = ("\n" if before else "") + text + ("" if after[:1] == b"\n" or after == b"\r\n" else "\n")
        return replace_definition(source, definition, text)
