"""Real build tools rebuild in a warm slot what an edit affects, no less and no more."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.git_repos import ENVIRON, make_repository

SOURCES = {
    "src/main.c": '#include "util.h"\n#include <stdio.h>\nint main(void) { printf("%d %d\\n", util(), LIMIT); return 0; }\n',
    "src/util.c": '#include "util.h"\nint util(void) { return 1; }\n',
    "src/util.h": "#define LIMIT 10\nint util(void);\n",
    "src/other.c": "int other(void) { return 0; }\n",
}
MAKEFILE = """\
OBJECTS = src/main.o src/util.o src/other.o
prog: $(OBJECTS)
\t$(CC) -o $@ $^
%.o: %.c
\t$(CC) -MMD -g -c -o $@ $<
-include $(OBJECTS:.o=.d)
"""
CMAKE = """\
cmake_minimum_required(VERSION 3.10)
project(prog C)
add_executable(prog src/main.c src/util.c src/other.c)
"""
BUILDS = {
    "make": ("Makefile", MAKEFILE, "make", "./prog"),
    "cmake with make": ("CMakeLists.txt", CMAKE, "cmake -B build && cmake --build build", "build/prog"),
    "cmake with ninja": ("CMakeLists.txt", CMAKE, "cmake -G Ninja -B build && ninja -C build", "build/prog"),
}
NEEDED = {
    "make": ("make", "cc"),
    "cmake with make": ("cmake", "make", "cc"),
    "cmake with ninja": ("cmake", "ninja", "cc"),
}


class Builder:
    """A project in slots, built by one of the tools."""

    def __init__(self, tool: str, folder: Path) -> None:
        file, text, self.build_command, self.program = BUILDS[tool]
        root = make_repository(
            folder / "r", {f"code base/{path}": content for path, content in {**SOURCES, file: text}.items()}
        )
        self.opened = GitRepository.open(root / "code base", environ=ENVIRON)
        self.slots = SlotWorkspaces(self.opened, folder / "slots")
        self.base = self.opened.snapshot().commit
        self.slots.place(Slot.BASELINE, self.base)
        self.build(Slot.BASELINE)

    def build(self, slot: Slot) -> str:
        """Builds what is in the slot; returns what the program says."""
        self.slots.activate(slot)
        done = subprocess.run(
            self.build_command, cwd=self.slots.codebase, shell=True, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return subprocess.run(
            [self.slots.codebase / self.program], capture_output=True, text=True, check=True
        ).stdout

    def objects(self) -> dict[str, int]:
        found = self.slots.codebase.rglob("*.o")
        return {path.name.split(".")[0]: path.stat().st_mtime_ns for path in found}

    def rebuilt(self, path: str, old: bytes, new: bytes) -> tuple[str, set[str]]:
        """What the program says after an edit, and which units were compiled for it."""
        source = self.opened.read(self.base, path)
        at = source.index(old)
        edit = Edit(path, at, at + len(old), hashlib.sha256(old).hexdigest(), new)
        commit = self.opened.commit_edits(self.base, (edit,), "m")
        self.slots.copy(Slot.BASELINE, Slot.CANDIDATE)
        assert self.slots.update(Slot.CANDIDATE, commit) == (f"code base/{path}",)
        self.slots.activate(Slot.CANDIDATE)
        before = self.objects()
        said = self.build(Slot.CANDIDATE)
        after = self.objects()
        return said, {name for name, time in after.items() if before.get(name) != time}


@pytest.fixture(params=BUILDS)
def builder(request: pytest.FixtureRequest, tmp_path: Path) -> Builder:
    for program in NEEDED[request.param]:
        if shutil.which(program) is None:
            pytest.skip(f"no {program}")
    return Builder(request.param, tmp_path)


def test_an_edit_costs_what_it_affects(builder: Builder) -> None:
    assert builder.rebuilt("src/util.c", b"return 1", b"return 2") == ("2 10\n", {"util"})
    assert builder.rebuilt("src/util.h", b"LIMIT 10", b"LIMIT 11") == ("1 11\n", {"main", "util"})
    assert builder.rebuilt("src/other.c", b"return 0", b"return 7") == ("1 10\n", {"other"})


def test_the_next_attempt_starts_from_the_baseline_again(builder: Builder) -> None:
    builder.rebuilt("src/util.c", b"return 1", b"return 2")
    builder.slots.exchange(Slot.BASELINE, Slot.CANDIDATE)
    assert builder.build(Slot.BASELINE) == "2 10\n"
    assert builder.build(Slot.CANDIDATE) == "1 10\n"
    builder.slots.exchange(Slot.BASELINE, Slot.CANDIDATE)
    assert builder.rebuilt("src/other.c", b"return 0", b"return 7") == ("1 10\n", {"other"})


def test_a_cold_build_gives_the_same_files(builder: Builder) -> None:
    said, _ = builder.rebuilt("src/util.c", b"return 1", b"return 2")
    warm = (builder.slots.codebase / builder.program).read_bytes()
    commit = builder.slots._commits[Slot.CANDIDATE]
    builder.slots.place(Slot.CANDIDATE, commit)
    assert builder.build(Slot.CANDIDATE) == said
    assert (builder.slots.codebase / builder.program).read_bytes() == warm
