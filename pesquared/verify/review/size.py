"""How large are the linked programs before and after?"""

import shlex
from collections.abc import Iterator

from pesquared.core.protocols import Slot
from pesquared.core.verdict import Finding
from pesquared.core.words import percent
from pesquared.verify.diagnosis import visible
from pesquared.verify.review.subject import Subject

_MOST_PROGRAMS = 20
_MUCH = 0.1  # a share by which a program may grow without a second look


def program_sizes(subject: Subject) -> Iterator[Finding]:
    """Bytes of code and data of each program that changed in size, as size(1) counts them."""
    programs = subject.programs[:_MOST_PROGRAMS]
    if not programs:
        return
    before, after = (_sizes(subject, slot, programs) for slot in (Slot.BASELINE, Slot.CANDIDATE))
    known = [name for name in programs if name in before and name in after]
    for name in known:
        old, new = before[name], after[name]
        if old != new and old:
            grown = (new - old) / old
            text = f"{name}: {old} → {new} bytes ({'+' if grown > 0 else ''}{percent(grown)})"
            yield Finding("size", text, concern=grown > _MUCH)
    if known and all(before[name] == after[name] for name in known):
        yield Finding("size", "the programs are as large as before")


def _sizes(subject: Subject, slot: Slot, programs: tuple[str, ...]) -> dict[str, int]:
    """Berkeley format: text, data, bss, their sum, the same in hexadecimal, the file as it was named."""
    paths = {str(subject.workspaces.tree / name): name for name in programs}
    result = subject.run(slot, f"size -- {shlex.join(paths)}")
    sizes: dict[str, int] = {}
    for line in visible(result.stdout).splitlines():
        row = line.split(None, 5)
        if len(row) == 6 and row[3].isdecimal() and row[5] in paths:
            sizes[paths[row[5]]] = int(row[3])
    return sizes
