"""A function's body as tokens and statements: enough of C and C++ to change it in small ways without a parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from pesquared.source.brackets import Brackets, Unbalanced, match_brackets
from pesquared.source.declarators import declared_name
from pesquared.source.fragments import PieceKind, UnparsableFragment, split_fragment
from pesquared.source.tokens import Token, tokens

HEADERS = frozenset({"if", "while", "for", "switch"})
JUMPS = frozenset({"return", "break", "continue", "goto", "co_return"})
RECORDS = frozenset({"struct", "union", "class", "enum"})
OPENERS = frozenset({"{", "}", ";", "else", "do", "try"})  # behind these a statement begins
MOST_TOKENS = 50_000  # of a function; a larger one was written by a program

Range = tuple[int, int]  # token indices, the second is not in it


@dataclass(frozen=True, slots=True)
class Body:
    """The tokens of a definition, comments left out; offsets count bytes of its text (decoded as Latin-1)."""

    text: str
    tokens: tuple[Token, ...]
    brackets: Brackets
    first: int  # index of the first token inside the body
    stop: int  # index of the brace that closes it
    cpp: bool
    void: bool  # it returns nothing

    def closing(self, index: int) -> int:
        """What closes the bracket at ``index``; the index itself where there is none."""
        return self.brackets.closing.get(index, index)

    def word(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""


def read_body(text: str, *, cpp: bool) -> Body | None:
    """The body of the function definition ``text``, bytes decoded as Latin-1; None where none can be told."""
    code = tuple(token for token in tokens(text) if token.kind != "comment")
    brackets = match_brackets(code)
    if len(code) < 2 or len(code) > MOST_TOKENS or isinstance(brackets, Unbalanced) or code[-1].text != "}":
        return None
    opening = brackets.opening.get(len(code) - 1)
    if opening is None:
        return None
    return Body(text, code, brackets, opening + 1, len(code) - 1, cpp, _returns_nothing(text))


def _returns_nothing(text: str) -> bool:
    pieces = split_fragment(text)
    if isinstance(pieces, UnparsableFragment):
        return False
    function = next((piece for piece in pieces if piece.kind is PieceKind.FUNCTION), None)
    if function is None:
        return False
    words = [token.text for token in tokens(function.head)]
    structor = not set(words) - {"inline", "explicit", "constexpr", "virtual", "template"} and not function.tail
    return structor or (words[-1:] == ["void"] and "->" not in function.tail)


class StatementKind(Enum):
    DECLARATION = auto()
    EXPRESSION = auto()
    JUMP = auto()
    HEADER = auto()  # of an if, while, for or switch: from its word to the ``)``
    UNTIL = auto()  # the condition of a ``do``: ``while (…)``


@dataclass(frozen=True, slots=True)
class Statement:
    """Tokens ``first … stop - 1``; a ``;`` that ends it stands at ``stop``."""

    kind: StatementKind
    first: int
    stop: int
    name: int = -1  # the first that it declares


def statements(body: Body) -> Iterator[Statement]:
    """The body's statements, those inside others among them, each once; blocks are looked through.

    Total: what is no statement is taken for an expression. The bodies of lambdas hold statements, too.
    """
    waiting = [(body.first, body.stop)]
    while waiting:
        index, stop = waiting.pop()
        dos: list[int] = []  # the brace that ends the block of an open ``do``
        while index < stop:
            token = body.tokens[index]
            if token.text == "do" and body.word(index + 1) == "{":
                dos.append(body.closing(index + 1))
            if token.kind == "directive" or token.text in OPENERS:
                index += 1
            elif token.text in HEADERS and (header := _header(body, index, stop)):
                until = bool(dos) and dos[-1] == index - 1
                if until:
                    dos.pop()
                yield Statement(StatementKind.UNTIL if until else StatementKind.HEADER, index, header)
                index = header
            elif (label := _label_end(body, index, stop)) > index:
                index = label
            else:
                found, inner, index = _simple(body, index, stop)
                waiting += inner
                if found is not None:
                    yield found


def _header(body: Body, index: int, stop: int) -> int:
    """Behind the ``)`` of ``if (…)``, ``if constexpr (…)``; 0 where there is none."""
    opening = index + 2 if body.word(index + 1) == "constexpr" else index + 1
    if body.word(opening) != "(":
        return 0
    closing = body.closing(opening)
    return closing + 1 if opening < closing < stop else 0


def _label_end(body: Body, index: int, stop: int) -> int:
    """Behind the ``:`` of a label or a case, the ``)`` of a catch; ``index`` itself where none stands there."""
    text = body.word(index)
    if text == "catch" and body.word(index + 1) == "(":
        return body.closing(index + 1) + 1
    if text == "case":
        at = index + 1
        while at < stop and body.word(at) not in (":", ";", "{", "}"):
            at = body.closing(at) + 1
        return at + 1 if body.word(at) == ":" else index
    if body.tokens[index].kind == "word" and body.word(index + 1) == ":":
        return index + 2
    return index


def _simple(body: Body, first: int, stop: int) -> tuple[Statement | None, list[Range], int]:
    """A statement that ends with ``;``: itself, the bodies of lambdas in it, and where the next one begins.

    A macro that opens a block, ``each(item, list) {``, is no statement: its block is looked into.
    """
    at = first
    while at < stop and body.word(at) not in (";", "}"):  # a block may end without a ``;``: behind a macro
        if body.word(at) == "{":
            if body.word(first) in RECORDS and at <= first + 2:
                return None, [], _behind(body, at, stop)
            if body.word(at - 1) == ")" and body.brackets.opening.get(at - 1) == first + 1:
                return None, [], at
        at = max(body.closing(at), at) + 1
    at = min(at, stop)
    lambdas = list(_lambdas(body, first, at)) if body.cpp else []
    if body.word(first) in JUMPS:
        return Statement(StatementKind.JUMP, first, at), lambdas, at + 1
    name = declared_name(body.tokens, body.brackets, first, at, cpp=body.cpp)
    kind = StatementKind.EXPRESSION if name < 0 else StatementKind.DECLARATION
    return Statement(kind, first, at, name), lambdas, at + 1


def _lambdas(body: Body, first: int, stop: int) -> Iterator[Range]:
    """Blocks behind a ``)`` in an expression, or right behind the ``[…]`` that opens it."""
    at = first
    while at < stop:
        closing = body.closing(at)
        captures = body.brackets.opening.get(at - 1, at) if body.word(at - 1) == "]" else at
        bare = captures < at and body.word(captures - 1) in ("(", ",", "=", "return")
        if body.word(at) == "{" and at < closing < stop and (bare or body.word(at - 1) == ")"):
            yield at + 1, closing
            at = closing
        at += 1


def _behind(body: Body, brace: int, stop: int) -> int:
    """Behind the ``;`` of a type that is defined here."""
    at = body.closing(brace)
    while at < stop and body.word(at) != ";":
        at = body.closing(at) + 1
    return at + 1
