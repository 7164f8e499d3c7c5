"""What a build defines anew that others rely on, by the linker's view; and a benchmark's claim beside CPU time."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.verdict import Gain
from pesquared.verify.measuring.meter import Reading
from pesquared.verify.measuring.own_clock import unseen_gain
from pesquared.verify.measuring.pairs import Pair
from pesquared.verify.trees.elf_symbols import symbols_of
from pesquared.verify.trees.files import snapshot
from pesquared.verify.trees.interposing import Interposing

MAIN = """\
#include <stdio.h>
#include <time.h>
int hot(int n);
int main(void) { struct timespec t; clock_gettime(0, &t); printf("%d %ld\\n", hot(3), (long)t.tv_sec); return 0; }
"""
HOT = "int hot(int n) { return n + 1; }\n"
FAKE = "struct timespec; int clock_gettime(int c, struct timespec *t) { return 0; }\n"


def built(folder: Path, hot: str, *options: str, header: str = "", objects: bool = True) -> Path:
    """A tree with main.c and hot.c, compiled and linked."""
    folder.mkdir()
    (folder / "main.c").write_text(header + MAIN)
    (folder / "hot.c").write_text(hot)
    command = (
        "cc -O1 {o} -c main.c && cc -O1 {o} -c hot.c && cc {o} -o prog main.o hot.o"
        if objects
        else "cc -O1 {o} -o prog main.c hot.c"
    )
    subprocess.run(["sh", "-c", command.format(o=" ".join(options))], cwd=folder, check=True)
    return folder


def found(
    tmp_path: Path, hot: str, *options: str, itself: bool = False, header: str = "", objects: bool = True
) -> str:
    before = built(tmp_path / "before", HOT, *options, objects=objects)
    after = built(tmp_path / "after", hot, *options, header=header, objects=objects)
    failed = Interposing(before).found(after, snapshot(after), reports_itself=itself)
    return failed.reason if failed else ""


@pytest.mark.parametrize(
    "hot",
    [
        HOT,
        "static int clock_gettime(void) { return 1; }\nint hot(int n) { return n + clock_gettime(); }\n",
        "int helper(int n) { return n; }\nint hot(int n) { return helper(n) + 1; }\n",
        "#include <stdlib.h>\nint hot(int n) { free(malloc(9)); return n + 1; }\n",
    ],
)
@pytest.mark.parametrize("objects", [True, False])
def test_honest_changes_are_let_pass(tmp_path, hot, objects):
    assert found(tmp_path, hot, itself=True, objects=objects) == ""


@pytest.mark.parametrize("name", ["clock_gettime", "printf", "malloc", "gettimeofday", "__asan_default_options"])
def test_what_others_rely_on_is_found(tmp_path, name):
    assert f"defines {name}," in found(tmp_path, f"{HOT}int {name}(void) {{ return 0; }}\n", "-fno-builtin")


@pytest.mark.parametrize("attribute", ["weak", 'visibility("hidden")'])
def test_attributes_hide_nothing(tmp_path, attribute):
    assert "clock_gettime" in found(tmp_path, f"{HOT}__attribute__(({attribute})) {FAKE}")


def test_a_clock_that_is_gone_is_missed_where_the_benchmark_times_itself(tmp_path):
    header = "#include <time.h>\n#define clock_gettime(c, t) ((t)->tv_sec = 0)\n"
    assert "no longer asks" in found(tmp_path, HOT, itself=True, header=header)
    (tmp_path / "timed").mkdir()
    assert found(tmp_path / "timed", HOT, itself=False, header=header) == ""


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2), st.integers(0, 2))
def test_what_is_no_sound_program_has_no_symbols_or_some_and_ends_nothing(tmp_path_factory, data, wide, order):
    folder = tmp_path_factory.mktemp("elf")
    (folder / "x").write_bytes(b"\x7fELF" + bytes((wide, order)) + data)
    symbols_of(folder, ["x"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=30))
def test_a_damaged_program_ends_nothing(tmp_path_factory, damage):
    data = bytearray(Path("/bin/true").read_bytes())
    for at, value in damage:
        data[4 + at % (len(data) - 4)] = value
    folder = tmp_path_factory.mktemp("elf")
    (folder / "x").write_bytes(data)
    symbols_of(folder, ["x"])


@pytest.mark.parametrize(
    ("low", "cpu_after", "concern"),
    [
        (0.5, 1.0, True),
        (0.5, 1.2, True),
        (0.5, 0.5, False),
        (0.5, 0.9, False),
        (0.03, 1.0, True),
        (0.01, 1.0, False),
    ],
)
def test_a_claim_that_cpu_time_does_not_confirm_is_said(low, cpu_after, concern):
    pairs = [Pair(Reading(1.0, 1.0), Reading(cpu_after, cpu_after))] * 5
    findings = unseen_gain(pairs, Gain(low + 0.05, low, low + 0.1, 5, "ns", 0.001))
    assert [finding.concern for finding in findings] == [True] * concern


def test_nothing_is_said_where_cpu_time_is_not_known():
    pairs = [Pair(Reading(1.0, None), Reading(1.0, None))] * 5
    assert unseen_gain(pairs, Gain(0.5, 0.5, 0.5, 5, "ns", 0.001)) == ()
