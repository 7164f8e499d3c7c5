"""Splits C or C++ text into its top-level pieces without a parser: what a reply or a file defines, and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pesquared.source.brackets import OPENING_CONDITIONS, Brackets, Unbalanced, match_brackets
from pesquared.source.heads import Head, HeadKind, read_head
from pesquared.source.tokens import Token, tokens

DEEPEST = 60  # scopes and #ifs inside each other
MOST_SPECIFIERS = 8  # tokens between a constructor's parameters and its ":": noexcept(…), attributes


class PieceKind(StrEnum):
    INCLUDE = "include"
    DIRECTIVE = "directive"  # any other preprocessor line
    CONDITIONAL = "conditional"  # #if … #endif; the members of all branches, none where braces cross it
    SCOPE = "scope"  # namespace X { … } or extern "C" { … }
    FUNCTION = "function"
    TYPE = "type"  # struct, union, enum, class with a body, or typedef, using
    DECLARATION = "declaration"  # anything else that ends with ";"
    BLANK = "blank"  # nothing but white space and comments


@dataclass(frozen=True, slots=True)
class Piece:
    """One top-level piece. Offsets are characters of the text that was split.

    ``start`` is where the piece before ended, so that all pieces together are the text; ``code`` is where the
    piece's first token stands, behind white space and comments.
    """

    kind: PieceKind
    start: int
    code: int
    end: int
    name: str = ""  # function: qualified by the scopes around it; scope: its namespace, "" for extern "C"
    head: str = ""  # function: what stands before the name
    parameters: str = ""  # function: between the parentheses
    tail: str = ""  # function: between the parameters and the body
    members: tuple["Piece", ...] = ()

    @property
    def is_static(self) -> bool:
        return self.kind is PieceKind.FUNCTION and "static" in self.head.split()

    def functions(self) -> Iterator["Piece"]:
        """The function definitions in it, however deep."""
        if self.kind is PieceKind.FUNCTION:
            yield self
        for member in self.members:
            yield from member.functions()


@dataclass(frozen=True, slots=True)
class UnparsableFragment:
    """The text cannot be split."""

    reason: str
    line: int  # 1-based


def split_fragment(text: str) -> tuple[Piece, ...] | UnparsableFragment:
    """The pieces of ``text`` in order, covering it without gaps.

    Args:
        text: C or C++ source, or a fenced block of a reply.
    """
    if "\0" in text:
        return UnparsableFragment("a NUL byte", text.count("\n", 0, text.index("\0")) + 1)
    code = []
    depth = 0
    for token in tokens(text):
        depth += {"endif": -1}.get(token.directive, int(token.directive in OPENING_CONDITIONS))
        if token.unterminated and (depth == 0 or token.kind == "comment"):
            return UnparsableFragment(f"a {token.kind} that is never closed", _line(text, token.start))
        if token.kind != "comment":
            code.append(token)
    brackets = match_brackets(code)
    if isinstance(brackets, Unbalanced):
        return UnparsableFragment(brackets.reason, _line(text, code[brackets.index].start))
    try:
        return _Splitter(text, tuple(code), brackets).pieces(0, len(code), 0, len(text), _Around("", 0))
    except _NotADeclaration as problem:
        return UnparsableFragment(problem.reason, _line(text, problem.offset))


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


class _NotADeclaration(Exception):  # noqa: N818 - it is caught in this file and means no error of ours
    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class _Around:
    """The scopes around a piece, by name, and how deep it stands."""

    scope: str
    depth: int

    def qualified(self, name: str) -> str:
        return "::".join(part for part in (self.scope, name) if part)

    def within(self, name: str) -> "_Around":
        return _Around(self.qualified(name), self.depth + 1)


@dataclass(frozen=True, slots=True)
class _Splitter:
    """Walks the tokens once; recursion goes down into scopes and conditionals only."""

    text: str
    tokens: tuple[Token, ...]
    brackets: Brackets

    def pieces(self, first: int, stop: int, begin: int, end: int, around: _Around) -> tuple[Piece, ...]:
        """The pieces of tokens ``first … stop``, covering the text from ``begin`` to ``end``."""
        if around.depth > DEEPEST:
            raise _NotADeclaration("scopes nested too deeply", begin)
        found: list[Piece] = []
        index, at = first, begin
        while index < stop:
            piece, index = self._piece(index, stop, at, around)
            at = piece.end
            found.append(piece)
        if at < end and found:
            last = found[-1]
            rest = self.text[at:end]
            if rest.strip():  # comments behind the last piece stand for themselves
                found.append(Piece(PieceKind.BLANK, at, end, end))
            else:
                found[-1] = _stretched(last, end)
        elif at < end:
            found.append(Piece(PieceKind.BLANK, at, end, end))
        return tuple(found)

    def _piece(self, index: int, stop: int, start: int, around: _Around) -> tuple[Piece, int]:
        token = self.tokens[index]
        if token.kind != "directive":
            return self._declaration(index, stop, start, around)
        endif = self.brackets.endif.get(index, stop)
        if token.directive not in OPENING_CONDITIONS or endif >= stop:
            kind = PieceKind.INCLUDE if token.directive == "include" else PieceKind.DIRECTIVE
            return Piece(kind, start, token.start, token.end), index + 1
        closing = self.tokens[endif]
        members: tuple[Piece, ...] = ()
        if not self.brackets.crosses(index + 1, endif, self.tokens):
            members = self.pieces(index + 1, endif, token.end, closing.start, around.within(""))
        return Piece(PieceKind.CONDITIONAL, start, token.start, closing.end, members=members), endif + 1

    def _declaration(self, first: int, stop: int, start: int, around: _Around) -> tuple[Piece, int]:
        """One declaration or definition, up to its ``;`` or the ``}`` of its body."""
        head: Head | None = None
        index = first
        while index < stop:
            token = self.tokens[index]
            if token.text == ";":
                return self._statement(first, index, start, head), index + 1
            if index > first and token.kind == "directive" and token.directive in ("include", "define", "undef"):
                break  # a macro call that wants no ";" stands before it
            if token.text == "{":
                if head is None:
                    head = read_head(self.tokens, first, index, self.brackets.closing)
                if not self._is_member_initialiser(head, index):
                    done = self._body(head, first, index, start, around)
                    if done is not None:
                        return done, self.brackets.closing[index] + 1
            index = min(self.brackets.closing.get(index, index), stop - 1) + 1
        return Piece(PieceKind.DECLARATION, start, self.tokens[first].start, self.tokens[index - 1].end), index

    def _body(self, head: Head, first: int, brace: int, start: int, around: _Around) -> Piece | None:
        """The piece whose body opens at ``brace``; None where it ends with a later ``;``."""
        opening = self.tokens[first]
        if brace == first or head.kind is HeadKind.STATEMENT:
            raise _NotADeclaration("statements outside of a function", opening.start)
        if brace not in self.brackets.closing:
            raise _NotADeclaration("a '{' that is closed in some branches of an #if only", opening.start)
        closing = self.brackets.closing[brace]
        code, end = opening.start, self.tokens[closing].end
        if head.kind is HeadKind.FUNCTION:
            parameters_end = self.brackets.closing[head.open_at]
            return Piece(
                PieceKind.FUNCTION,
                start,
                code,
                end,
                name=around.qualified(head.name),
                head=self.text[code : self.tokens[head.name_at].start],
                parameters=self.text[self.tokens[head.open_at].end : self.tokens[parameters_end].start],
                tail=self.text[self.tokens[parameters_end].end : self.tokens[brace].start],
            )
        if head.kind in (HeadKind.NAMESPACE, HeadKind.LINKAGE):
            inner = around.within(head.name)
            begin = self.tokens[brace].end
            members = self.pieces(brace + 1, closing, begin, self.tokens[closing].start, inner)
            return Piece(PieceKind.SCOPE, start, code, end, name=inner.scope, members=members)
        return None

    def _is_member_initialiser(self, head: Head, brace: int) -> bool:
        """``{`` behind a member's name in ``C::C() : a{1}, b(2) {``."""
        if head.kind is not HeadKind.FUNCTION or self.tokens[brace - 1].kind != "word":
            return False
        after = self.brackets.closing[head.open_at] + 1
        behind = range(after, min(brace, after + MOST_SPECIFIERS))
        return any(self.tokens[index].text == ":" for index in behind)

    def _statement(self, first: int, semicolon: int, start: int, head: Head | None) -> Piece:
        """What ended with a ``;`` at depth 0."""
        opening, end = self.tokens[first], self.tokens[semicolon].end
        if opening.text in ("typedef", "using") or (head is not None and head.kind is HeadKind.TYPE):
            name = head.name if head is not None else ""
            if opening.text == "typedef":
                name = self._declared_name(first, semicolon)
            elif opening.text == "using":
                name = self.tokens[min(first + 1, semicolon)].text
            return Piece(PieceKind.TYPE, start, opening.start, end, name=name)
        return Piece(PieceKind.DECLARATION, start, opening.start, end)

    def _declared_name(self, first: int, semicolon: int) -> str:
        """The last word of a typedef; of a function pointer the word behind ``(*``."""
        name = ""
        index = first
        while index < semicolon:
            token = self.tokens[index]
            if token.text == "(" and self.tokens[index + 1].text == "*":
                return self.tokens[index + 2].text
            name = token.text if token.kind == "word" else name
            index = self.brackets.closing.get(index, index) + 1
        return name


def _stretched(piece: Piece, end: int) -> Piece:
    """The piece with the white space behind it."""
    return Piece(
        piece.kind,
        piece.start,
        piece.code,
        end,
        piece.name,
        piece.head,
        piece.parameters,
        piece.tail,
        piece.members,
    )
