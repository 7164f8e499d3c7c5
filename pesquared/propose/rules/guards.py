"""Writes the run-time test that lets the exchanged nest run only where arrays do not overlap.

The test compares the first and last elements that the two loops touch. It asks for at least one round of each loop
first, so that those elements are ones the nest reaches anyway, and nothing in the test is evaluated that the nest
would not evaluate.
"""

from collections.abc import Iterator

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.accesses import Access, Dimension
from pesquared.propose.rules.affine import Polynomial, structure
from pesquared.propose.rules.loops import CountedLoop
from pesquared.propose.rules.nests import Nest
from pesquared.propose.rules.order import bound_of, starts_at_or_above_zero
from pesquared.propose.rules.rule import Refused, bare, walk
from pesquared.propose.rules.scalars import integer_bits, is_unsigned, unqualified

_WIDE = "unsigned long long"


def substituted(node: SyntaxNode, values: dict[str, str]) -> str:
    """The node's text with names replaced, by the key of their declaration."""
    text = node.text.encode("utf-8", "surrogateescape")
    names = [part for part in walk(node) if part.kind == "name" and part.reference in values]
    for name in sorted(names, key=lambda part: part.start, reverse=True):
        value = values[name.reference].encode("utf-8", "surrogateescape")
        text = text[: name.start - node.start] + value + text[name.end - node.start :]
    return text.decode("utf-8", "surrogateescape")


def has_rounds(loop: CountedLoop) -> str:
    """The test that a loop runs at least once: its own condition, at its start."""
    lower = bare(loop.lower)
    # Comparing a literal ≥ 0 gives the same in every type, unless only the variable's type is unsigned.
    same = starts_at_or_above_zero(loop) and (not is_unsigned(loop.type) or is_unsigned(loop.upper.type))
    start = lower.text if same or unqualified(lower.type) == loop.type else f"({loop.type})({lower.text})"
    return f"{start} {'<=' if loop.inclusive else '<'} {loop.upper.text}"


def overlap_guard(nest: Nest, target: Access, doubtful: tuple[Access, ...]) -> tuple[str, ...]:
    """Conditions that all hold only where the nest runs and none of the reads reaches what is written.

    They are to be tested in their order.

    Raises:
        Refused: the range of an access is not known.
    """
    loops = (nest.outer, nest.inner)
    clauses = [has_rounds(loop) for loop in loops]
    for access in (target, *doubtful):
        if access.conditional:
            raise Refused(f"`{access.node.text}` may overlap `{target.node.text}` and is not read in every round")
        clauses.extend(_order_clauses(access, loops))
    clauses.extend(
        f"({_element(target, loops, last=True)} < {_element(read, loops, last=False)}"
        f" || {_element(read, loops, last=True)} < {_element(target, loops, last=False)})"
        for read in doubtful
    )
    return tuple(dict.fromkeys(clauses))


def _order_clauses(access: Access, loops: tuple[CountedLoop, CountedLoop]) -> Iterator[str]:
    """What must hold for subscripts to grow with the loop variables, so that corners are the ends of the range."""
    for dimension in access.dimensions:
        for loop in loops:
            yield from _growth(access, dimension, dimension.step(loop.variable), loops)
        moves = any(dimension.step(loop.variable).terms for loop in loops)
        if dimension.may_wrap and moves:
            if any(part.operator == "-" for part in walk(dimension.node)):
                raise Refused(f"`{dimension.node.text}` is computed in an unsigned type and may wrap around")
            # In 64 bits nothing is lost; where the value at the far corner is the same, nothing was.
            wide = {loop.variable: f"({_WIDE})({_last(loop)})" for loop in loops}
            narrow = {loop.variable: _last(loop) for loop in loops}
            yield f"{substituted(dimension.node, wide)} == {substituted(dimension.node, narrow)}"


def _growth(
    access: Access, dimension: Dimension, step: Polynomial, loops: tuple[CountedLoop, CountedLoop]
) -> Iterator[str]:
    if all(value > 0 for value in step.terms.values()) and all(
        not monomial or any(step.terms == bound_of(loop).terms for loop in loops if starts_at_or_above_zero(loop))
        for monomial in step.terms
    ):
        return  # a positive number, or the bound of a loop that runs
    atoms = [node for node in walk(dimension.node) if step.terms == {(structure(node),): 1}]
    if not atoms:
        raise Refused(f"the range of `{access.node.text}`, which may overlap what is written, is not known")
    if not is_unsigned(atoms[0].type):
        yield f"{bare(atoms[0]).text} >= 0"


def _element(access: Access, loops: tuple[CountedLoop, CountedLoop], *, last: bool) -> str:
    values = {loop.variable: _last(loop) if last else _first(loop) for loop in loops}
    return f"&{substituted(access.node, values)}"


def _first(loop: CountedLoop) -> str:
    return _as_variable(loop, loop.lower, bare(loop.lower).text)


def _last(loop: CountedLoop) -> str:
    if loop.inclusive:
        return _as_variable(loop, loop.upper, bare(loop.upper).text)
    return _as_variable(loop, loop.upper, f"{loop.upper.text} - 1", simple=False)


def _as_variable(loop: CountedLoop, value: SyntaxNode, text: str, *, simple: bool = True) -> str:
    """A value in the type in which the loop variable holds it."""
    fits = unqualified(value.type) == unqualified(loop.type)
    small = text == "0" or (
        bare(value).kind == "literal" and integer_bits(value.type) <= 32 and not is_unsigned(loop.type)
    )
    inner = text if simple and bare(value).kind in {"literal", "name", "member"} else f"({text})"
    return inner if fits or small else f"(({loop.type}){inner})"
