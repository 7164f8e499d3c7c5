"""Polynomials have the value of the expressions they were read from."""

from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.affine import AffineReader, may_wrap, number
from pesquared.propose.rules.rule import Refused, walk
from tests.unit.propose.rules.reading import context_of


def expression(text: str, count: str = "int") -> SyntaxNode:
    root = context_of(
        f"double a[9];\nvoid f({count} i, {count} j, {count} n, long w) {{ a[{text}] = 0; }}", "f"
    ).syntax
    assert root is not None
    return next(node for node in walk(root) if node.kind == "subscript").children[1]


def keys(node: SyntaxNode) -> dict[str, str]:
    return {part.text: part.reference for part in walk(node) if part.kind == "name"}


EXPRESSIONS = st.recursive(
    st.sampled_from(["i", "j", "n", "w", "0", "1", "2", "0x1F", "017"]),
    lambda part: (
        st.tuples(part, st.sampled_from(["+", "-", "*"]), part).map("({0[0]} {0[1]} {0[2]})".format)
        | part.map("(-{})".format)
        | part.map("(long)({})".format)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, st.tuples(*[st.integers(-9, 9)] * 4))
def test_reads_what_the_expression_says(text: str, values: tuple[int, ...]) -> None:
    node = expression(text)
    form = AffineReader(frozenset()).read(node)
    known = dict(zip(("i", "j", "n", "w"), values, strict=True))
    value_of = {key: known[name] for name, key in keys(node).items()}
    value = sum(factor * prod(value_of[atom] for atom in monomial) for monomial, factor in form.terms.items())
    assert value == eval(text.replace("(long)", "").replace("017", "15"), {}, known)


def test_coefficients() -> None:
    node = expression("(i + 1) * n + 3 * j")
    key = keys(node)
    reader = AffineReader(frozenset({key["i"], key["j"]}))
    form = reader.read(node)
    assert form.coefficient(key["i"]).terms == {(key["n"],): 1}
    assert form.coefficient(key["j"]) == number(3)
    assert set(reader.atoms) == {key["n"]}


@pytest.mark.parametrize("text", ["i * j", "i / 2", "i % n", "(char)i", "i * i", "~i", "n << i"])
def test_refuses_what_is_not_affine(text: str) -> None:
    node = expression(text)
    key = keys(node)
    with pytest.raises(Refused):
        AffineReader(frozenset(value for name, value in key.items() if name in "ij")).read(node)


def test_equal_atoms_are_equal() -> None:
    node = expression("(n / 2) * i - i * ( n/2 )")
    assert AffineReader(frozenset({keys(node)["i"]})).read(node) == number(0)


def test_narrow_unsigned_arithmetic_may_wrap() -> None:
    assert may_wrap(expression("i * n + j", "unsigned"))
    assert not may_wrap(expression("i * n + j", "unsigned long"))
    assert not may_wrap(expression("i * n + j", "int"))
    assert not may_wrap(expression("i", "unsigned"))
    assert may_wrap(expression("(unsigned)i + w", "int"))
