"""Small faults of the kinds that people and models make, each one change of a function's tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.core.strength import Kind
from pesquared.source.bodies import Statement, StatementKind
from pesquared.source.roles import Roles

ARITHMETIC = {
    "+": "-",
    "-": "+",
    "*": "+",
    "/": "*",
    "%": "/",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
    "^": "&",
}
RELATIONAL = {"==": "!=", "!=": "==", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
BOUND = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
LOGICAL = {"&&": "||", "||": "&&"}
ASSIGNMENT = {
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "/=",
    "<<=": ">>=", ">>=": "<<=", "&=": "|=", "|=": "&=", "^=": "|=",
}  # fmt: skip
STEP = {"++": "--", "--": "++"}
INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)([uUlLzZ]*)")
FLOAT = re.compile(r"[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?[fFlL]?")
LONGEST_INTEGER = 18  # digits: what fits 64 bits
LONGEST_ARGUMENT = 400  # bytes
LONGEST_CONDITION = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes [start, end) of the definition's text become ``text``. ``at`` is the token whose place is meant."""

    kind: Kind
    at: int
    start: int
    end: int
    text: str
    advice: str


def changes(roles: Roles) -> Iterator[Change]:
    """All faults that there is room for, by place."""
    body = roles.body
    for index in range(body.first, body.stop):
        if index in roles.fixed:
            continue
        token = body.tokens[index]
        if token.kind == "punctuator":
            yield from _of_operator(roles, index)
        elif token.kind == "number":
            yield from _of_number(roles, index)
        elif token.kind == "character" and not token.unterminated:
            advice = f"a case with {token.text}, and one with the character behind it"
            yield Change(Kind.CONSTANT, index, token.start, token.end, f"({token.text} + 1)", advice)
    for statement in roles.statements:
        yield from _of_statement(roles, statement)


def _of_operator(roles: Roles, index: int) -> Iterator[Change]:
    text = roles.body.word(index)
    if text in ("(", "["):
        yield from _of_bracket(roles, index)
    elif text in STEP:
        advice = "a case in which this step is taken more than once, and its effect is printed"
        yield _operator(roles, index, Kind.ARITHMETIC, STEP[text], advice)
    elif text in ASSIGNMENT:
        yield _operator(roles, index, Kind.ASSIGNMENT, ASSIGNMENT[text], _tell_apart(text, ASSIGNMENT[text]))
        advice = f"a case in which the value before {text} matters"
        yield _operator(roles, index, Kind.ASSIGNMENT, "=", advice)
    elif roles.is_binary(index):
        yield from _of_binary(roles, index)
    elif roles.begins_operand(index + 1) and text == "!":
        advice = "a case for which it holds, and one for which it does not"
        yield _operator(roles, index, Kind.LOGICAL, "", advice)
    elif roles.begins_operand(index + 1) and text == "-":
        yield _operator(roles, index, Kind.ARITHMETIC, "+", "a case with a value that is not 0")


def _of_binary(roles: Roles, index: int) -> Iterator[Change]:
    text = roles.body.word(index)
    if text in LOGICAL:
        advice = f"a case for which exactly one side of {text} holds"
        yield _operator(roles, index, Kind.LOGICAL, LOGICAL[text], advice)
    elif text in ARITHMETIC:
        other = ARITHMETIC[text]
        yield _operator(roles, index, Kind.ARITHMETIC, other, _tell_apart(text, other))
    elif text in RELATIONAL:
        advice = f"a case with both sides of {text} equal, and one with them different"
        yield _operator(roles, index, Kind.RELATIONAL, RELATIONAL[text], advice)
        if text in BOUND:
            advice = f"a case with both sides of {text} equal: the boundary itself"
            yield _operator(roles, index, Kind.BOUND, BOUND[text], advice)


def _operator(roles: Roles, index: int, kind: Kind, other: str, advice: str) -> Change:
    token = roles.body.tokens[index]
    return Change(kind, index, token.start, token.end, other, advice)


def _tell_apart(text: str, other: str) -> str:
    return f"a case with operands for which {text} and {other} differ (not 0, not 1)"


def _of_bracket(roles: Roles, index: int) -> Iterator[Change]:
    """The neighbour of an element; two arguments of a call, swapped."""
    body, tokens = roles.body, roles.body.tokens
    closing = body.closing(index)
    if not index + 1 < closing < body.stop or not roles.body.first < index or not _follows_a_value(roles, index):
        return
    if tokens[index].text == "[":
        if closing == index + 2 and tokens[index + 1].kind == "number":
            return  # the number has its own neighbours
        inside_to = tokens[closing - 1].end
        size = index - 1 in roles.fixed  # of an array that is declared here: a larger one does no harm
        for step in (" - 1",) if size else (" + 1", " - 1"):
            advice = "a case with neighbours that differ, which reaches the first and the last element"
            yield Change(Kind.BOUND, index + 1, inside_to, inside_to, step, advice)
        return
    commas = _commas(roles, index, closing)
    edges = [index, *commas, closing]
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        if middle == left + 1 or right == middle + 1:
            continue
        start, end = tokens[left + 1].start, tokens[right - 1].end
        if end - start > 2 * LONGEST_ARGUMENT:
            continue
        one, other = body.text[start : tokens[middle - 1].end], body.text[tokens[middle + 1].start : end]
        if one != other:
            yield Change(
                Kind.ARGUMENTS, left + 1, start, end, f"{other}, {one}", "a case in which the two arguments differ"
            )


