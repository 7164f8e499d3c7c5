"""Shims: compilers under their names, with more options, and only those that are there."""

import os
import subprocess
from pathlib import Path

import pytest

from pesquared.verify.trees.shims import write_shims


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Compilers that print how they were called."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("gcc", "g++", "cc", "clang-14", "clang++-14", "gcc-12"):
        (folder / name).write_text(f'#!/bin/sh\necho {name} "$#" "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def called(tools: Path, setup: str, command: str) -> str:
    environ = {"PATH": f"{tools}:{os.defpath}"}
    done = subprocess.run(
        ["sh", "-c", f"{setup}\n{command}"], env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or f"{done.returncode} {done.stderr}"


def test_options_come_last_and_arguments_stay_whole(tmp_path, tools) -> None:
    setup = write_shims(tmp_path / "it's here", ("-fsanitize=address", "-D X"))
    assert called(tools, setup, "gcc -c 'a b.c' -O2") == "gcc 5 -c a b.c -O2 -fsanitize=address -D X"
    assert called(tools, setup, "sh -c 'g++ x.cc'") == "g++ 3 x.cc -fsanitize=address -D X"
    assert called(tools, setup, "gcc-12") == "gcc-12 2 -fsanitize=address -D X"
    assert called(tools, setup, f"{tools}/gcc") == "gcc 0"


def test_no_compiler_is_pretended_to_be_there(tmp_path, tools) -> None:
    setup = write_shims(tmp_path / "shims", ())
    assert called(tools, setup, "command -v clang-15 || echo none") == "none"
    assert called(tools, setup, "command -v gcc") == f"{tmp_path}/shims/gcc/gcc"


@pytest.mark.parametrize(
    ("compiler", "command", "expected"),
    [
        ("clang-14", "gcc a.c", "clang-14 2 a.c -O3"),
        ("clang-14", "g++ a.cc", "clang++-14 2 a.cc -O3"),
        ("gcc", "clang++-14 a.cc", "g++ 2 a.cc -O3"),
        ("gcc-12", "cc a.c", "gcc-12 2 a.c -O3"),
    ],
)
def test_another_compiler_may_take_the_place_of_all(tmp_path, tools, compiler, command, expected) -> None:
    assert called(tools, write_shims(tmp_path / "shims", ("-O3",), compiler), command) == expected


def test_a_shim_found_by_its_whole_path_or_twice_does_not_call_itself(tmp_path, tools) -> None:
    setup = write_shims(tmp_path / "shims", ("-O3",))
    assert called(tools, "", f"{tmp_path}/shims/cc/cc --version").startswith("cc ")  # as CMake's cache names it
    assert called(tools, setup, f"PATH={tmp_path}/other:$PATH cc") == "cc 1 -O3"


def test_nothing_that_is_in_the_way_is_touched(tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "shims").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="shims"):
        write_shims(tmp_path / "shims", ())
    assert not list((tmp_path / "elsewhere").iterdir())
