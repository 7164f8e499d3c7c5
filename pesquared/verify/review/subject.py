"""A change as reviews see it: the tree before and after it, what was edited, what was built."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from pesquared.core.protocols import Sandbox, Slot, SourceIndex, Workspaces
from pesquared.core.running import Purpose, RunResult
from pesquared.core.source import CompiledUnit
from pesquared.verify.measuring.bench import in_codebase
from pesquared.verify.rig import Rig
from pesquared.verify.trees.linked import Fingerprint
from pesquared.verify.workspace import Workspace

BEFORE_AND_AFTER = (Slot.BASELINE, Slot.CANDIDATE)
_TIMEOUT_S = 120.0
_MOST_UNITS = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """Both slots are built. Paths are relative, so that they mean the same in both."""

    workspaces: Workspaces
    sandbox: Sandbox
    source: SourceIndex
    edited: tuple[str, ...]  # files, relative to the code base
    programs: tuple[str, ...]  # linked files, relative to the tree

    def run(self, slot: Slot, command_line: str) -> RunResult:
        """A command line of ours in the code base's folder, which it cannot write."""
        self.workspaces.activate(slot)
        places = self.workspaces.codebase, self.workspaces.tree
        return Workspace(*places, self.sandbox, _TIMEOUT_S, purpose=Purpose.BUILD).run(command_line)

    def units(self) -> tuple[CompiledUnit, ...]:
        """The units that the edited files are part of, a few at most."""
        self.workspaces.activate(Slot.CANDIDATE)
        self.source.refresh()
        found = (unit for path in self.edited for unit in self.source.units_of(path))
        return tuple(dict.fromkeys(found))[:_MOST_UNITS]

    def layouts(self, slot: Slot) -> Iterator[tuple[tuple[str, str], str]]:
        """(file, name of a record type) and layout, of all that the edited files define."""
        self.workspaces.activate(slot)
        self.source.refresh()
        for path in self.edited:
            for name, layout in self.source.layouts(path).items():
                yield (path, name), layout


def subject_of(rig: Rig, edited: tuple[str, ...], products: Fingerprint | None) -> Subject | None:
    """The change in the slot CANDIDATE; None where nobody knows its source.

    Args:
        rig: what the judge works with.
        edited: paths relative to the tree. What lies outside the code base is nobody's to review.
        products: of the candidate's build, None where builds do not repeat themselves.
    """
    if rig.source is None:
        return None
    inside = (in_codebase(rig.workspaces, path) for path in edited)
    paths = tuple(path for path in inside if not path.startswith("../"))
    programs = tuple(sorted(products.programs)) if products else ()
    return Subject(rig.workspaces, rig.sandbox, rig.source(), paths, programs)


def compiling(compiler: str, unit: CompiledUnit, *options: str) -> str:
    """The command line that compiles a unit, in the folder in which its build does it."""
    words = (compiler, *unit.arguments, *options)
    return f"cd {shlex.quote(unit.directory)} && {shlex.join(words)}"


def compiler_of(family: str, unit: CompiledUnit) -> str:
    """The program of a family (gcc, clang) that compiles the unit's language."""
    plus = unit.arguments[1] == "c++"
    return {"gcc": "g++", "clang": "clang++"}[family] if plus else family