def _follows_a_value(roles: Roles, index: int) -> bool:
    before = roles.body.tokens[index - 1]
    return roles.ends_operand(index - 1) and before.kind not in ("number", "string", "character")


def _commas(roles: Roles, opening: int, closing: int) -> list[int]:
    found, at = [], opening + 1
    while at < closing:
        if roles.body.word(at) == "," and at not in roles.fixed:
            found.append(at)
        at = roles.body.closing(at) + 1
    return found


def _of_number(roles: Roles, index: int) -> Iterator[Change]:
    token = roles.body.tokens[index]
    whole = INTEGER.fullmatch(token.text)
    others: list[str] = []
    if whole and len(whole[1]) <= LONGEST_INTEGER:
        base = 16 if whole[1][:2] in ("0x", "0X") else 8 if whole[1][0] == "0" else 10
        value = int(whole[1], base)
        others = [f"{near}{whole[2]}" for near in dict.fromkeys((value + 1, value - 1, 0, 1)) if near >= 0]
        others = [other for other in others if other != f"{value}{whole[2]}"]
    elif not whole and FLOAT.fullmatch(token.text):
        zero = not token.text.strip("0.fFlL")
        others = ["1.0"] if zero else ["0.0", f"({token.text} + 1)"]
    for other in others:
        advice = f"a case for which {token.text} and {other} make a difference: at that limit"
        yield Change(Kind.CONSTANT, index, token.start, token.end, other, advice)


def _of_statement(roles: Roles, statement: Statement) -> Iterator[Change]:
    body, tokens = roles.body, roles.body.tokens
    first, stop = statement.first, statement.stop
    if statement.kind in (StatementKind.HEADER, StatementKind.UNTIL):
        yield from _negated(roles, statement)
    elif statement.kind is StatementKind.EXPRESSION and first < stop:
        start, end = tokens[first].start, tokens[stop - 1].end
        yield Change(Kind.DROPPED, first, start, end, "", "print or assert what this statement brings about")
        if body.word(first - 1) in (";", "{", "}", ":"):  # in a block: it is no single statement of an if
            yield _too_early(roles, first)
    elif body.word(first) in ("break", "continue"):
        start, end = tokens[first].start, tokens[first].end
        yield Change(Kind.DROPPED, first, start, end, "", "a case in which going on would change the result")
    elif body.word(first) == "return" and stop > first + 1:
        nothing = "{}" if body.cpp else "0"
        start, end = tokens[first + 1].start, tokens[stop - 1].end
        if body.text[start:end] != nothing:
            advice = f"a case whose result is not {nothing}, looked at"
            yield Change(Kind.RETURN, first, start, end, nothing, advice)


def _too_early(roles: Roles, first: int) -> Change:
    """A return in place of what follows; where a lambda returns something else, it will not build."""
    body, start = roles.body, roles.body.tokens[first].start
    value = "" if body.void else " {}" if body.cpp else " 0"
    return Change(
        Kind.RETURN, first, start, start, f"return{value}; ", "print or assert what follows from here on"
    )


def _negated(roles: Roles, statement: Statement) -> Iterator[Change]:
    """The condition of an ``if``, a loop's; one that declares something stays."""
    body, tokens = roles.body, roles.body.tokens
    opening = statement.first + 1 + (body.word(statement.first + 1) == "constexpr")
    first, stop = opening + 1, statement.stop - 1
    word = body.word(statement.first)
    semicolons = [at for at in _top_level(roles, first, stop) if body.word(at) == ";"]
    if word == "for" and len(semicolons) == 2:
        first, stop = semicolons[0] + 1, semicolons[1]
    elif word in ("for", "switch") or semicolons or first in roles.fixed:
        return
    if _has_its_opposite(roles, first, stop):
        return
    if first < stop and tokens[stop - 1].end - tokens[first].start <= LONGEST_CONDITION:
        start, end = tokens[first].start, tokens[stop - 1].end
        text = f"!({body.text[start:end]})"
        advice = "a case for which the condition holds, and one for which it does not"
        yield Change(Kind.CONDITION, first, start, end, text, advice)


def _has_its_opposite(roles: Roles, first: int, stop: int) -> bool:
    """Does another fault negate the condition already: ``!=`` for ``==``, or a ``!`` left out?"""
    words = [roles.body.word(at) for at in _top_level(roles, first, stop)]
    compared = bool({"==", "!="} & set(words)) and not {"&&", "||", "?"} & set(words)
    return compared or (words[:1] == ["!"] and len(words) == 2)


def _top_level(roles: Roles, first: int, stop: int) -> Iterator[int]:
    at = first
    while at < stop:
        yield at
        at = roles.body.closing(at) + 1
