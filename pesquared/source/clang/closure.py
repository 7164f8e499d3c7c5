"""Which declarations of the code base a function uses: types with all they are made of, globals, callees."""

from dataclasses import dataclass, field

from pesquared.source.clang.kinds import FUNCTION_NUMBERS, RECORD_NUMBERS, VARIABLE
from pesquared.source.clang.raw import Cursor, function, is_null
from pesquared.source.clang.references import Declared, References
from pesquared.source.clang.unit import Span, Unit

_MANY_DECLARATIONS = 2000


@dataclass(slots=True)
class Uses:
    """What a function uses; nearest first."""

    types: list[Declared] = field(default_factory=list)
    variables: list[Declared] = field(default_factory=list)
    callees: list[Declared] = field(default_factory=list)
    members: frozenset[Span] = frozenset()  # the fields that its own text names
    via: dict[Span, str] = field(default_factory=dict)  # what first led to each: a name, "" for the function
    complete: bool = True


def uses_of(unit: Unit, references: References, target: Cursor) -> Uses:
    """Follows every reference out of the function, breadth first; into callees only as far as their signature."""
    uses = Uses()
    own = unit.raw_span(target)
    direct = references.of(target, bodies=True)
    uses.members = direct.members
    level = [("", one) for one in (*direct.declared, *owner_of(references, target))]
    seen: set[Span] = set()
    while level:
        following: list[tuple[str, Declared]] = []
        for via, one in level:
            inside = own is not None and own.path == one.span.path and own.start <= one.span.start < own.end
            if one.span in seen or inside:  # a lambda or a local type: part of the text already
                continue
            seen.add(one.span)
            if len(seen) > _MANY_DECLARATIONS:
                uses.complete = False
                return uses
            uses.via[one.span] = via
            _sort_in(uses, one)
            name = unit.name(one.cursor)
            following += [(name, next_one) for next_one in references.of(one.cursor, bodies=False).declared]
        level = following
    return uses


def owner_of(references: References, target: Cursor) -> tuple[Declared, ...]:
    """The class of a method."""
    owner = function("getCursorSemanticParent")(target)
    if is_null(owner) or owner.kind not in RECORD_NUMBERS:
        return ()
    found = references.declared(owner)
    return (found,) if found is not None else ()


def _sort_in(uses: Uses, one: Declared) -> None:
    if one.kind in FUNCTION_NUMBERS:
        uses.callees.append(one)
    elif one.kind == VARIABLE:
        uses.variables.append(one)
    else:
        uses.types.append(one)
