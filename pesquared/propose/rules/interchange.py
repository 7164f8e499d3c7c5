"""Loop interchange: exchanges two nested loops where that makes memory be walked in order.

Three shapes are known. A nest that accumulates in a scalar::

    for (j …) { s = 0; for (k …) s += a[i*n+k] * b[k*n+j]; c[i*n+j] = s; }

becomes one that accumulates in the array, with the walk down ``b``'s columns gone::

    for (j …) c[i*n+j] = 0;
    for (k …) for (j …) c[i*n+j] += a[i*n+k] * b[k*n+j];

So does a nest that sets the element itself and then accumulates in it::

    for (j …) { c[i*n+j] = 0; for (k …) c[i*n+j] += a[i*n+k] * b[k*n+j]; }

A perfect nest, ``for (j …) for (k …) c[…] = …``, just has its headers swapped.

The result is the same bit for bit: every element sees the same operations in the same order and the same type.
This is what the source says in C; a compiler that is told to round differently from place to place
(``-ffast-math``, ``-ffp-contract=fast`` with fused instructions) promises it for neither nest. On targets where a
variable may carry more precision than an array element (x87) the rule does not apply.
"""

from pesquared.core.source import FunctionContext, SyntaxNode
from pesquared.propose.rules.accesses import Accesses, accesses_of
from pesquared.propose.rules.affine import structure
from pesquared.propose.rules.aliasing import doubtful_reads, is_array_object
from pesquared.propose.rules.function import Function, assigned_in
from pesquared.propose.rules.guards import has_rounds, overlap_guard
from pesquared.propose.rules.nests import Nest, innermost_pairs, nest_of
from pesquared.propose.rules.order import check_order
from pesquared.propose.rules.region import check_region, check_surroundings
from pesquared.propose.rules.rendering import (
    braced,
    exchanged,
    guarded,
    layout_of,
    lost_comments,
    nest_end,
    placed,
    without_variable,
)
from pesquared.propose.rules.rule import Refused, Rewrite, bare, walk
from pesquared.propose.rules.scalars import unqualified

_GUARDED = "; where arrays overlap, which is tested at run time, the old order is kept"
_OTHER_TARGETS = frozenset({"-m32", "-mx32", "-m16", "-mfpmath=387"})


class LoopInterchange:
    """The rule; see the module."""

    name = "loop interchange"

    def apply(self, context: FunctionContext) -> Rewrite | str:
        source = context.text.encode("utf-8", "surrogateescape")
        extent = context.definition.extent
        if context.syntax is None or context.definition.from_macro or len(source) != extent.end - extent.start:
            return "there is no syntax tree of the function"
        if context.partial:
            return "the parser met errors, so that types may be wrong"
        if not _OTHER_TARGETS.isdisjoint(context.compile_flags):
            return "it is built for a target on which variables may be more precise than memory"
        reasons = []
        function = Function.of(context, context.syntax)
        for outer, inner in innermost_pairs(context.syntax):
            try:
                return _Interchange(function, source, extent.start).of(outer, inner)
            except Refused as reason:
                reasons.append(str(reason))
        return reasons[0] if reasons else "it holds no nest of two loops"


