"""Builds of a tree with sanitizers, in slots of their own, and the proof that the build took the options."""

import mmap
import os
import shlex
import struct
from dataclasses import dataclass, replace
from pathlib import Path

from pesquared.core.protocols import Slot
from pesquared.verify.diagnosis import ending, excerpt
from pesquared.verify.ladder.commands import run_build
from pesquared.verify.rig import Rig
from pesquared.verify.sanitizing.sanitizer_reports import Report, find_reports
from pesquared.verify.trees.files import folder_of, open_regular, remove, snapshot
from pesquared.verify.trees.shims import write_shims

FOLDER = ".pesquared-sanitizers"  # in the tree's root: shims, and what sanitizers report
REPORTS = f"{FOLDER}/reports"
_EXIT_CODE = 86  # of a program that a sanitizer stops
_READ = 1 << 18  # bytes of a log
_LOGS = 20
_ALWAYS = ("-g1", "-fno-omit-frame-pointer", "-Wno-error", "-U_FORTIFY_SOURCE")
_LINKED = (2, 3)  # ET_EXEC, ET_DYN; System V ABI, "Object Files"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which sanitizers, without what the unchanged code trips over by itself."""

    address: bool = True
    undefined: bool = True
    without: tuple[str, ...] = ("vptr",)  # which needs C++'s run-time types, and its runtime in every link
    variables: bool = False  # options in CFLAGS and its like, too

    @property
    def flags(self) -> tuple[str, ...]:
        names = [name for name, chosen in (("address", self.address), ("undefined", self.undefined)) if chosen]
        return (f"-fsanitize={','.join(names)}", f"-fno-sanitize={','.join(self.without)}", *_ALWAYS)

    @property
    def marker(self) -> bytes:
        """A symbol that a program built so refers to."""
        return b"__asan_init" if self.address else b"__ubsan_handle_"

    def sparing(self, report: Report) -> "Recipe | None":
        """Without the check that made the report, or without the sanitizer; None if none is left."""
        if report.sanitizer == "undefined" and report.check and report.check not in self.without:
            return replace(self, without=(*self.without, report.check))
        address = report.sanitizer == "address"
        spared = replace(self, address=False) if address else replace(self, undefined=False)
        return spared if spared.address or spared.undefined else None


class SanitizedBuild:
    """Builds in slots with a recipe.

    Attributes:
        recipe: may be changed; what is built cold afterwards follows it.
    """

    def __init__(self, rig: Rig) -> None:
        self.recipe = Recipe()
        self._rig = rig
        self._shims = ""

    def setup(self, *, halt: bool = True) -> str:
        """Shell text before each command: the shims, and how sanitizers behave; ``halt`` at the first report."""
        log = shlex.quote(f'"{self._rig.workspaces.tree / REPORTS}/log"')
        common = f"exitcode={_EXIT_CODE}:log_path={log}"
        asan = "detect_leaks=0:allocator_may_return_null=1"  # leaks need ptrace, which sandboxes refuse
        ubsan = f"print_stacktrace=1:halt_on_error={halt:d}"
        return (
            f"{self._shims}\nASAN_OPTIONS={asan}:{common} UBSAN_OPTIONS={ubsan}:{common}\n"
            "export ASAN_OPTIONS UBSAN_OPTIONS"
        )

    def cold(self, slot: Slot, commit: str) -> str:
        """The files of ``commit``, built from nothing. Returns why that failed, "" if it did not."""
        workspaces = self._rig.workspaces
        workspaces.place(slot, commit)
        workspaces.activate(slot)
        try:
            self._shims = write_shims(workspaces.tree / FOLDER, self.recipe.flags)
            self._make_reports()
        except OSError as error:
            return f"{FOLDER} cannot be made in the tree: {error}"
        return self.build(slot)

    def build(self, slot: Slot) -> str:
        """Builds what is in the slot. Returns why that failed, "" if it did not."""
        result = run_build(self._rig, slot, self._flagged())
        if result is None or result.ok:
            return ""
        return f"the build {ending(result)}\n{excerpt(result)}"

    def carries(self) -> bool:
        """Does any program in the slot at the constant path carry the sanitizer?"""
        tree = self._rig.workspaces.tree
        return any(_mentions(tree, path, self.recipe.marker) for path in snapshot(tree))

    def reports(self, *streams: bytes) -> list[Report]:
        """What sanitizers have reported: in streams, and in their logs in the slot at the constant path."""
        tree = self._rig.workspaces.tree
        logs = []
        for path in self._logs():
            file = open_regular(tree, path)
            if file is not None:
                with file:
                    logs.append(file.read(_READ))
        return [report for data in (*streams, *logs) for report in find_reports(data, str(tree))]

    def forget_reports(self) -> None:
        """Empties the folder of logs."""
        tree = self._rig.workspaces.tree
        for path in self._logs():
            remove(tree / path)

    def _logs(self) -> list[str]:
        """Paths of the logs; none where foreign code has put something else in the folder's place."""
        try:
            with folder_of(self._rig.workspaces.tree, f"{REPORTS}/log") as folder:
                return [f"{REPORTS}/{name}" for name in sorted(os.listdir(folder))[:_LOGS]]  # noqa: PTH208
        except OSError:
            return []

    def _make_reports(self) -> None:
        folder = self._rig.workspaces.tree / REPORTS
        folder.mkdir()
        if self._rig.sandbox.owner:
            os.chown(folder, *self._rig.sandbox.owner)

    def _flagged(self) -> str:
        flags = shlex.quote(shlex.join(self.recipe.flags))
        variables = f"\nCFLAGS={flags} CXXFLAGS={flags} LDFLAGS={flags}; export CFLAGS CXXFLAGS LDFLAGS"
        return self.setup(halt=False) + (variables if self.recipe.variables else "")


def _mentions(tree: Path, path: str, marker: bytes) -> bool:
    """Is it a linked ELF file that holds the marker?"""
    file = open_regular(tree, path)
    if file is None:
        return False
    with file:
        head = file.read(18)
        if len(head) < 18 or head[:4] != b"\x7fELF" or head[5] not in (1, 2):
            return False
        if struct.unpack_from("<H" if head[5] == 1 else ">H", head, 16)[0] not in _LINKED:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(marker) >= 0
