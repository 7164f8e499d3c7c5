"""Makes a program trap when it comes to a place: whether any gate runs a line is seen by whether one notices.

The trap goes as near to the place as it can be put without a parser: into the operand of ``&&``, ``||`` or ``?:``
that holds it, into the condition of its loop, before its statement.
"""

from pesquared.source.bodies import Body, Statement, StatementKind
from pesquared.source.roles import Roles

TRAP = "__builtin_trap()"  # GCC and Clang
Insertion = tuple[int, str]  # offset in the definition's text, what goes there


def trap_at(roles: Roles, at: int) -> tuple[Insertion, ...]:
    """What to insert so that the program traps before the token ``at`` matters; empty where it cannot be told."""
    body = roles.body
    operand = _operand(body, at)
    if operand is not None:
        first, stop = operand
        return (body.tokens[first].start, f"({TRAP}, "), (body.tokens[stop - 1].end, ")")
    statement = _statement_of(roles, at)
    if statement is None:
        return ()
    place = body.tokens[statement.first].start
    if statement.kind is StatementKind.DECLARATION:
        return ((place, f"{TRAP}; "),)
    if statement.kind is StatementKind.UNTIL:
        return ((body.tokens[statement.first + 2].start, f"{TRAP}, "),)
    late = _repeated_part(body, statement, at)
    if late is not None:
        return ((body.tokens[late].start, f"{TRAP}, "),)
    return ((place, f"if (1) {TRAP}; else "),)  # one statement, wherever one may stand


def _statement_of(roles: Roles, at: int) -> Statement | None:
    """The innermost one: statements in a lambda lie within another."""
    around = (one for one in roles.statements if one.first <= at <= one.stop)
    return max(around, key=lambda one: one.first, default=None)


def _repeated_part(body: Body, statement: Statement, at: int) -> int | None:
    """Where the step of ``for (…; …; step)`` begins, if ``at`` lies in it."""
    if body.word(statement.first) != "for":
        return None
    semicolons = []
    index = statement.first + 2
    while index < statement.stop - 1:
        if body.word(index) == ";":
            semicolons.append(index)
        index = body.closing(index) + 1
    return semicolons[1] + 1 if len(semicolons) == 2 and at > semicolons[1] else None


def _operand(body: Body, at: int) -> tuple[int, int] | None:
    """The operand of the nearest ``&&``, ``||``, ``?``, ``:`` that holds ``at``: it is not always evaluated."""
    enclosing = _opener(body, at, body.first - 1)
    position = at
    while True:
        left = _sometimes(body, position, enclosing)
        if left is not None:
            return left + 1, _end_of_operand(body, left, max(position, at))
        if enclosing < body.first or body.word(enclosing) == "{":
            return None
        position = enclosing
        enclosing = _opener(body, position, body.first - 1)


def _opener(body: Body, at: int, none: int) -> int:
    """The bracket that is open at ``at``; ``none`` where there is none."""
    index = at - 1
    while index >= body.first:
        if index in body.brackets.closing:
            return index
        index = body.brackets.opening.get(index, index) - 1
    return none


def _sometimes(body: Body, at: int, enclosing: int) -> int | None:
    """The operator before ``at``, in the same brackets and the same expression, that may skip it."""
    index = at - 1
    while index > enclosing:
        text = body.word(index)
        if text in ("&&", "||", "?"):
            return index
        if text == ":":
            return index if _is_choice(body, index, enclosing) else None
        if text in (",", ";", "return", "else") or text in ("{", "}"):
            return None
        index = body.brackets.opening.get(index, index) - 1
    return None


def _is_choice(body: Body, colon: int, enclosing: int) -> bool:
    """Is it the ``:`` of ``a ? b : c``, and not that of a label, a case or a loop over a range?"""
    index = colon - 1
    while index > enclosing:
        text = body.word(index)
        if text == "?":
            return True
        if text in (";", "case", ",", "{", "}"):
            return False
        index = body.brackets.opening.get(index, index) - 1
    return False


def _end_of_operand(body: Body, operator: int, at: int) -> int:
    """Where the operand of ``operator`` that holds ``at`` ends."""
    ends = {"&&": ("&&", "||", "?", ":"), "||": ("||", "?", ":")}.get(body.word(operator), ("?", ":"))
    index = body.closing(at) + 1
    while index < body.stop and body.word(index) not in (",", ";", ")", "]", "}", *ends):
        index = body.closing(index) + 1
    return index
