"""What the head of a C or C++ declaration says, the part before its ``{``: a function, a type, a scope or data.

Decided from tokens alone, so macros in heads (``EXPORT(int) f(int x)``) are told from functions by habit: names of
macros are written in capitals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pesquared.source.tokens import Token

CLASS_KEYS = frozenset({"struct", "union", "enum", "class"})
ATTRIBUTE_WORDS = frozenset(
    {"__attribute__", "__attribute", "__declspec", "alignas", "_Alignas", "asm", "__asm__"}
)
NO_PARAMETERS = ATTRIBUTE_WORDS | {
    "noexcept", "throw", "decltype", "typeof", "__typeof__", "requires", "explicit", "static_assert",
    "_Static_assert", "sizeof", "alignof", "_Alignof",
}  # fmt: skip
STATEMENTS = frozenset({"if", "for", "while", "switch", "do", "else", "return", "case", "goto"})


class HeadKind(StrEnum):
    FUNCTION = "function"
    TYPE = "type"
    NAMESPACE = "namespace"
    LINKAGE = "linkage"  # extern "C"
    DATA = "data"
    STATEMENT = "statement"  # no declaration at all: code that belongs into a function


@dataclass(frozen=True, slots=True)
class Head:
    """``name`` is as written, without template arguments. Indices count in the sequence that was read."""

    kind: HeadKind
    name: str = ""
    name_at: int = 0  # index of the name's first token
    open_at: int = 0  # index of the "(" of the parameters


def read_head(code: Sequence[Token], first: int, stop: int, closing: Mapping[int, int]) -> Head:
    """Reads ``code[first:stop]``, which ends before a ``{``.

    Args:
        code: tokens without comments.
        first: index of the declaration's first token.
        stop: index of the ``{``.
        closing: index of every opening bracket → index of the one that closes it.
    """
    begin = after_template(code, first, stop, closing)
    words = [code[index].text for index in range(begin, min(stop, begin + 3))]
    if "namespace" in words[:2]:
        return Head(HeadKind.NAMESPACE, _namespace_name(code, begin, stop, closing))
    if words[:1] == ["extern"] and stop == begin + 2 and code[begin + 1].kind == "string":
        return Head(HeadKind.LINKAGE)
    if words[:1] and words[0] in STATEMENTS:
        return Head(HeadKind.STATEMENT)
    function, is_data = _find_function(code, begin, stop, closing)
    key = next((i for i in range(begin, stop) if code[i].text in CLASS_KEYS), None)
    if key is not None and (function is None or _declares_type(code, key, function, closing)):
        return Head(HeadKind.TYPE, _type_name(code, key + 1, stop, closing))
    if is_data or function is None:
        return Head(HeadKind.DATA)
    return function


def after_template(code: Sequence[Token], first: int, stop: int, closing: Mapping[int, int]) -> int:
    """Index of the first token after any ``template <…>``."""
    index = first
    while index + 1 < stop and code[index].text == "template" and code[index + 1].text == "<":
        depth, at = 0, index + 1
        while at < stop:
            depth += {"<": 1, ">": -1, ">>": -2}.get(code[at].text, 0)
            at = closing.get(at, at) + 1
            if depth <= 0:
                break
        index = at
    return index


def _find_function(
    code: Sequence[Token], begin: int, stop: int, closing: Mapping[int, int]
) -> tuple[Head | None, bool]:
    """The function's name and parameters, and whether an initialiser shows that it is data instead."""
    candidates: list[Head] = []
    index = begin
    while index < stop:
        text = code[index].text
        if text == "operator":
            name_at = index
            index = _operator_end(code, index, stop)
            if index < stop and code[index].text == "(":
                candidates.append(_named(code, name_at, index, begin))
        elif text == "=":
            return None, True
        elif text in (":", "->") and candidates:
            break
        elif text == "(" and index > begin and _may_be_named(code[index - 1]):
            candidates.append(_candidate(code, index, closing, begin))
        index = closing.get(index, index) + 1
    usual = [head for head in candidates if not (head.name.isupper() and len(head.name) > 1)]
    chosen = usual[-1:] or candidates[:1]
    return (chosen[0] if chosen else None), False


def _may_be_named(token: Token) -> bool:
    return (token.kind == "word" and token.text not in NO_PARAMETERS) or token.text == ">"


def _candidate(code: Sequence[Token], index: int, closing: Mapping[int, int], begin: int) -> Head:
    """A parenthesis after a word: parameters, unless it holds ``* name(…)``, as in ``T (*f(int))(int)``."""
    inner = index + 1
    while inner < closing.get(index, inner) and code[inner].text in ("*", "&"):
        inner += 1
    if inner > index + 1 and code[inner].kind == "word" and code[inner + 1].text == "(":
        return Head(HeadKind.FUNCTION, code[inner].text, inner, inner + 1)
    return _named(code, index - 1, index, begin)


def _named(code: Sequence[Token], last: int, open_at: int, begin: int) -> Head:
    """Reads the qualified name that ends at ``last`` (or, of an operator, begins there) backwards."""
    if code[last].text == "operator":
        parts = ["operator" + "".join(_spelled(token) for token in code[last + 1 : open_at])]
        at = last
    else:
        at = _before_template_arguments(code, last, begin)
        parts = [code[at].text]
        if at > begin and code[at - 1].text == "~":
            at -= 1
            parts = ["~" + parts[0]]
    while at - 2 >= begin and code[at - 1].text == "::":
        before = _before_template_arguments(code, at - 2, begin)
        if code[before].kind != "word":
            break
        parts.append(code[before].text)
        at = before
    return Head(HeadKind.FUNCTION, "::".join(reversed(parts)), at, open_at)


def _spelled(token: Token) -> str:
    return " " + token.text if token.kind == "word" else token.text


def _before_template_arguments(code: Sequence[Token], last: int, begin: int) -> int:
    """The index of ``name`` in ``name<…>`` whose ``>`` stands at ``last``; else ``last``."""
    depth, at = 0, last
    while at > begin:
        depth += {">": 1, ">>": 2, "<": -1}.get(code[at].text, 0)
        if depth <= 0:
            break
        at -= 1
    return at - 1 if at < last and at > begin else last


def _operator_end(code: Sequence[Token], index: int, stop: int) -> int:
    """Index of the ``(`` that opens the parameters of the operator named at ``index``."""
    at = index + 1
    if at + 1 < stop and code[at].text == "(" and code[at + 1].text == ")":
        return at + 2
    while at < stop and code[at].text != "(":
        at += 1
    return at


def _declares_type(code: Sequence[Token], key: int, function: Head, closing: Mapping[int, int]) -> bool:
    """Is the function's parameter list really an attribute of the type, or a part of its base classes?"""
    at = key + 1
    while at < function.open_at:
        if code[at].text in (":", "final"):
            return True
        at = closing.get(at, at) + 1
    return function.name_at == key


def _type_name(code: Sequence[Token], index: int, stop: int, closing: Mapping[int, int]) -> str:
    while index < stop:
        token = code[index]
        if token.kind == "word" and token.text not in ATTRIBUTE_WORDS | {"class", "struct"}:
            following = code[index + 1].text if index + 1 < stop else ""
            if following != "(":
                return token.text
        index = closing.get(index, index) + 1
    return ""


def _namespace_name(code: Sequence[Token], begin: int, stop: int, closing: Mapping[int, int]) -> str:
    """``a::b`` of ``inline namespace a::b MACRO(x)``, "" of an unnamed one."""
    names: list[str] = []
    index = begin
    while index < stop:
        token = code[index]
        is_macro = token.text in ATTRIBUTE_WORDS or (index + 1 < stop and code[index + 1].text == "(")
        if token.kind == "word" and not is_macro and token.text not in ("inline", "namespace"):
            if names and code[index - 1].text != "::":
                break
            names.append(token.text)
        index = closing.get(index, index) + 1
    return "::".join(names)
