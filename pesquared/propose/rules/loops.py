"""Recognises counted loops: ``for (i = lower; i < upper; i++)`` in the ways C programmers write it."""

from dataclasses import dataclass

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.region import without_comments
from pesquared.propose.rules.rule import Refused, bare
from pesquared.propose.rules.scalars import integer_bits


@dataclass(frozen=True, slots=True)
class CountedLoop:
    """A loop whose variable takes the values lower, lower + 1, … while it is below (or at) ``upper``."""

    node: SyntaxNode
    variable: str  # key of its declaration
    name: str
    type: str
    declares: bool  # does the header declare the variable?
    lower: SyntaxNode
    upper: SyntaxNode
    inclusive: bool  # is ``upper`` itself taken?
    body: SyntaxNode

    @property
    def header(self) -> str:
        """``for (…; …; …)`` in the author's own words."""
        start, condition, step = (part.text.strip().rstrip(";") for part in self.node.children[:3])
        return f"for ({start}; {condition}; {step})"


def counted_loop(node: SyntaxNode) -> CountedLoop:
    """Reads a "for".

    Raises:
        Refused: it does not count up by one from a start to a bound.
    """
    start, condition, step, body = node.children
    variable, lower, declares = _start(start)
    condition = bare(condition)
    if condition.kind != "binary" or len(condition.children) != 2:
        raise Refused(f"the loop over `{_name(variable)}` has no condition of the form `i < n`")
    left, right = condition.children
    operator = condition.operator
    if operator in {">", ">="}:
        left, right, operator = right, left, operator.replace(">", "<")
    if operator not in {"<", "<="} or bare(left).reference != variable.reference or bare(left).kind != "name":
        raise Refused(f"the loop over `{_name(variable)}` has no condition of the form `i < n`")
    if not _counts_by_one(bare(step), variable.reference):
        raise Refused(f"the loop over `{_name(variable)}` does not go up in steps of one")
    if not integer_bits(variable.type) or not integer_bits(right.type):
        raise Refused(f"the loop over `{_name(variable)}` does not count in integers")
    return CountedLoop(
        node, variable.reference, _name(variable), variable.type, declares, lower, right, operator == "<=", body
    )


def _start(node: SyntaxNode) -> tuple[SyntaxNode, SyntaxNode, bool]:
    """The variable (its declaration or name), its first value, and whether it is declared here."""
    if node.kind == "assign" and node.operator == "=" and bare(node.children[0]).kind == "name":
        return bare(node.children[0]), node.children[1], False
    if node.kind == "declaration" and len(node.children) == 1:
        variable = node.children[0]
        if variable.kind == "variable" and variable.children and variable.children[-1].kind != "other":
            return variable, variable.children[-1], True
    raise Refused("a loop does not begin by setting one variable")


def _name(variable: SyntaxNode) -> str:
    """A declaration's text is "int i = 0", a use's just the name."""
    words = without_comments(variable.text).split("=")[0].split()
    return words[-1] if words else "?"


def _counts_by_one(step: SyntaxNode, variable: str) -> bool:
    def is_variable(node: SyntaxNode) -> bool:
        return bare(node).kind == "name" and bare(node).reference == variable

    def is_one(node: SyntaxNode) -> bool:
        return bare(node).kind == "literal" and bare(node).text.rstrip("uUlL") == "1"

    if step.kind == "unary":
        return step.operator == "++" and is_variable(step.children[0])
    if step.kind != "assign" or len(step.children) != 2 or not is_variable(step.children[0]):
        return False
    value = bare(step.children[1])
    if step.operator == "+=":
        return is_one(value)
    if step.operator != "=" or value.kind != "binary" or value.operator != "+":
        return False
    left, right = value.children
    return (is_variable(left) and is_one(right)) or (is_one(left) and is_variable(right))
