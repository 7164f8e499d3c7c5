"""Does the change bring new compiler warnings under -Wall -Wextra, with each compiler that is there?"""

import re
from collections import Counter
from collections.abc import Iterator
from os.path import relpath

from pesquared.core.protocols import Slot
from pesquared.core.source import CompiledUnit
from pesquared.core.verdict import Finding
from pesquared.verify.diagnosis import visible
from pesquared.verify.review.subject import BEFORE_AND_AFTER, Subject, compiler_of, compiling

FAMILIES = ("gcc", "clang")
_OPTIONS = ("-Wall", "-Wextra", "-fno-diagnostics-color", "-c", "-o", "/dev/null")
_WARNING = re.compile(r"(?P<file>[^:\n]{1,1000}):(?P<line>\d{1,9}):\d{1,9}: warning: (?P<text>.{1,500})")
_SHOWN = 3
_MOST_LINES = 20_000


def new_warnings(subject: Subject) -> Iterator[Finding]:
    """One finding for each new warning, a few at most, and one for what was looked at without any."""
    units = subject.units()
    if not units:
        return
    clean: list[str] = []
    for family in FAMILIES:
        if not subject.run(Slot.CANDIDATE, f"command -v {family}").ok:
            continue
        new = _new(subject, family, units)
        if new is None:
            yield Finding(
                "warnings", f"{family} does not compile {units[0].file} by itself: no warnings were compared"
            )
        elif new:
            for text in new[:_SHOWN]:
                yield Finding("warnings", f"{family}: {text}", concern=True)
            if len(new) > _SHOWN:
                yield Finding("warnings", f"{family}: {len(new) - _SHOWN} more new warnings", concern=True)
        else:
            clean.append(family)
    if clean:
        yield Finding("warnings", f"none new under -Wall -Wextra ({', '.join(clean)})")


def _new(subject: Subject, family: str, units: tuple[CompiledUnit, ...]) -> list[str] | None:
    """Warnings of the candidate that the baseline has not, or has less often; None if a unit is not compiled."""
    seen: list[Counter[str]] = []
    places: dict[str, str] = {}
    for slot in BEFORE_AND_AFTER:
        count: Counter[str] = Counter()
        for unit in units:
            result = subject.run(
                slot, compiling(compiler_of(family, unit), unit, *_OPTIONS, unit_path(subject, unit))
            )
            if not result.ok:
                return None
            for place, text in _warnings(visible(result.stderr), str(subject.workspaces.codebase)):
                count[text] += 1
                places[text] = place
        seen.append(count)
    before, after = seen
    return [f"{places[text]}: {text}" for text in (after - before).elements()]


def unit_path(subject: Subject, unit: CompiledUnit) -> str:
    """The unit's file as its compiler finds it, wherever that is started."""
    return str(subject.workspaces.codebase / unit.file)


def _warnings(output: str, codebase: str) -> Iterator[tuple[str, str]]:
    """(FILE:LINE, text) of each; the line is not part of what is compared, for lines move."""
    for line in output.splitlines()[:_MOST_LINES]:
        if found := _WARNING.fullmatch(line):
            file = relpath(found["file"], codebase) if found["file"].startswith("/") else found["file"]
            yield f"{file}:{found['line']}", found["text"]
