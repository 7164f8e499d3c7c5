"""Recognises the nests that can be interchanged: perfect, with an accumulator, with an element set first."""

from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.affine import structure
from pesquared.propose.rules.loops import CountedLoop, counted_loop
from pesquared.propose.rules.rule import Refused, bare, walk
from pesquared.propose.rules.scalars import unqualified


@dataclass(frozen=True, slots=True)
class Accumulator:
    """A scalar that gathers what ends in one array element: ``s = 0; for (…) s += …; c[j] = s;``."""

    key: str
    name: str
    type: str
    declaration: SyntaxNode | None  # in the body of the outer loop, or None: it is declared before the nest


@dataclass(frozen=True, slots=True)
class Nest:
    """Two loops around one assignment to an array element, directly or through an accumulator.

    With an accumulator, ``statement`` assigns to it, and ``target`` gets its value after the inner loop.
    ``initial`` is what the accumulator or the element is set to before the inner loop.
    """

    outer: CountedLoop
    inner: CountedLoop
    statement: SyntaxNode
    target: SyntaxNode
    accumulator: Accumulator | None
    initial: str  # a literal, as written; "" in a perfect nest

    @property
    def node(self) -> SyntaxNode:
        return self.outer.node


def innermost_pairs(root: SyntaxNode) -> Iterator[tuple[SyntaxNode, SyntaxNode]]:
    """Pairs of a loop and the one directly in its body, the inner one free of loops; in source order."""
    for outer in walk(root):
        if outer.kind != "for":
            continue
        inner = [node for node in _statements(outer.children[3]) if node.kind == "for"]
        loops = [node for node in walk(outer.children[3]) if node.kind in {"for", "while", "do"}]
        if len(inner) == 1 and loops == inner:
            yield outer, inner[0]


def nest_of(outer_node: SyntaxNode, inner_node: SyntaxNode) -> Nest:
    """The nest that two loops form.

    Raises:
        Refused: they do more than one assignment, or do not count.
    """
    outer, inner = counted_loop(outer_node), counted_loop(inner_node)
    body = _statements(inner.body)
    if len(body) != 1 or body[0].kind != "assign" or len(body[0].children) != 2:
        raise Refused(f"the body of the loop over `{inner.name}` is more than one assignment")
    statement = body[0]
    target = bare(statement.children[0])
    around = _statements(outer.body)
    place = around.index(inner_node)
    before, after = around[:place], around[place + 1 :]
    if target.kind == "subscript" and not after:
        return Nest(outer, inner, statement, target, None, _setting(before, target, outer) if before else "")
    if around == [inner_node]:
        raise Refused(f"`{target.text}` is not an array element")
    if target.kind != "name" or not after:
        raise Refused(f"the body of the loop over `{outer.name}` does more than accumulate into an element")
    accumulator, initial = _accumulator(before, target, outer)
    return Nest(outer, inner, statement, _store(after, accumulator, outer), accumulator, initial)


def _setting(before: list[SyntaxNode], element: SyntaxNode, outer: CountedLoop) -> str:
    """Reads ``c[…] = 0;`` and gives the literal."""
    if [(node.kind, node.operator, len(node.children)) for node in before] != [("assign", "=", 2)]:
        raise Refused(f"the body of the loop over `{outer.name}` does more than accumulate into an element")
    target, value = before[0].children
    if structure(target) != structure(element):
        raise Refused(f"the loop over `{outer.name}` sets `{target.text}` but accumulates into `{element.text}`")
    return _literal(value)


def _accumulator(before: list[SyntaxNode], scalar: SyntaxNode, outer: CountedLoop) -> tuple[Accumulator, str]:
    """Reads ``T s = 0;``, ``T s; s = 0;`` or ``s = 0;`` and gives the literal too."""
    declaration, initial = None, ""
    for node in before:
        variable, value = node, None
        if node.kind == "declaration" and len(node.children) == 1 and declaration is None:
            declaration = node
            variable = node.children[0]
            values = [child for child in variable.children if child.kind != "other"]
            value = values[0] if values else None
            if not {"static", "extern", "thread_local", "_Thread_local", "__thread"}.isdisjoint(node.text.split()):
                raise Refused(f"`{scalar.text}` is not an automatic variable")
        elif node.kind == "assign" and node.operator == "=":
            variable, value = bare(node.children[0]), node.children[1]
        if variable.reference != scalar.reference or (value is None and variable.kind != "variable"):
            raise Refused(f"the body of the loop over `{outer.name}` does more than accumulate into an element")
        if value is not None:
            initial = _literal(value)
    if not initial:
        raise Refused(f"`{scalar.text}` is not set at the beginning of each round of the loop over `{outer.name}`")
    return Accumulator(scalar.reference, scalar.text, unqualified(scalar.type), declaration), initial


def _literal(value: SyntaxNode) -> str:
    inside = bare(value)
    while inside.kind == "unary" and inside.operator in {"-", "+"}:
        inside = bare(inside.children[0])
    if inside.kind != "literal":
        raise Refused(f"the accumulation begins with `{value.text}`, which is not a literal")
    return value.text


def _store(after: list[SyntaxNode], accumulator: Accumulator, outer: CountedLoop) -> SyntaxNode:
    """Reads ``c[…] = s;`` and gives the element."""
    if len(after) == 1 and after[0].kind == "assign" and after[0].operator == "=":
        target, value = (bare(child) for child in after[0].children)
        if target.kind == "subscript" and value.kind == "name" and value.reference == accumulator.key:
            if unqualified(target.type) != accumulator.type:
                raise Refused(
                    f"`{accumulator.name}` accumulates in {accumulator.type} but `{target.text}` is "
                    f"{unqualified(target.type)}: the results would be rounded differently"
                )
            return target
    raise Refused(f"the loop over `{outer.name}` does not end by storing `{accumulator.name}` in an element")


def _statements(body: SyntaxNode) -> list[SyntaxNode]:
    """The statements of a body with or without braces, empty ones left out."""
    inside = body.children if body.kind == "compound" else (body,)
    return [node for node in inside if not (node.kind == "other" and node.text.strip() in {"", ";"})]
