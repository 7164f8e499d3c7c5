"""Edits of a file: identity, helpers, includes, line endings; what comes out compiles."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.edits import apply_edits
from pesquared.errors import PesquaredError
from pesquared.source.splice import NestedInClassError, add_include, insert_helper_before, replace_definition
from tests.support.answers import define

F = b"int f(int x) { return x; }"
HELPER = "static int twice(int x)\n{\n\treturn 2 * x;\n}"


def included(source: bytes, line: str, text: bytes = F, name: str = "f") -> bytes:
    edit = add_include(source, define(source, text, name), line)
    return apply_edits(source, [edit] if edit else [])


def helped(source: bytes, text: bytes = F, name: str = "f", helper: str = HELPER) -> bytes:
    return apply_edits(source, [insert_helper_before(source, define(source, text, name), helper)])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["int a;", "/* é */", "#include <x.h>", "#if 1", "#endif", "}", "\t", ""]), max_size=6
    ),
    st.lists(st.sampled_from(["int b;", "// end", "#endif", "{", ""]), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.binary(max_size=8),
)
def test_a_definition_replaced_by_itself_changes_nothing(before, after, newline, mark, latin):
    start = (b"\xef\xbb\xbf" if mark else b"") + newline.join(before).encode()
    body = b"int f(void) {" + newline.encode() + b"/*" + latin.replace(b"*", b"") + b"*/}"
    source = start + newline.encode() + body + newline.join(after).encode()
    definition = define(source, body, "f")
    text = body.decode("utf-8", "surrogateescape")
    assert apply_edits(source, [replace_definition(source, definition, text)]) == source


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "int a;",
                "/* c */",
                "#include <x.h>",
                "#if 1",
                "#else",
                "#endif",
                "namespace n {",
                "}",
                "class C {",
                "",
                "{",
            ]
        ),
        max_size=12,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_insertions_keep_every_byte_that_was_there(before, newline):
    source = newline.join([*before, ""]).encode() + F
    definition = define(source, F, "f")
    edits = [
        insert_helper_before(source, definition, HELPER),
        add_include(source, definition, "#include <math.h>"),
    ]
    for edit in edits:
        assert edit is not None
        assert edit.start == edit.end
        assert 0 <= edit.start <= definition.extent.start
        assert source[: edit.start].endswith(b"\n") or edit.start == 0
        assert edit.replacement.replace(b"\r\n", b"\n").endswith(b"\n")
        assert (b"\r\n" in edit.replacement) == (newline == "\r\n" and b"\r\n" in source)


def test_the_file_has_to_be_the_one_that_was_read():
    source = b"int a;\n" + F
    definition = define(source, F, "f")
    for other in (source.replace(b"return x", b"return y"), b""):
        with pytest.raises(PesquaredError):
            replace_definition(other, definition, "int f(int x) { return 1; }")
        with pytest.raises(PesquaredError):
            insert_helper_before(other, definition, HELPER)
        with pytest.raises(PesquaredError):
            add_include(other, definition, "#include <a.h>")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#include <a.h>\n\n@", "#include <a.h>\n#include <m.h>\n\n@"),
        ("#define _GNU_SOURCE\n#include <a.h>\n@", "#define _GNU_SOURCE\n#include <a.h>\n#include <m.h>\n@"),
        ("#include <a.h>\n@\n#include <late.h>\n", "#include <a.h>\n#include <m.h>\n@\n#include <late.h>\n"),
        (
            "#include <a.h>\n#if X\n#include <b.h>\n#endif\n@",
            "#include <a.h>\n#include <m.h>\n#if X\n#include <b.h>\n#endif\n@",
        ),
        ("#if X\n#include <b.h>\n#endif\nint a;\n@", "#if X\n#include <b.h>\n#endif\n#include <m.h>\nint a;\n@"),
        (
            "#if X\n#include <b.h>\n#else\n#include <c.h>\n#endif\n@",
            "#if X\n#include <b.h>\n#else\n#include <c.h>\n#endif\n#include <m.h>\n@",
        ),
        (
            "#ifndef G_H\n#define G_H\n#include <a.h>\n@\n#endif\n",
            "#ifndef G_H\n#define G_H\n#include <a.h>\n#include <m.h>\n@\n#endif\n",
        ),
        (
            '#include <a.h>\nextern "C" {\n#include <b.h>\n@\n}',
            '#include <a.h>\n#include <m.h>\nextern "C" {\n#include <b.h>\n@\n}',
        ),
        (
            "#include <a.h>\nnamespace n {\n#include <b.inc>\n}\n@",
            "#include <a.h>\n#include <m.h>\nnamespace n {\n#include <b.inc>\n}\n@",
        ),
        (
            "/* licence */\n\n#define _GNU_SOURCE 1\nint a;\n@",
            "/* licence */\n\n#define _GNU_SOURCE 1\n#include <m.h>\nint a;\n@",
        ),
        ("/* licence */\n\n/* what f does */\n@", "/* licence */\n\n#include <m.h>\n/* what f does */\n@"),
        ("// licence\n\nint a;\n@", "// licence\n\n#include <m.h>\nint a;\n@"),
        ("@", "#include <m.h>\n@"),
        ("\ufeff@", "\ufeff#include <m.h>\n@"),
        ("#include <a.h>\r\n\r\n@\r\n", "#include <a.h>\r\n#include <m.h>\r\n\r\n@\r\n"),
        (
            "#include <a.h>\n#  include <m.h> // it is there\n@",
            "#include <a.h>\n#  include <m.h> // it is there\n@",
        ),
        (
            "#if X\n#include <m.h>\n#endif\n#include <a.h>\n@",
            "#if X\n#include <m.h>\n#endif\n#include <a.h>\n#include <m.h>\n@",
        ),
        ("int a; @", "#include <m.h>\nint a; @"),
        (
            "/* #include <no.h> */\nint a;\n@",
            "#include <m.h>\n/* #include <no.h> */\nint a;\n@",
        ),
    ],
)
def test_where_an_include_goes(before, after):
    source = before.replace("@", F.decode()).encode()
    assert included(source, "#include <m.h>").decode() == after.replace("@", F.decode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("int a;\n\n@", "int a;\n\nH\n\n@"),
        ("int a;\n/* what f does */\n@", "int a;\nH\n\n/* what f does */\n@"),
        ("/* licence */\n\n// what f\n// does\n@", "/* licence */\n\nH\n\n// what f\n// does\n@"),
        ("int a; // about a\n@", "int a; // about a\nH\n\n@"),
        ("API\n@", "H\n\nAPI\n@"),
        ("int a; @", "int a; \nH\n\n@"),
        ("namespace n {\n  @\n}", "namespace n {\nH\n\n  @\n}"),
        ("#define A\n@", "#define A\nH\n\n@"),
        ("int a;\r\n@\r\n", "int a;\r\nH\r\n\r\n@\r\n"),
        ("@", "H\n\n@"),
    ],
)
def test_where_a_helper_goes(before, after):
    source = before.replace("@", F.decode()).encode()
    helper = HELPER.replace("\n", "\r\n") if "\r" in before else HELPER
    assert helped(source).decode() == after.replace("@", F.decode()).replace("H", helper)


def test_a_method_in_its_class_takes_no_helper_but_one_in_a_namespace_does():
    inside = b"class C {\n public:\n  int f(int x) { return x; }\n};\n"
    with pytest.raises(NestedInClassError, match="C::f"):
        helped(inside, name="C::f")
    outside = b"namespace n {\nint f(int x) { return x; }\n}\n"
    assert helped(outside, name="n::f").startswith(b"namespace n {\nstatic int twice")


def test_new_text_is_taken_literally():
    source = b"#include <a.h>\n" + F
    text = 'int f(int x) { return printf("\\1 \\g<0> {0} %s \\\\n"); }'
    assert apply_edits(source, [replace_definition(source, define(source, F, "f"), text)]).endswith(text.encode())


FIXTURES = {
    "plain.c": b'#define _GNU_SOURCE\n#include <string.h>\n#include "none.h"\n\n/* doc */\nint f(int x) { return x; }\n',
    "guarded.c": b"#ifndef ONCE\n#define ONCE\n#ifdef NO\n#include <no_such.h>\n#endif\nint f(int x) { return x; }\n#endif\n",
    "windows.c": b"\xef\xbb\xbf#include <stdlib.h>\r\n\r\nint f(int x) { return x; }",
    "bare.c": b"/* licence */\n\nstatic int a;\nint g(void) { return a; }\nint f(int x) { return x; }\n",
    "space.cc": b"#include <vector>\nnamespace a { namespace {\n\tint f(int x) { return x; }\n} int g() { return f(1); } }\n",
    "linkage.cc": b'#include <string.h>\n#ifdef __cplusplus\nextern "C" {\n#endif\nint f(int x) { return x; }\n#ifdef __cplusplus\n}\n#endif\n',
}


@pytest.mark.skipif(shutil.which("gcc") is None or shutil.which("g++") is None, reason="no compiler")
@pytest.mark.parametrize("name", FIXTURES)
def test_what_comes_out_compiles(name, tmp_path):
    (tmp_path / "none.h").write_bytes(b"")
    source = FIXTURES[name]
    definition = define(source, F, "a::f" if name == "space.cc" else "f")
    rewritten = "int f(int x)\n{\n\treturn (int)fabs((double)twice(x)) / 2;\n}"
    edits = [
        add_include(source, definition, "#include <math.h>"),
        insert_helper_before(source, definition, HELPER),
        replace_definition(source, definition, rewritten),
    ]
    file = tmp_path / name
    file.write_bytes(apply_edits(source, [edit for edit in edits if edit is not None]))
    compiler = "g++" if name.endswith(".cc") else "gcc"
    done = subprocess.run(
        [compiler, "-fsyntax-only", "-Wall", "-Werror", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
