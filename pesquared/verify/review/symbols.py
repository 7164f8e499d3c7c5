"""Do the edited units still define the same symbols for others to link with?"""

from collections.abc import Iterator

from pesquared.core.protocols import Slot
from pesquared.core.source import CompiledUnit
from pesquared.core.verdict import Finding
from pesquared.verify.diagnosis import visible
from pesquared.verify.review.subject import BEFORE_AND_AFTER, Subject, compiler_of, compiling
from pesquared.verify.review.warnings import FAMILIES, unit_path

_STRONG = frozenset("TDBRSCG")  # nm(1), POSIX; weak ones (W, V) come and go with what the compiler inlines
_SHOWN = 5
_MOST_LINES = 100_000


def exported_symbols(subject: Subject) -> Iterator[Finding]:
    """Symbols that the change takes away or adds; a unit that nothing compiles here is passed over."""
    family = next(
        (one for one in FAMILIES if subject.run(Slot.CANDIDATE, f"command -v {one} && command -v nm").ok), None
    )
    if family is None:
        return
    gone, added, looked_at = set(), set(), 0
    for unit in subject.units():
        before, after = (_defined(subject, slot, family, unit) for slot in BEFORE_AND_AFTER)
        if before is None or after is None:
            continue
        looked_at += 1
        gone |= before - after
        added |= after - before
    gone, added = gone - added, added - gone  # moved from one unit to another
    if gone:
        yield Finding("symbols", f"no longer defined: {_named(gone)}", concern=True)
    if added:
        text = f"new: {_named(added)}; static would keep them out of others' way"
        yield Finding("symbols", text, concern=True)
    if looked_at and not gone and not added:
        yield Finding("symbols", "the same external symbols")


def _defined(subject: Subject, slot: Slot, family: str, unit: CompiledUnit) -> set[str] | None:
    compile_it = compiling(compiler_of(family, unit), unit, "-w", "-c", unit_path(subject, unit), "-o")
    script = (
        "folder=$(mktemp -d) && trap 'rm -rf \"$folder\"' EXIT && "
        f'{{ {compile_it} "$folder/unit.o"; }} && nm -g -P "$folder/unit.o"'
    )
    result = subject.run(slot, script)
    if not result.ok:
        return None
    rows = (line.split() for line in visible(result.stdout).splitlines()[:_MOST_LINES])
    return {row[0] for row in rows if len(row) >= 2 and row[1] in _STRONG}


def _named(symbols: set[str]) -> str:
    names = sorted(symbols)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
