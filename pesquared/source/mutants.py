"""Mutants of a function: the same code with one small fault, as edits, to see which gate notices.

Found by tokens and brackets, so that any text has its mutants or none; only inside the function's body, never in
comments, strings, preprocessor lines or the types of declarations. Some do not build: the compiler sorts them out.
"""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from pesquared.core.edits import apply_edits
from pesquared.core.proposal import Edit
from pesquared.core.source import Definition
from pesquared.core.strength import FunctionGroup, Kind, Mutant, Sample
from pesquared.source.bodies import read_body
from pesquared.source.changes import Change, changes
from pesquared.source.probes import Insertion, trap_at
from pesquared.source.roles import Roles, read_roles
from pesquared.source.splice import require_fresh

NOTHING = '__asm__ volatile ("nop"); '  # GCC and Clang: another program that does the same
NO_BYTES = hashlib.sha256(b"").hexdigest()
LONGEST_SHOWN = 200  # characters of a line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Faults:
    """A function and all the faults that there is room for in its body."""

    source: bytes  # the whole file
    definition: Definition
    roles: Roles
    changes: tuple[Change, ...]

    def mutant(self, change: Change) -> Mutant:
        """The function with that fault."""
        extent = self.definition.extent
        start, end = extent.start + change.start, extent.start + change.end
        digest = hashlib.sha256(self.source[start:end]).hexdigest()
        edit = Edit(extent.path, start, end, digest, change.text.encode("latin-1"))
        before, after = _shown(self.source, edit)
        return Mutant(
            kind=change.kind,
            function=self.definition.name,
            line=self.source.count(b"\n", 0, start) + 1,
            edit=edit,
            before=before,
            after=after,
            probe=self._insertions(trap_at(self.roles, change.at)),
            advice=change.advice,
        )

    def without_effect(self) -> Mutant:
        """The function with an instruction that does nothing: what the gates must let pass."""
        body = self.roles.body
        place = body.tokens[body.first - 1].end
        (edit,) = self._insertions(((place, f" {NOTHING}"),))
        before, after = _shown(self.source, edit)
        line = self.source.count(b"\n", 0, edit.start) + 1
        return Mutant(Kind.DROPPED, self.definition.name, line, edit, before, after)

    def _insertions(self, insertions: Iterable[Insertion]) -> tuple[Edit, ...]:
        extent = self.definition.extent
        return tuple(
            Edit(extent.path, extent.start + at, extent.start + at, NO_BYTES, text.encode("latin-1"))
            for at, text in insertions
        )


def faults_of(source: bytes, definition: Definition) -> Faults | None:
    """The faults that a function has room for; None where its body cannot be told.

    Args:
        source: the whole file in which it stands.
        definition: as it was found in that file.

    Raises:
        StaleEdit: the file has changed since.
    """
    extent = definition.extent
    require_fresh(source, extent)
    text = source[extent.start : extent.end].decode("latin-1")
    body = None if definition.from_macro else read_body(text, cpp=definition.language == "c++")
    if body is None:
        return None
    roles = read_roles(body)
    found = {(one.start, one.end, one.text): one for one in changes(roles)}
    return Faults(source, definition, roles, tuple(found.values()))


def draw(functions: Sequence[Faults], count: int, seed: int) -> tuple[Mutant, ...]:
    """At most ``count`` mutants, drawn evenly over functions and, in each, over kinds; by ``seed`` alone."""
    rng = random.Random(seed)  # noqa: S311  chooses samples
    queues = [_mixed(one, rng) for one in functions]
    return tuple(islice(_in_turns(queues), count))


def sample(
    base: str, functions: Sequence[Faults], count: int, seed: int, skipped: tuple[FunctionGroup, ...] = ()
) -> Sample:
    """What to try in these functions, each of them with a change without effect beside its mutants."""
    groups = tuple(
        FunctionGroup(
            one.definition.name, f"{one.definition.extent.path}:{one.definition.extent.line}", len(one.changes)
        )
        for one in functions
    )
    harmless = tuple(one.without_effect() for one in functions)
    return Sample(base, seed, (*groups, *skipped), harmless, draw(functions, count, seed))


def _mixed(faults: Faults, rng: random.Random) -> Iterator[Mutant]:
    by_kind: dict[Kind, list[Change]] = {}
    for change in faults.changes:
        by_kind.setdefault(change.kind, []).append(change)
    kinds = list(by_kind.values())
    rng.shuffle(kinds)
    for kind in kinds:
        rng.shuffle(kind)
    return map(faults.mutant, _in_turns([iter(kind) for kind in kinds]))


def _in_turns(queues: list[Iterator[T]]) -> Iterator[T]:
    while queues:
        left = []
        for queue in queues:
            for item in islice(queue, 1):
                yield item
                left.append(queue)
        queues = left


def _shown(source: bytes, edit: Edit) -> tuple[str, str]:
    """The lines that the edit touches, before and after it."""
    first = source.rfind(b"\n", 0, edit.start) + 1
    last = source.find(b"\n", edit.end)
    lines = source[first : len(source) if last < 0 else last]
    moved = Edit(edit.path, edit.start - first, edit.end - first, edit.sha256, edit.replacement)
    return _one_line(lines), _one_line(apply_edits(lines, [moved]))


def _one_line(text: bytes) -> str:
    line = " ".join(text.decode("utf-8", "replace").split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"
