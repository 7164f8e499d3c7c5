import json
import os
import signal
import sqlite3

import pytest

from pesquared.core.source import Definition
from pesquared.source.clang.index import open_index
from pesquared.source.clang.indexing import update
from pesquared.source.clang.store import IndexStore
from pesquared.source.clang.workers import Workers
from pesquared.source.languages import Keep

FILES = {
    "ops.h": "struct ops { const char *name; int (*run)(int); int (*stop)(int); };\nextern struct ops table[];\nint leaf(int);\n",
    "ops.c": '#include "ops.h"\nstatic int get(int a) { return leaf(a); }\nstatic int halt(int a) { return a; }\n'
    'struct ops table[] = {{"a", get, halt}, {.name = "b", .run = halt}};\n',
    "use.c": '#include "ops.h"\nint dispatch(int i) { return table[i].run(i); }\nint ender(int i) { return table[i].stop(i); }\n'
    "int call(int (*f)(int)) { return f(1); }\nint passes(void) { return call(leaf); }\n",
    "leaf.c": '#include "ops.h"\nint leaf(int a) { return a + 1; }\n',
    "shape.cpp": "struct Shape { virtual int area() { return 0; } virtual ~Shape() {} };\n"
    "struct Square : Shape { int area() override { return 4; } };\n"
    "int measure(Shape &s) { return s.area(); }\n"
    "template <class T> T twice(T a) { return a + a; }\nint uses() { return twice(2); }\n"
    "template <class T> int generic(T t) { return twice(t); }\n",
}


@pytest.fixture
def indexed(plant, tmp_path):
    def opened(files=FILES):
        return open_index(plant(files), keep=Keep(tmp_path / "keep"))

    return opened


def callers(index, name):
    definition = index.find(name)
    assert isinstance(definition, Definition), definition
    return {(one.definition.name, one.kind) for one in index.extract(definition).callers}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("leaf", {("get", "direct"), ("passes", "address-taken")}),
        ("get", {("dispatch", "pointer")}),
        ("halt", {("dispatch", "pointer"), ("ender", "pointer")}),
        ("call", {("passes", "direct")}),
        ("Square::area", {("measure", "virtual")}),
        ("Shape::area", {("measure", "virtual")}),
        ("twice", {("uses", "direct"), ("generic", "reference")}),
    ],
)
def test_callers_are_found_however_they_call(indexed, name, expected):
    assert callers(indexed(), name) == expected


def test_tables_that_hold_a_function_are_named(indexed):
    index = indexed()
    assert "tables hold it: ops.c:4" in index.extract(index.find("get")).notes


def test_only_what_has_changed_is_read_again(plant, tmp_path):
    root = plant(FILES)
    store = IndexStore(tmp_path / "i.db", "1")

    def updated():
        index = open_index(root)
        return update(store, index.tree, index.database)

    assert (updated().read, updated().read) == (4, 0)
    (root / "leaf.c").write_text('#include "ops.h"\n\nint leaf(int a) { return a + 2; }\n')
    assert updated().read == 1
    (root / "ops.h").write_text(FILES["ops.h"] + "int more(int);\n")
    assert updated().read == 3  # those that include it
    (root / "use.c").unlink()
    assert updated().read == 0
    names = {name for (name,) in store.connection.execute("SELECT name FROM definition")}
    assert "leaf" in names
    assert "dispatch" not in names
    (found,) = store.connection.execute(
        "SELECT count(*) FROM edge WHERE source NOT IN (SELECT id FROM definition)"
    )
    assert found == (0,)


def test_a_header_that_was_missing_and_is_there_now_makes_its_unit_stale(plant, tmp_path):
    root = plant(
        {"a.c": '#include "made.h"\nint f(void) { return MADE; }\n', "b.c": "int g(void) { return 1; }\n"}
    )
    commands = [{"file": name, "directory": ".", "arguments": ["cc", name]} for name in ("a.c", "b.c")]
    (root / "compile_commands.json").write_text(json.dumps(commands))
    store = IndexStore(tmp_path / "i.db", "1")

    def updated():
        index = open_index(root)
        return update(store, index.tree, index.database).read

    assert (updated(), updated()) == (2, 0)
    assert store.connection.execute("SELECT file FROM unit WHERE fatal").fetchall() == [("a.c",)]
    (root / "made.h").write_text("#define MADE 3\n")
    assert updated() == 1
    assert store.connection.execute("SELECT count(*) FROM unit WHERE fatal").fetchone() == (0,)


def test_a_changed_tree_is_seen_after_refresh(indexed):
    index = indexed()
    assert callers(index, "call") == {("passes", "direct")}
    (index.root / "use.c").write_text("int call(int (*f)(int)) { return f(1); }\n")
    index.refresh()
    assert callers(index, "call") == set()


