import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.running import RunResult, Usage
from pesquared.source.clang.arguments import clean, is_compiler, language_of, units_in
from pesquared.source.clang.compile_commands import CompileDatabase, find_compile_commands
from pesquared.source.clang.compile_json import read_compile_json
from pesquared.source.clang.locator import SourceTree
from pesquared.source.clang.make_output import read_make_output


def runner(root: Path):
    def run(line: str) -> RunResult:
        done = subprocess.run(["sh", "-c", line], cwd=root, capture_output=True, check=False)
        return RunResult(done.returncode, done.stdout, done.stderr, Usage(0.0, None, None, "wall"))

    return run


def find(root: Path, run=None):
    return find_compile_commands(root.resolve(), SourceTree(root.resolve()), run)


def flags(database: CompileDatabase, name: str) -> tuple[str, ...]:
    return database.commands[name].arguments


def test_only_what_decides_the_meaning_is_let_through():
    line = (
        "gcc -c -O2 -Wall -Werror -Iinc -I ../far -isystem/sys -include cfg.h -DX=1 -D Y -U Z -std=gnu11 -mavx2 -flto "
        "-fplugin=evil.so -Xclang -load -Xclang evil.so -B /evil -specs=evil @evil -MMD -MF x.d -MT x.o "
        "-mavx256-split-unaligned-load -fno-exceptions -include-pch evil.pch -wrapper evil a.c -o a.o"
    )
    assert clean(line.split(), lambda path: f"/b/{path}") == (
        *(
            "-O2",
            "-I",
            "/b/inc",
            "-I",
            "/b/../far",
            "-isystem",
            "/b//sys",
            "-include",
            "/b/cfg.h",
            "-DX=1",
            "-DY",
            "-UZ",
        ),
        *("-std=gnu11", "-mavx2", "-fno-exceptions"),
    )


def test_compilers_languages_and_units_are_told_from_the_command_line():
    assert all(is_compiler(name) for name in ("cc", "/usr/bin/gcc-12", "x86_64-linux-gnu-g++", "clang++-18"))
    assert not any(is_compiler(name) for name in ("gcc-ar", "ccache", "ld", "echo"))
    assert language_of(["g++", "a.c"], "a.c") == "c++"
    assert language_of(["gcc", "-x", "c++", "a.c"], "a.c") == "c++"
    assert language_of(["gcc", "a.c"], "a.c") == "c"
    assert units_in(["gcc", "-include", "no.c", "a.c", "-o", "b.c", "@c.c", "d.cpp", "e.o"]) == ("a.c", "d.cpp")


def test_json_comes_first_and_paths_become_absolute(plant):
    root = plant({"src/a.c": "", "src/b.cc": "", "Makefile": "all:\n\tgcc -DMAKE -c src/a.c\n"})
    entries = [
        {"directory": str(root / "src"), "file": "a.c", "command": 'gcc -I../inc -DA=\\"x\\" -c a.c'},
        {"directory": str(root / "src"), "file": "a.c", "command": "gcc -DSECOND -c a.c"},
        {"directory": str(root), "file": "src/b.cc", "arguments": ["g++", "-std=c++20", "-c", "src/b.cc"]},
    ]
    (root / "build").mkdir()
    (root / "build/compile_commands.json").write_text(json.dumps(entries))
    database = find(root, runner(root))
    assert (database.origin, database.confidence) == ("build/compile_commands.json", "high")
    assert flags(database, "src/a.c") == ("-x", "c", "-I", str(root.resolve() / "inc"), '-DA="x"')
    assert flags(database, "src/b.cc") == ("-x", "c++", "-std=c++20")


