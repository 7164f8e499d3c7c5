"""Tells declarations and types from expressions by their tokens alone, as people do who never saw the headers."""

from collections.abc import Sequence

from pesquared.source.brackets import Brackets
from pesquared.source.tokens import Token

TYPE_WORDS = frozenset(
    {
        "void", "bool", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "auto", "wchar_t",
        "char8_t", "char16_t", "char32_t", "const", "volatile", "struct", "union", "enum", "class", "typename",
        "_Bool", "_Complex", "size_t",
    }
)  # fmt: skip
NO_TYPES = frozenset(
    {
        "return", "break", "continue", "goto", "delete", "new", "throw", "sizeof", "alignof", "case", "default",
        "this", "true", "false", "nullptr", "if", "else", "for", "while", "do", "switch", "co_return", "co_yield",
        "co_await", "operator", "not", "and", "or",
    }
)  # fmt: skip
BEHIND_A_NAME = frozenset({"=", ";", "[", ",", "(", "{", ":", ")"})
IN_ANGLES = frozenset({"::", ",", "*", "&", "&&", "..."})
LONGEST_TYPE = 60  # tokens, in angles or in a cast


def declared_name(tokens: Sequence[Token], brackets: Brackets, first: int, stop: int, *, cpp: bool) -> int:
    """Where the first name stands that ``tokens[first:stop]`` declares; -1 if they declare nothing.

    ``a * b;`` counts as a declaration: as an expression it would do nothing.
    """
    at, words, name = first, 0, -1
    joined = False  # the next word goes on with the one before: behind ``::``
    while at < stop:
        token = tokens[at]
        if token.kind == "word" and token.text not in NO_TYPES:
            words += not joined
            name, joined = at, False
            if token.text in ("decltype", "alignas", "__attribute__", "typeof") and at + 1 in brackets.closing:
                at = brackets.closing[at + 1]
        elif token.text == "::":
            joined = words > 0
        elif token.text == "<" and cpp and (end := angle_end(tokens, at, stop)):
            at = end - 1
        elif token.text == "[" and at + 1 < stop and tokens[at + 1].text == "[" and at in brackets.closing:
            at = brackets.closing[at]  # an attribute
        elif token.text not in ("*", "&", "&&", "..."):
            break
        at += 1
    if words == 1 and name == at - 1 and tokens[name].text == "auto" and at < stop and tokens[at].text == "[":
        return at  # structured bindings
    known = words >= 2 and tokens[name].text not in TYPE_WORDS
    return name if known and name == at - 1 and (at == stop or tokens[at].text in BEHIND_A_NAME) else -1


def angle_end(tokens: Sequence[Token], opening: int, stop: int) -> int:
    """Behind the ``>`` of template arguments that open at ``opening``; 0 where ``<`` means less.

    Only what types are made of may stand between, so that ``a < b && c > d`` is none.
    """
    if opening == 0 or tokens[opening - 1].kind != "word":
        return 0
    depth = 0
    for at in range(opening, min(stop, opening + LONGEST_TYPE)):
        token = tokens[at]
        if token.text == "<":
            depth += 1
        elif token.text in (">", ">>"):
            depth -= len(token.text)
            if depth <= 0:
                return at + 1 if depth == 0 else 0
        elif token.kind not in ("word", "number") and token.text not in IN_ANGLES:
            return 0
    return 0


def is_cast(tokens: Sequence[Token], opening: int, closing: int) -> bool:
    """Is what stands in these parentheses a type, as in ``(unsigned char *)p``?"""
    if closing - opening > LONGEST_TYPE:
        return False
    inside = tokens[opening + 1 : closing]
    if not inside or any(token.kind != "word" and token.text not in ("*", "&", "::") for token in inside):
        return False
    words = [token.text for token in inside if token.kind == "word"]
    if not words or NO_TYPES & set(words):
        return False
    pointer = inside[-1].text in ("*", "&")
    return pointer or bool(TYPE_WORDS & set(words)) or words[-1].endswith("_t")
