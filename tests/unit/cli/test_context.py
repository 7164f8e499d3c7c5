import json

import pytest

from pesquared.cli.main import run

FILES = {
    "lib.h": "struct pair { int a, b; };\nint weigh(struct pair *p);\n",
    "lib.c": '#include "lib.h"\n#define TWICE(x) (2 * (x))\nint weigh(struct pair *p) { return TWICE(p->a); }\n',
    "use.c": '#include "lib.h"\nint use(struct pair *p) { return weigh(p); }\nstatic int same(void) { return 1; }\nint s(void) { return same(); }\n',
    "other.c": "static int same(void) { return 2; }\nint o(void) { return same(); }\n",
}


@pytest.fixture
def code(tmp_path, monkeypatch):
    monkeypatch.setenv("PESQUARED_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    root = tmp_path / "code"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text)
    return root


def test_it_prints_what_a_model_would_see_and_why(code, capsys):
    before = sorted(path.name for path in code.iterdir())
    assert run(["context", str(code), "weigh"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# weigh\n\nlib.c:3, bytes ")
    assert "struct pair { int a, b; };" in out
    assert "#define TWICE(x) (2 * (x))" in out
    assert "## Called by use (direct), use.c:2" in out
    assert "- type pair, lib.h:1: named by the function" in out
    assert sorted(path.name for path in code.iterdir()) == before


def test_as_json_it_is_one_document(code, capsys):
    assert run(["context", str(code), "weigh", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["text"] == "int weigh(struct pair *p) { return TWICE(p->a); }"
    assert [one["name"] for one in document["callers"]] == ["use"]
    assert document["tokens"] > 0


def test_callers_are_weighed_by_stacks(code, capsys, tmp_path):
    (tmp_path / "a.folded").write_text("use;weigh 9\nmain;o 1\noops\n")
    assert run(["context", str(code), "weigh", "--stacks", str(tmp_path / "a.folded"), "--json", "-"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["callers"][0]["share"] == 0.9
    assert "a.folded:3: no count" in said.err


def test_the_compile_view_is_one_file(code, capsys):
    assert run(["context", str(code), "use", "--compile-view"]) == 0
    out = capsys.readouterr().out
    assert "#include" not in out
    assert "int use(struct pair *p)" in out
    assert "same" not in out


@pytest.mark.parametrize("name", ["use.c:same", "use.c:3"])
def test_a_function_can_be_named_by_its_file(code, capsys, name):
    assert run(["context", str(code), name, "--json", "-", "--no-index"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == "use.c"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("same", "fits several definitions: other.c:1, use.c:3"),
        ("none", "not in the code base"),
        ("", ""),
        ("use.c:99", "no function stands"),
    ],
)
def test_what_is_not_one_function_is_an_error_with_a_remedy(code, capsys, function, message):
    assert run(["context", str(code), function]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_an_error(tmp_path, capsys):
    assert run(["context", str(tmp_path / "none"), "f"]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_doctor_says_whence_the_flags_come_and_what_is_missing(code, capsys):
    (code / "bad.c").write_text('#include "made.h"\nint bad(void) { return 1; }\n')
    assert run(["doctor", str(code)]) == 0
    out = capsys.readouterr().out
    assert "compile commands: guessed (confidence: low), 4 files" in out
    assert "bad.c: bad.c:1: 'made.h' file not found" in out
    assert "functions found: 7" in out


def test_doctor_names_flags_that_would_have_loaded_code(code, capsys):
    argv = ["cc", "-fplugin=evil.so", "@more", "-include-pch", "x.gch", "-c", "lib.c"]
    (code / "compile_commands.json").write_text(
        json.dumps([{"file": "lib.c", "directory": ".", "arguments": argv}])
    )
    assert run(["doctor", str(code)]) == 0
    out = capsys.readouterr().out
    assert "-fplugin=evil.so, @more, -include-pch, x.gch" in out
    assert "2 of 3 source files have no command" in out


def test_doctor_reads_what_bazel_prints(code, capsys):
    actions = [
        {"mnemonic": "CppCompile", "arguments": ["gcc", "-DX=1", "-c", "lib.c", "-o", "lib.o"]},
        {"arguments": "no"},
        7,
    ]
    (code / "aquery.json").write_text(json.dumps({"actions": actions}))
    assert run(["doctor", str(code)]) == 0
    assert "compile commands: aquery.json (confidence: high), 1 file" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{", "[]", '{"actions": 3}', '{"actions": [{"arguments": ["\\u0000"]}]}'])
def test_an_aquery_that_is_none_is_said_and_gone_on_from(code, capsys, content):
    (code / "aquery.json").write_text(content)
    assert run(["doctor", str(code)]) == 0
    assert "compile commands: guessed" in capsys.readouterr().out