def test_json_from_before_the_tree_was_moved(plant):
    root = plant({"src/a.c": ""})
    entry = {
        "directory": "/home/x/p/build",
        "file": "../src/a.c",
        "command": "gcc -I../inc -I/usr/inc -c ../src/a.c",
    }
    (root / "compile_commands.json").write_text(json.dumps([entry]))
    assert flags(find(root), "src/a.c")[2:] == ("-I", str(root.resolve() / "inc"), "-I", "/usr/inc")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{}",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
        b'[1, null, "x", [], {}]',
        b'[{"file": 1, "directory": 2, "command": 3}]',
        b'[{"file": "a.c", "directory": "/", "arguments": [1]}]',
        b'[{"file": "a\\u0000.c", "directory": "/", "command": "gcc"}]',
        b'[{"file": "a\\ud800.c", "directory": "/", "command": "gcc"}]',
        b'[{"file": "a.c", "directory": ".", "command": "gcc \'-DX"}]',
        json.dumps([{"file": "a.c", "directory": ".", "command": "'" * 200_001}]).encode(),
        json.dumps([{"file": "a" * 5000 + ".c", "directory": "..", "command": "gcc x"}]).encode(),
        b'[{"file": "../../etc/passwd.c", "directory": ".", "command": "gcc"}]',
    ],
)
def test_hostile_json_is_noted_and_the_next_source_asked(plant, content):
    root = plant({"a.c": "", "compile_commands.json": content})
    database = find(root)
    assert (database.origin, database.confidence) == ("guessed", "low")
    assert database.notes[-1] == "no compile commands were found: the flags are guessed"


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["file", "directory", "command", "arguments"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_gives_usable_entries_or_notes(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("json") / "compile_commands.json"
    path.write_text(json.dumps(document))
    notes: list[str] = []
    entries = read_compile_json(path, notes)
    assert all(entry.argv and "\0" not in entry.file for entry in entries)
    assert notes or (isinstance(document, list) and len(entries) == len(document))


MAKEFILE = """\
CFLAGS := -O2 $(shell echo -DFROM_SHELL=1)
all: a.o
\t$(MAKE) -C sub
%.o: %.c
\t@echo CC $@ x.c; if true; then $(CC) $(CFLAGS) -Iinc \\
\t  -DNAME='"a b"' -c $< -o $@; fi
"""
SUB = "lib.o: lib.cpp\n\tcd .. && g++ -Isub/inc -std=c++14 -c sub/lib.cpp -o sub/lib.o\n"


def test_make_is_asked_through_the_runner_and_followed_into_folders(plant):
    root = plant({"a.c": "", "Makefile": MAKEFILE, "sub/Makefile": SUB, "sub/lib.cpp": ""})
    database = find(root, runner(root))
    real = root.resolve()
    assert (database.origin, database.confidence) == ("make -n", "medium")
    assert flags(database, "a.c") == ("-x", "c", "-O2", "-DFROM_SHELL=1", "-I", str(real / "inc"), '-DNAME="a b"')
    assert flags(database, "sub/lib.cpp") == ("-x", "c++", "-I", str(real / "sub/inc"), "-std=c++14")
    assert not (root / "a.o").exists()


def test_make_prints_all_even_after_a_build(plant):
    root = plant({"a.c": "int a;", "Makefile": "a.o: a.c\n\tgcc -DQ -c a.c\n"})
    subprocess.run(["make", "-s"], cwd=root, check=True)
    assert "-DQ" in flags(find(root, runner(root)), "a.c")


def test_without_a_runner_nothing_foreign_is_executed(plant):
    root = plant({"a.c": "", "inc/x.h": "", "Makefile": "X := $(shell touch ran)\na.o: a.c\n\tgcc -c a.c\n"})
    database = find(root)
    assert database.origin == "guessed"
    assert not (root / "ran").exists()
    assert flags(database, "a.c") == ("-x", "c", "-std=gnu17", "-I", str(root.resolve() / "inc"))


def test_make_that_saw_the_tree_elsewhere_is_mapped_back(plant):
    root = plant({"a.c": ""}).resolve()
    output = b"make: Entering directory '/sandbox/tree'\ngcc -I/sandbox/tree/inc -c /sandbox/tree/a.c\n"

    def run(line: str) -> RunResult:
        assert line.endswith("make -k -n -B -w")
        return RunResult(0, output, b"", Usage(0.0, None, None, "wall"))

    (root / "Makefile").write_text("")
    assert flags(find(root, run), "a.c") == ("-x", "c", "-I", str(root / "inc"))


def test_automake_and_one_step_builds_are_understood(tmp_path):
    output = b"/bin/bash ./libtool --tag=CC gcc -DA -c `test -f 'a.c' || echo './'`a.c\ngcc -DB b.c c.c -o prog && ./prog\n"
    _, calls = read_make_output(output, tmp_path)
    assert [(call.file, call.argv[1]) for call in calls] == [("a.c", "-DA"), ("b.c", "-DB"), ("c.c", "-DB")]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.sampled_from(
    [b"make: Entering directory '/x'\n", b"make: Leaving directory '/x'\n", b"gcc ", b"a.c ", b"'", b'"', b"; ", b"\\\n", b"cd ", b"\n", b"(", b"`"]
), max_size=20).map(b"".join))  # fmt: skip
def test_any_output_of_make_is_read(output):
    _, calls = read_make_output(output, Path("/r"))
    assert all(call.file in call.argv for call in calls)
