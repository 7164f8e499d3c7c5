"""Is it the same function? Heads compared as a linker or a caller would see them: without names and decoration."""

from dataclasses import dataclass

from pesquared.source.fragments import Piece
from pesquared.source.tokens import Token, tokens

# What may come or go without another caller noticing. ``restrict`` on a parameter is no part of a function's type.
IGNORED = frozenset({
    "inline", "__inline", "__inline__", "__forceinline", "extern", "register", "virtual", "constexpr",
    "restrict", "__restrict", "__restrict__",
})  # fmt: skip
ATTRIBUTES = frozenset({"__attribute__", "__attribute", "__declspec"})
QUALIFIERS = frozenset({"const", "volatile", "struct", "union", "enum", "class", "typename", "unsigned", "signed"})
BASIC_TYPES = frozenset({
    "void", "bool", "_Bool", "char", "short", "int", "long", "float", "double", "auto", "unsigned", "signed",
    "wchar_t", "char8_t", "char16_t", "char32_t", "__int128", "_Complex",
})  # fmt: skip
OPENING = frozenset({"(", "[", "{"})
CLOSING = frozenset({")", "]", "}"})


@dataclass(frozen=True, slots=True)
class Signature:
    """Comparable parts: tokens of the return type with ``static``, types of the parameters, qualifiers behind."""

    result: tuple[str, ...]
    parameters: tuple[tuple[str, ...], ...]
    tail: tuple[str, ...]


def signature_of(function: Piece) -> Signature:
    """The signature of a function definition."""
    tail = _plain(function.tail)
    if ":" in tail:  # a constructor's members are no part of it
        tail = tail[: tail.index(":")]
    return Signature(tuple(_plain(function.head)), parameter_types(function.parameters), tuple(tail))


def parameter_types(text: str) -> tuple[tuple[str, ...], ...]:
    """The types of ``const double *a, int n``: ``((const, double, *), (int,))``; of ``void`` ``()``."""
    types = [_without_name(parameter) for parameter in _split(_plain(text))]
    return () if types in ([], [()], [("void",)]) else tuple(types)


def _plain(text: str) -> list[str]:
    """Tokens without comments, directives, attributes and words that change nothing."""
    code = [token for token in tokens(text) if token.kind not in ("comment", "directive")]
    found: list[str] = []
    at = 0
    while at < len(code):
        text_at = code[at].text
        if text_at in ATTRIBUTES and at + 1 < len(code) and code[at + 1].text == "(":
            at = _behind_brackets(code, at + 1)
        elif text_at == "[" and at + 1 < len(code) and code[at + 1].text == "[":
            at = _behind_brackets(code, at)
        else:
            if text_at not in IGNORED:
                found.append(text_at)
            at += 1
    return found


def _behind_brackets(code: list[Token], at: int) -> int:
    """Index behind the bracket that closes the one at ``at``."""
    depth = 0
    while at < len(code):
        depth += (code[at].text in OPENING) - (code[at].text in CLOSING)
        at += 1
        if depth <= 0:
            break
    return at


def _split(words: list[str]) -> list[list[str]]:
    """Parameters: parted by commas that stand in no brackets, default arguments dropped."""
    parts: list[list[str]] = [[]]
    depth = angles = 0
    default = False
    for word in words:
        depth += (word in OPENING) - (word in CLOSING)
        if not default:
            angles += {"<": 1, ">": -1, ">>": -2}.get(word, 0)
        if word == "," and depth == 0 and angles <= 0:
            parts.append([])
            default = False
        elif word == "=" and depth == 0:
            default = True
        elif not default:
            parts[-1].append(word)
    return parts


def _without_name(words: list[str]) -> tuple[str, ...]:
    """``const char * name [ 4 ]`` → ``const char * [ 4 ]``; ``int ( * f ) ( int )`` → ``int ( * ) ( int )``."""
    for at in range(len(words) - 2):
        if words[at] == "(" and words[at + 1] in ("*", "&", "^") and _is_name(words[at + 2]):
            return (*words[: at + 2], *words[at + 3 :])
    end = words.index("[") if "[" in words else len(words)
    typed = any(word not in QUALIFIERS or word in BASIC_TYPES for word in words[: end - 1])
    if end > 1 and typed and _is_name(words[end - 1]):
        return (*words[: end - 1], *words[end:])
    return tuple(words)


def _is_name(word: str) -> bool:
    """Can it be a parameter's name?"""
    return (word[0].isalpha() or word[0] == "_" or not word.isascii()) and word not in BASIC_TYPES | QUALIFIERS
