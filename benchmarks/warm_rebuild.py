"""Prints what one changed file costs in a warm slot, beside a clean build of the same project.

Usage: ``python benchmarks/warm_rebuild.py [REPOSITORY BUILD-COMMAND FILE]``. Without arguments a C++ project of 40
units is generated and built with each build tool that is there. FILE, a path in the repository, gets a function
added at its end. What counts: updating the slot and building; copying the baseline's slot is printed by itself.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces

UNITS, ROUNDS, TARGET = 40, 3, 0.10

UNIT = """\
#include "all.h"
#include <algorithm>
#include <map>
#include <string>
#include <vector>
int unit_{number}(int n)
{{
    std::map<std::string, std::vector<int>> found;
    for (int i = 0; i < n; i++)
        found[std::to_string(i % {number})].push_back(i);
    int sum = 0;
    for (auto &entry : found) {{
        std::sort(entry.second.begin(), entry.second.end());
        sum += entry.second.back();
    }}
    return sum;
}}
"""
MAKEFILE = """\
OBJECTS = $(patsubst %.cpp,%.o,$(wildcard *.cpp))
prog: $(OBJECTS)
\t$(CXX) -o $@ $^
%.o: %.cpp
\t$(CXX) -O1 -g -MMD -c -o $@ $<
-include $(OBJECTS:.o=.d)
"""
CMAKE = """\
cmake_minimum_required(VERSION 3.10)
project(prog CXX)
set(CMAKE_CXX_FLAGS "-O1 -g")
file(GLOB SOURCES *.cpp)
add_executable(prog ${SOURCES})
"""
TOOLS = {
    "make": ("make",),
    "cmake -B build && cmake --build build": ("cmake", "make"),
    "cmake -G Ninja -B build && ninja -j1 -C build": ("cmake", "ninja"),
}


def generate(folder: Path) -> None:
    folder.mkdir()
    names = range(1, UNITS + 1)
    (folder / "all.h").write_text("".join(f"int unit_{number}(int n);\n" for number in names))
    for number in names:
        (folder / f"unit_{number}.cpp").write_text(UNIT.format(number=number))
    calls = " + ".join(f"unit_{number}(n)" for number in names)
    (folder / "main.cpp").write_text(
        f'#include "all.h"\nint main(int n, char **)\n{{\n    return ({calls}) == 7;\n}}\n'
    )
    (folder / "Makefile").write_text(MAKEFILE)
    (folder / "CMakeLists.txt").write_text(CMAKE)
    git = ("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@localhost")
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "All of it")):
        subprocess.run([*git, *words], cwd=folder, check=True)


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds, children included."""

    def cpu() -> float:
        used = os.times()
        return used.user + used.system + used.children_user + used.children_system

    begun, before = time.perf_counter(), cpu()
    work()
    return time.perf_counter() - begun, cpu() - before


def compare(repository: Path, command: str, file: str) -> None:
    """Prints one table row for a build command."""

    def build() -> None:
        subprocess.run(command, shell=True, cwd=slots.codebase, check=True, stdout=subprocess.DEVNULL)

    def one_file() -> None:
        slots.update(Slot.CANDIDATE, commit)
        slots.activate(Slot.CANDIDATE)
        build()

    with (
        TemporaryDirectory() as scratch,
        GitRepository.open(repository, objects=Path(scratch, "objects")) as opened,
        SlotWorkspaces(opened, Path(scratch, "slots")) as slots,
    ):
        base = opened.snapshot().commit
        slots.place(Slot.BASELINE, base)
        slots.activate(Slot.BASELINE)
        clean = spent(build)
        size = len(opened.read(base, file))
        warm, copied = [], []
        for number in range(ROUNDS):
            added = b"\nint added_%d(int n) { return n + %d; }\n" % (number, number)
            edit = Edit(file, size, size, hashlib.sha256(b"").hexdigest(), added)
            commit = opened.commit_edits(base, (edit,), "one file\n")
            copied.append(spent(lambda: slots.copy(Slot.BASELINE, Slot.CANDIDATE)))
            warm.append(spent(one_file))
    best, copy = min(warm, key=lambda pair: pair[1]), min(copied, key=lambda pair: pair[1])
    print(f"{command}\n  clean build   {clean[0]:8.2f} s   processor {clean[1]:8.2f} s")
    print(f"  one file      {best[0]:8.2f} s   processor {best[1]:8.2f} s   {best[1] / clean[1]:6.1%} of it")
    print(f"  copy of slot  {copy[0]:8.2f} s   processor {copy[1]:8.2f} s")


def main() -> None:
    print(f"target: one file at most {TARGET:.0%} of a clean build; best of {ROUNDS}, by processor time")
    if len(sys.argv) == 4:
        compare(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
        return
    with TemporaryDirectory() as scratch:
        generate(Path(scratch, "project"))
        for command, needed in TOOLS.items():
            if all(map(shutil.which, needed)):
                compare(Path(scratch, "project"), command, "unit_1.cpp")


if __name__ == "__main__":
    main()