def test_a_process_that_is_killed_loses_one_unit_and_says_so(plant, tmp_path):
    root = plant(FILES)
    index = open_index(root)
    commands = list(index.database.commands.values())
    answers = {}
    with Workers(root, 1) as workers:
        for command, answer in workers.read(commands):
            answers[command.file] = answer
            if len(answers) == 1:
                os.kill(workers._all[0].process.pid, signal.SIGKILL)
    lost = [answer.failure for answer in answers.values() if answer.facts is None]
    assert len(answers) == len(commands)
    assert len(lost) <= 1
    assert all("ended" in why for why in lost)


def test_a_unit_on_which_libclang_hangs_or_dies_is_named(plant, tmp_path):
    os.mkfifo(
        plant({"a.c": '#include "pipe.h"\nint f(void) { return 1; }\n', "b.c": "int g(void) { return 2; }\n"})
        / "x.h"
    )
    root = tmp_path / "code"
    (root / "a.c").unlink()
    (root / "compile_commands.json").write_text(
        '[{"file": "a.c", "directory": ".", "arguments": ["cc", "-c", "a.c"]}, {"file": "b.c", "directory": ".", "arguments": ["cc", "b.c"]}]'
    )
    index = open_index(root, keep=Keep(tmp_path / "keep"))
    assert isinstance(index.find("g"), Definition)


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_no_index_is_made_anew(tmp_path, content):
    path = tmp_path / "i.db"
    path.write_bytes(content)
    store = IndexStore(path, "1")
    assert store.known() == {}


def test_an_index_of_another_version_is_made_anew(tmp_path):
    path = tmp_path / "i.db"
    IndexStore(path, "1").close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO slot VALUES (1, 'a', 'b', 'c', 1)")
    connection.close()
    assert IndexStore(path, "1").connection.execute("SELECT count(*) FROM slot").fetchone() == (1,)
    assert IndexStore(path, "2").connection.execute("SELECT count(*) FROM slot").fetchone() == (0,)


def test_where_nothing_can_be_kept_the_sources_are_read(plant, tmp_path):
    (tmp_path / "keep").write_text("a file in the way")
    index = open_index(plant(FILES), keep=Keep(tmp_path / "keep"))
    context = index.extract(index.find("call"))
    assert [one.definition.name for one in context.callers] == ["passes"]
    assert index.shelf is not None
    assert "no index" in index.shelf.problem


def test_names_that_are_not_utf8_are_no_harm(plant, tmp_path):
    root = plant({"a.c": b"int f\xe9(void) { return 1; }\nint g(void) { return 2; /* \xe9 */ }\n"})
    (root / os.fsdecode(b"caf\xe9.c")).write_bytes(b"int h(void) { return 3; }\n")
    index = open_index(root, keep=Keep(tmp_path / "keep"))
    assert isinstance(index.find("g"), Definition)
    assert any("UTF-8" in note for note in index.shelf.notes)


def test_the_index_serves_a_copy_of_the_code_base(plant, tmp_path):
    root = plant(FILES)
    first = open_index(root, keep=Keep(tmp_path / "keep"))
    first.find("leaf")
    root.rename(tmp_path / "moved")
    second = open_index(tmp_path / "moved", keep=Keep(tmp_path / "keep"))
    assert callers(second, "call") == {("passes", "direct")}
    assert second.shelf.report.read == 0


def test_links_that_lead_in_circles_and_endless_lines_do_no_harm(plant, tmp_path):
    root = plant(
        {"a.c": "int f(void) { return 1; }\n", "long.c": f"int g(void) {{ return 0{' + 1' * 300_000}; }}\n"}
    )
    (root / "loop").symlink_to(root)
    (root / "link.c").symlink_to(root / "a.c")
    (root / "dangling.c").symlink_to(root / "nowhere.c")
    (root / "outside.c").symlink_to("/etc/passwd")
    index = open_index(root, keep=Keep(tmp_path / "keep"))
    found = index.find("f")
    assert isinstance(found, Definition)
    assert found.extent.path == "a.c"
    assert sorted(index.database.commands) == ["a.c", "long.c"]


def test_an_unbalanced_quote_loses_its_entry_only(plant, tmp_path):
    root = plant({"a.c": "int f(void) { return 1; }\n", "b.c": "int g(void) { return 2; }\n"})
    entries = [
        {"file": "a.c", "directory": ".", "command": "cc -DX='broken -c a.c"},
        {"file": "b.c", "directory": ".", "command": "cc -fplugin=evil.so @args -c b.c"},
    ]
    (root / "compile_commands.json").write_text(json.dumps(entries))
    index = open_index(root, keep=Keep(tmp_path / "keep"))
    assert isinstance(index.find("f"), Definition)  # with borrowed flags
    assert isinstance(index.find("g"), Definition)
    assert any("1 of 2 entries cannot be used" in note for note in index.database.notes)
    assert any("-fplugin=evil.so, @args" in note for note in index.database.notes)
    assert index.database.commands["b.c"].arguments == ("-x", "c")
