"""Proves that rounds of a nest that touch the same element keep their order when its loops are exchanged."""

from pesquared.propose.rules.accesses import Access
from pesquared.propose.rules.affine import AffineReader, Polynomial, number
from pesquared.propose.rules.loops import CountedLoop
from pesquared.propose.rules.nests import Nest
from pesquared.propose.rules.rule import Refused


def check_order(nest: Nest, target: Access) -> None:
    """Two rounds that write one element must differ in one loop only: then exchanging the loops keeps their order.

    Raises:
        Refused: that cannot be shown.
    """
    outer, inner = nest.outer, nest.inner
    by_outer, by_inner = target.depends_on(outer.variable), target.depends_on(inner.variable)
    if nest.initial and by_inner:
        raise Refused(f"`{target.node.text}` depends on `{inner.name}`")
    if by_outer and by_inner:
        distinct = _distinct_together(target, outer, inner)
    elif by_outer or by_inner:
        distinct = _distinct_alone(target, (outer if by_outer else inner).variable)
    else:
        raise Refused(f"every round of both loops writes the same element `{target.node.text}`")
    if not distinct:
        raise Refused(f"different rounds may write the same element `{target.node.text}`")


def bound_of(loop: CountedLoop) -> Polynomial:
    """The first value that the variable does not take.

    Raises:
        Refused: the bound is not an integer polynomial.
    """
    upper = AffineReader(frozenset()).read(loop.upper)
    return upper + number(1) if loop.inclusive else upper


def starts_at_or_above_zero(loop: CountedLoop) -> bool:
    start = AffineReader(frozenset()).read(loop.lower).constant
    return start is not None and start >= 0


def _distinct_alone(target: Access, variable: str) -> bool:
    """Does each value of the variable have an element of its own, all else being equal?"""
    steps = [(dimension, dimension.step(variable).constant) for dimension in target.dimensions]
    moving = [(dimension, step) for dimension, step in steps if step != 0]
    if any(step is None for _, step in moving):
        return False
    if any(dimension.may_wrap for dimension, _ in moving):
        # Modulo 2**32 steps of one still give 2**32 different values, more than a 32-bit variable has.
        return len(moving) == 1 and moving[0][1] in {-1, 1}
    return len({(step or 0) > 0 for _, step in moving}) == 1


def _distinct_together(target: Access, one: CountedLoop, other: CountedLoop) -> bool:
    """Does each pair of values have an element of its own?"""
    if any(dimension.may_wrap for dimension in target.dimensions):
        return False
    with_one = [dimension for dimension in target.dimensions if dimension.step(one.variable).terms]
    with_other = [dimension for dimension in target.dimensions if dimension.step(other.variable).terms]
    if len(with_one) != 1 or len(with_other) != 1:
        return False
    if with_one != with_other:  # a row and a column of an array of arrays
        return bool(with_one[0].step(one.variable).constant) and bool(with_other[0].step(other.variable).constant)
    form = with_one[0]
    return _row_major(form.step(one.variable), form.step(other.variable), other) or _row_major(
        form.step(other.variable), form.step(one.variable), one
    )


def _row_major(row_step: Polynomial, column_step: Polynomial, column: CountedLoop) -> bool:
    """Is it ``row * n + column`` with ``column`` in [0, n)?"""
    if column_step != number(1) or not starts_at_or_above_zero(column):
        return False
    width = bound_of(column)
    if row_step.constant is not None and width.constant is not None:
        return row_step.constant >= width.constant > 0
    return row_step == width
