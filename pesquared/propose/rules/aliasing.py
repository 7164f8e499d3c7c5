"""Decides which arrays of a nest may overlap the one it writes."""

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.accesses import Access, Accesses
from pesquared.propose.rules.function import Function
from pesquared.propose.rules.rule import Refused
from pesquared.propose.rules.scalars import is_array


def doubtful_reads(accesses: Accesses, function: Function) -> tuple[Access, ...]:
    """The reads that may, for all the source says, reach elements that the nest writes.

    Raises:
        Refused: one certainly can, or the written array may hold the nest's own bounds.
    """
    target = accesses.target
    if target.base.kind == "member" and is_array(target.base.type):
        raise Refused(f"`{target.base.text}` is an array inside a structure, which may be a union")
    doubtful = []
    for read in accesses.reads:
        if read.array == target.array:
            raise Refused(f"`{read.node.text}` reads the array that the nest writes")
        if not function.may_overlap(read.element, target.element):
            continue
        if _are_distinct(target.base, read.base, function):
            continue
        if read.element != target.element:
            raise Refused(f"`{read.node.text}` may overlap `{target.node.text}`, whose type is another one")
        doubtful.append(read)
    return tuple(doubtful)


def is_array_object(base: SyntaxNode, function: Function) -> bool:
    """Is it an array of its own, not a pointer, nor a parameter (which is a pointer however it is written)?"""
    own = base.kind == "name" and is_array(base.type) and not function.is_parameter(base)
    if own and not function.plain_c:
        declaration = function.declared.get(base.reference)
        return declaration is not None and is_array(declaration.type)
    return own


def _are_distinct(written: SyntaxNode, read: SyntaxNode, function: Function) -> bool:
    """Different arrays, or kept apart by ``restrict`` (C11 6.7.3.1) on a parameter the other is not made from."""
    if is_array_object(written, function) and is_array_object(read, function):
        return True
    known = [is_array_object(base, function) or _is_steady_parameter(base, function) for base in (written, read)]
    restricted = [_is_steady_parameter(base, function) and "restrict" in base.type for base in (written, read)]
    return all(known) and any(restricted)


def _is_steady_parameter(base: SyntaxNode, function: Function) -> bool:
    """Does the parameter still hold what the caller gave?"""
    untouched = base.reference not in function.assigned | function.address_taken
    return function.plain_c and base.kind == "name" and function.is_parameter(base) and untouched