class _Interchange:
    """One attempt at one nest."""

    def __init__(self, function: Function, source: bytes, base: int) -> None:
        self.function = function
        self.source = source
        self.base = base

    def of(self, outer: SyntaxNode, inner: SyntaxNode) -> Rewrite:
        check_region(outer)
        path = self.function.ancestors(outer)
        check_surroundings(self.source.decode("latin-1"), self.base, path, outer)
        nest = nest_of(outer, inner)
        accesses = accesses_of(nest)
        gain = _leaps(nest, accesses)
        self._check_values(nest, accesses)
        check_order(nest, accesses.target)
        self._check_variables(nest)
        doubtful = doubtful_reads(accesses, self.function)
        conditions = overlap_guard(nest, accesses.target, doubtful) if doubtful else ()
        return Rewrite(self._text(nest, path, conditions), f"{gain}{_GUARDED if conditions else ''}.")

    def _check_values(self, nest: Nest, accesses: Accesses) -> None:
        """Bounds, subscripts, arrays and scalars must stay what they are throughout the nest."""
        stored = accesses.target.element
        changed = assigned_in(nest.node)
        if nest.outer.variable == nest.inner.variable:
            raise Refused("both loops use one variable")
        bounds = [part for loop in (nest.inner, nest.outer) for part in (loop.upper, loop.lower)]
        for value in (*bounds, nest.target, nest.statement.children[1]):
            if any(part.kind == "assign" or part.operator in {"++", "--"} for part in walk(value)):
                raise Refused(f"`{value.text}` changes something besides its result")
        for loop in (nest.inner, nest.outer):
            self.function.settle(loop.upper, stored, changed, "bound")
            self.function.settle(loop.lower, stored, changed, "start")
        for value in (*accesses.atoms, *accesses.scalars):
            self.function.settle(value, stored, changed, "value")
        for access in (accesses.target, *accesses.reads):
            if not is_array_object(access.base, self.function):
                self.function.settle(access.base, stored, changed, "array")

    def _check_variables(self, nest: Nest) -> None:
        """Nobody may miss what the loops leave in their variables, nor may a name change its meaning by moving."""
        for loop in (nest.outer, nest.inner):
            if not loop.declares:
                self.function.dies_in(nest.node, loop.variable, loop.name)
        if nest.accumulator is not None and nest.accumulator.declaration is None:
            self.function.dies_in(nest.node, nest.accumulator.key, nest.accumulator.name)
        moved = [*walk(nest.outer.node.children[0]), *walk(nest.outer.node.children[1]), *walk(nest.target)]
        for node in moved:
            hidden = node.kind == "name" and node.text == nest.inner.name and node.reference != nest.inner.variable
            if nest.inner.declares and hidden:
                raise Refused(f"`{node.text}` means something else inside the loop over `{nest.inner.name}`")

    def _text(self, nest: Nest, path: tuple[SyntaxNode, ...], conditions: tuple[str, ...]) -> bytes:
        layout = layout_of(self.source, self.base, nest)
        end = nest_end(self.source, self.base, nest.node) - self.base
        start = nest.node.start - self.base
        rounds = "" if conditions or self._is_always_safe(nest, path) else has_rounds(nest.outer)
        lines = exchanged(nest, layout, rounds)
        if conditions:
            original = self.source[start:end].decode("utf-8", "surrogateescape")
            lines, before = guarded(original, lines, conditions, layout), self.source[:start]
        else:
            lines, before = lost_comments(nest) + lines, self._before(start, nest)
        alone = not nest.initial and lines[0].startswith("for ")
        in_block = alone or path[-1].kind == "compound"
        text = placed(lines, layout)
        return (before + text if in_block else braced(before, text, layout)) + self.source[end:]

    def _before(self, start: int, nest: Nest) -> bytes:
        """What stands before the nest, without the declaration of an accumulator that nobody needs any more."""
        before = self.source[:start]
        scalar = nest.accumulator
        if scalar is None or scalar.declaration is not None:
            return before
        if any(self.function.uses_outside(scalar.key, nest.node)):
            return before
        variable = self.function.declared[scalar.key]
        return without_variable(before, self.function.parents[id(variable)], scalar.name, self.base)

    def _is_always_safe(self, nest: Nest, path: tuple[SyntaxNode, ...]) -> bool:
        """May the inner loop be entered even where the outer one runs no round?

        Its bound is evaluated then, and its empty rounds are run, which the old nest does not do.
        """
        loop = nest.inner
        plain = all(bare(part).kind in {"name", "literal", "member"} for part in (loop.lower, loop.upper))
        ends = bare(loop.upper).kind == "literal" or unqualified(loop.upper.type) == unqualified(loop.type)
        conditions = [nest.outer.node.children[1], *(node.children[1] for node in path if node.kind == "for")]
        seen = {key for condition in conditions if _is_comparison(condition) for key in _pointers(condition)}
        needed = _pointers(loop.lower) | _pointers(loop.upper)
        return plain and ends and not loop.inclusive and needed <= seen - self.function.assigned


def _leaps(nest: Nest, accesses: Accesses) -> str:
    """What is gained, in words.

    Raises:
        Refused: as many accesses leap through memory afterwards.
    """
    in_inner = accesses.reads if nest.accumulator is not None else (accesses.target, *accesses.reads)
    before = sum(access.strides(nest.inner.variable) for access in in_inner)
    after = sum(access.strides(nest.outer.variable) for access in (accesses.target, *accesses.reads))
    if after >= before:
        raise Refused("exchanging the loops would not let memory be walked more evenly")
    return (
        f"exchanged the loops over `{nest.outer.name}` and `{nest.inner.name}`: "
        f"in the innermost loop {after} instead of {before} array accesses leap through memory"
    )


def _is_comparison(condition: SyntaxNode) -> bool:
    """Is every part of it evaluated?"""
    return all(part.kind != "conditional" and part.operator not in {"&&", "||"} for part in walk(condition))


def _pointers(value: SyntaxNode) -> set[str]:
    """Keys of the pointers that evaluating it goes through."""
    members = [part for part in walk(value) if part.kind == "member" and part.children]
    return {structure(part.children[0]) for part in members if "*" in part.children[0].type}
