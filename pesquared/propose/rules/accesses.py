"""The array elements a nest reads and writes: which array, which subscripts, how far apart from round to round."""

from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.affine import AffineReader, Polynomial, may_wrap, structure
from pesquared.propose.rules.nests import Nest
from pesquared.propose.rules.rule import Refused, bare
from pesquared.propose.rules.scalars import is_arithmetic, is_array, unqualified


@dataclass(frozen=True, slots=True)
class Dimension:
    """One subscript of an element."""

    node: SyntaxNode
    form: Polynomial
    may_wrap: bool

    def step(self, variable: str) -> Polynomial:
        return self.form.coefficient(variable)


@dataclass(frozen=True, slots=True)
class Access:
    """An array element: ``base[dimension]…``."""

    node: SyntaxNode
    base: SyntaxNode  # a name or a member
    element: str  # unqualified type
    dimensions: tuple[Dimension, ...]  # the fastest-running one is the last
    conditional: bool = False  # only reached in some rounds

    @property
    def array(self) -> str:
        """Equal for accesses through the same variable or member."""
        return structure(self.base)

    def depends_on(self, variable: str) -> bool:
        return any(dimension.step(variable).terms for dimension in self.dimensions)

    def strides(self, variable: str) -> bool:
        """Does it leap from round to round of the variable's loop, rather than stay or go to a neighbour?"""
        *slow, fast = (dimension.step(variable) for dimension in self.dimensions)
        return any(step.terms for step in slow) or fast.constant not in {-1, 0, 1}


@dataclass(frozen=True, slots=True)
class Accesses:
    """What one round of the innermost loop touches. Reads of the element that is written are left out."""

    target: Access
    reads: tuple[Access, ...]
    scalars: tuple[SyntaxNode, ...]  # names and members that are read as they are
    atoms: tuple[SyntaxNode, ...]  # what subscripts are computed from, beside loop variables


def accesses_of(nest: Nest) -> Accesses:
    """Reads the nest's assignment.

    Raises:
        Refused: an element or a value is written in a way that the rule does not know.
    """
    reader = AffineReader(frozenset({nest.outer.variable, nest.inner.variable}))
    target = _access(nest.target, reader, False)
    own = {structure(nest.target)} if nest.accumulator is None else {nest.accumulator.key}
    reads, scalars = [], []
    for node, conditional in _operands(nest.statement.children[1], False):
        if structure(node) in own:
            continue
        if node.kind == "subscript":
            reads.append(_access(node, reader, conditional))
        elif not is_arithmetic(node.type):
            raise Refused(f"`{node.text}` is not a number")
        elif node.kind == "member" or node.reference not in reader.variables:
            scalars.append(node)
    return Accesses(target, tuple(reads), tuple(scalars), tuple(reader.atoms.values()))


def _operands(node: SyntaxNode, conditional: bool) -> Iterator[tuple[SyntaxNode, bool]]:
    """Elements, names and members of an expression, and whether each is always evaluated."""
    node = bare(node)
    if node.kind in {"subscript", "name", "member"}:
        yield node, conditional
    elif node.kind in {"binary", "unary", "cast", "conditional"}:
        forks = node.kind == "conditional" or node.operator in {"&&", "||"}
        for place, child in enumerate(node.children):
            yield from _operands(child, conditional or (forks and place > 0))


def _access(node: SyntaxNode, reader: AffineReader, conditional: bool) -> Access:
    element = unqualified(node.type)
    if not is_arithmetic(element):
        raise Refused(f"the elements `{node.text}` are not numbers")
    dimensions: list[Dimension] = []
    base = node
    while base.kind == "subscript" and len(base.children) == 2:
        array, index = (bare(child) for child in base.children)
        dimensions.insert(0, Dimension(index, reader.read(index), may_wrap(index)))
        if array.kind == "subscript" and not is_array(array.type):
            raise Refused(f"the rows of `{_root(array).text}` are reached through pointers and may overlap")
        base = array
    if base.kind not in {"name", "member"} or not ("*" in base.type or is_array(base.type)):
        raise Refused(f"`{node.text}` is not an element of a named array")
    if base.kind == "member" and bare(base.children[0] if base.children else base).kind not in {"name", "member"}:
        raise Refused(f"`{base.text}` is not a member of a named structure")
    return Access(node, base, element, tuple(dimensions), conditional)


def _root(node: SyntaxNode) -> SyntaxNode:
    while node.kind == "subscript":
        node = bare(node.children[0])
    return node
