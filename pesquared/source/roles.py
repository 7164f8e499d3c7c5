"""What each token of a function's body is for: part of a type, an operator between operands, or neither."""

from dataclasses import dataclass

from pesquared.source.bodies import Body, Statement, StatementKind, statements
from pesquared.source.declarators import NO_TYPES, angle_end, declared_name, is_cast

OPERAND_KINDS = frozenset({"number", "string", "character"})
VALUES = frozenset({"this", "true", "false", "nullptr"})


@dataclass(frozen=True, slots=True)
class Roles:
    """The body with its statements, and the tokens that stand for types or declare names."""

    body: Body
    statements: tuple[Statement, ...]
    fixed: frozenset[int]  # types, declared names, template arguments, directives: they stay as they are

    def ends_operand(self, index: int) -> bool:
        """May a binary operator follow the token at ``index``?"""
        token = self.body.tokens[index]
        if token.kind in OPERAND_KINDS or token.text == "]":
            return True
        if token.kind == "word":
            return token.text not in NO_TYPES or token.text in VALUES
        if token.text == ")":
            opening = self.body.brackets.opening.get(index, index)
            header = self.body.word(opening - 1) in ("if", "while", "for", "switch")
            return not header and index not in self.fixed
        return token.text in ("++", "--") and index > self.body.first and self._is_postfix(index)

    def begins_operand(self, index: int) -> bool:
        """May an operand begin with the token at ``index``?"""
        token = self.body.tokens[index]
        if token.kind in OPERAND_KINDS or token.kind == "word":
            return token.text not in ("return", "else", "case")
        return token.text in ("(", "-", "+", "*", "&", "!", "~", "++", "--", "[", "::")

    def is_binary(self, index: int) -> bool:
        """Does the operator at ``index`` stand between two operands?"""
        inside = self.body.first < index < self.body.stop - 1
        return inside and self.ends_operand(index - 1) and self.begins_operand(index + 1)

    def _is_postfix(self, index: int) -> bool:
        before = self.body.tokens[index - 1]
        return before.kind == "word" or before.text in (")", "]")


def read_roles(body: Body) -> Roles:
    """Looks at every statement once, and at every ``(`` and ``<``."""
    found = tuple(statements(body))
    fixed = {index for index in range(body.first, body.stop) if body.tokens[index].kind == "directive"}
    for statement in found:
        if statement.kind is StatementKind.DECLARATION:
            fixed.update(range(statement.first, statement.name + 1))
            if body.word(statement.name + 1) == "[":  # how large an array is: only ever made smaller
                fixed.update(range(statement.name + 2, body.closing(statement.name + 1)))
        elif statement.kind is StatementKind.HEADER:
            fixed.update(_declared_in_header(body, statement))
    for index in range(body.first, body.stop):
        text = body.tokens[index].text
        closing = body.closing(index)
        if text == "(" and index < closing < body.stop and _is_type(body, index, closing):
            fixed.update(range(index, closing + 1))
        elif text == "<" and body.cpp and index not in fixed:
            end = angle_end(body.tokens, index, body.stop)
            if end and body.word(end) in ("(", "{", "::", "&", "*"):
                fixed.update(range(index, end))
    return Roles(body, found, frozenset(fixed))


def _is_type(body: Body, opening: int, closing: int) -> bool:
    """A cast, or the operand of a ``sizeof``."""
    before = body.tokens[opening - 1]
    if before.text in ("sizeof", "alignof"):
        return True
    called = before.kind == "word" and before.text not in NO_TYPES
    return not called and before.text not in (")", "]") and is_cast(body.tokens, opening, closing)


def _declared_in_header(body: Body, statement: Statement) -> range:
    """What ``for (int i = 0;``, ``for (auto x : y)`` or ``if (T t = …)`` declares."""
    first = statement.first + 1 + (body.word(statement.first + 1) == "constexpr") + 1
    name = declared_name(body.tokens, body.brackets, first, statement.stop - 1, cpp=body.cpp)
    return range(first, name + 1)
