"""Reads integer expressions as polynomials, so that subscripts and bounds can be compared.

The atoms are loop variables and values that stay the same in the nest. Polynomials are exact where the arithmetic
is: in signed types (overflow is undefined) and modulo 2**64; ``may_wrap`` tells of narrower unsigned arithmetic.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.rule import Refused, bare, walk
from pesquared.propose.rules.scalars import integer_bits, wraps

Monomial = tuple[str, ...]  # keys of atoms, sorted; () is the constant

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)[uUlL]*")
_MAX_TERMS = 64


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Sum of integer coefficients times products of atoms. No coefficient is zero."""

    terms: dict[Monomial, int]

    def __add__(self, other: "Polynomial") -> "Polynomial":
        return _collected([*self.terms.items(), *other.terms.items()])

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        return _collected(
            [
                (tuple(sorted(a + b)), x * y)
                for a, x in self.terms.items()
                for b, y in other.terms.items()
            ]
        )  # fmt: skip

    @property
    def constant(self) -> int | None:
        """Its value, if it has no atoms."""
        return self.terms.get((), 0) if all(not monomial for monomial in self.terms) else None

    def coefficient(self, atom: str) -> "Polynomial":
        """What the atom is multiplied with, in a polynomial that is affine in it."""
        return Polynomial(
            {
                tuple(key for key in monomial if key != atom): value
                for monomial, value in self.terms.items()
                if atom in monomial
            }
        )


def number(value: int) -> Polynomial:
    return Polynomial({(): value} if value else {})


def _collected(terms: Iterable[tuple[Monomial, int]]) -> Polynomial:
    total: dict[Monomial, int] = {}
    for monomial, value in terms:
        total[monomial] = total.get(monomial, 0) + value
        if len(total) > _MAX_TERMS:
            raise Refused("a subscript has too many terms")
    return Polynomial({monomial: value for monomial, value in total.items() if value})


@dataclass(slots=True)
class AffineReader:
    """Reads expressions over the loop variables given. Remembers a node of each other atom it meets."""

    variables: frozenset[str]
    atoms: dict[str, SyntaxNode] = field(default_factory=dict)

    def read(self, node: SyntaxNode) -> Polynomial:
        """The expression as a polynomial of degree ≤ 1 in the loop variables together.

        Raises:
            Refused: it is not one.
        """
        result = self._read(node)
        for monomial in result.terms:
            if sum(atom in self.variables for atom in monomial) > 1:
                raise Refused(f"`{node.text}` multiplies loop variables with each other")
        return result

    def _read(self, node: SyntaxNode) -> Polynomial:
        node = bare(node)
        if node.kind == "literal":
            match = _INTEGER.fullmatch(node.text)
            if match:
                digits = match[1]
                return number(int(digits, 8) if digits.startswith("0") and digits.isdigit() else int(digits, 0))
        elif node.kind == "binary" and node.operator in {"+", "-", "*"}:
            left, right = (self._read(child) for child in node.children)
            if node.operator == "*":
                return left * right
            return left + (right if node.operator == "+" else right * number(-1))
        elif node.kind == "unary" and node.operator in {"+", "-"}:
            return self._read(node.children[0]) * number(1 if node.operator == "+" else -1)
        elif node.kind == "cast" and _widens(node):
            return self._read(node.children[-1])
        return self._atom(node)

    def _atom(self, node: SyntaxNode) -> Polynomial:
        if not integer_bits(node.type):
            raise Refused(f"`{node.text}` is not an integer")
        inside = [part.reference for part in walk(node) if part.kind == "name"]
        if node.kind != "name" and not self.variables.isdisjoint(inside):
            raise Refused(f"`{node.text}` is not a sum of multiples of loop variables")
        key = structure(node)
        if key not in self.variables:
            self.atoms.setdefault(key, node)
        return Polynomial({(key,): 1})


def structure(node: SyntaxNode) -> str:
    """A key that is equal for expressions that are equal token by token and name the same things."""
    node = bare(node)
    if node.kind == "name":
        return node.reference
    if node.kind == "literal":
        return node.text
    parts = " ".join(structure(child) for child in node.children)
    return f"({node.kind} {node.operator} {node.reference} {node.type} {parts})"


def may_wrap(node: SyntaxNode) -> bool:
    """Is some of it computed in an unsigned type that a loop can count through?"""
    return any(part.kind in {"binary", "unary", "cast"} and wraps(part.type) for part in walk(node))


def _widens(node: SyntaxNode) -> bool:
    before, after = integer_bits(node.children[-1].type), integer_bits(node.type)
    return 0 < before <= after
