"""From blocks to edits: what replaces, what is added, what is refused."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.edits import apply_edits
from pesquared.core.proposal import ProposalRequest
from pesquared.propose.refusal import Refused
from pesquared.propose.reply import parse_reply
from pesquared.propose.rewrite import rewrite
from tests.support.answers import caller_of, define, files, request_for

SUM = b"double sum(const double *a, int n)\n{\n    double s = 0;\n    for (int i = 0; i < n; i++) s += a[i];\n    return s;\n}"
MEAN = b"double mean(const double *a, int n)\n{\n    return sum(a, n) / n;\n}"
SOURCE = (
    b"#include <stdio.h>\n\nstruct v { int n; };\nstruct p { int n; int secret; };\nstatic int used(int x) { return x; }\n\n"
    + SUM
    + b"\n\n"
    + MEAN
    + b"\n"
)
MAIN = b"int main(void) { return (int)mean(0, 0); }"
BENCH = (
    b"#include <stdio.h>\ndouble mean(const double *a, int n);\n"
    + MAIN
    + b"\ndouble run(int n) { return mean(0, n); }\n"
)
RUN = b"double run(int n) { return mean(0, n); }"
HEADER = b"#pragma once\r\nnamespace n {\r\nstruct  h { int a; };\r\n}\r\n"
READ = files(
    **{
        "src/a.c": SOURCE,
        "bench/b.c": BENCH,
        "src/c.c": BENCH,
        "src/other.c": b"int other;\n",
        "bench/x.c": b"",
        "src/h.h": HEADER,
    }
)
NEW = "double sum(const double *a, int n)\n{\n    return n ? a[0] : 0;\n}"


def request(**context: object) -> ProposalRequest:
    defaults: dict[str, object] = {
        "types": ("struct v { int n; }", "struct gone { int n; }", "struct p { int n; }", "struct h { int a; }"),
        "macros": ("#define LIMIT 3",),
        "variables": ("static int table[3];",),
        "callees": ("int used(int x)",),
        "callers": (
            caller_of(define(SOURCE, MEAN, "mean"), SOURCE),
            caller_of(define(BENCH, RUN, "run", path="bench/b.c"), BENCH),
            caller_of(define(BENCH, RUN, "run", path="src/c.c"), BENCH),
        ),
    }
    return request_for(define(SOURCE, SUM, "sum"), SOURCE, **(defaults | context))


def rewritten(reply: str, asked: ProposalRequest | None = None) -> dict[str, str]:
    """The changed files after the reply."""
    edits = rewrite(parse_reply(reply).blocks, asked or request(), READ)
    paths = sorted({edit.path for edit in edits})
    return {
        path: apply_edits(READ(path), [edit for edit in edits if edit.path == path]).decode() for path in paths
    }


def block(code: str, info: str = "c") -> str:
    return f"Because.\n\n```{info}\n{code}\n```\n"


def refusal(reply: str, asked: ProposalRequest | None = None) -> str:
    with pytest.raises(Refused) as caught:
        rewritten(reply, asked)
    assert caught.value.reason
    return caught.value.reason_code


EXPECTED = SOURCE.decode().replace(SUM.decode(), NEW)

GOOD = {
    "plain": block(NEW),
    "no tag": block(NEW, ""),
    "tag cpp": block(NEW, "cpp"),
    "named file": block(NEW, "c src/a.c"),
    "bare file name": block(NEW, "a.c"),
    "dotted file": block(NEW, "c ./src/a.c"),
    "tildes": f"~~~~c\n{NEW}\n~~~~",
    "crlf": block(NEW).replace("\n", "\r\n"),
    "explained afterwards": f"```c\n{NEW}\n```\n\n### Why\nIt is `O(1)`.\n\n```sh\nmake && ./bench\n```\n",
    "said twice": block(NEW) + block(NEW),
    "with output": block(NEW) + "\n```\nsum = 3 (2.1x)\n```\n",
    "unterminated": f"```c\n{NEW}\n",
    "include there already": block("#include <stdio.h>\n" + NEW),
    "repeats what was shown": block(
        f"struct v {{ int n; }};\n#define LIMIT 3\nstatic int table[3];\nint used(int x);;\n{NEW};"
    ),
    "repeats a function of the file": block(f"static int used(int x)\n{{\n    return x; /* ! */\n}}\n\n{NEW}"),
    "repeats a caller": block(f"{NEW}\n\n{MEAN.decode()}"),
    "repeats a sealed caller": block(NEW) + block(RUN.decode(), "c bench/b.c"),
    "adds restrict and names": block(NEW.replace("*a", "*restrict a")),
    "linkage around": block(f'extern "C" {{\n{NEW}\n}}'),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_rewrite_replaces_the_target(name):
    expected = (
        EXPECTED.replace("*a, int n)\n{\n    return n ?", "*restrict a, int n)\n{\n    return n ?")
        if "restrict" in name
        else EXPECTED
    )
    assert rewritten(GOOD[name]) == {"src/a.c": expected}


def test_a_comment_is_kept_unless_the_file_has_one():
    assert "\n\n/* fast */\ndouble sum" in rewritten(block("/* fast */\n" + NEW))["src/a.c"]
    source = SOURCE.replace(SUM, b"/* adds */\n" + SUM)
    asked = request_for(define(source, SUM, "sum"), source)
    edits = rewrite(parse_reply(block("/* fast */\n" + NEW)).blocks, asked, files(**{"src/a.c": source}))
    assert b"fast" not in apply_edits(source, edits)


def test_new_code_goes_before_the_target_in_order():
    code = f"#include <math.h>\n#include <string.h>\n#define STEP 4\nstruct w {{ int a; }};\n{NEW}\nstatic int late(void) {{ return 1; }}"
    assert rewritten(block(code))["src/a.c"] == EXPECTED.replace(
        "<stdio.h>\n", "<stdio.h>\n#include <math.h>\n#include <string.h>\n"
    ).replace(NEW, f"#define STEP 4\n\nstruct w {{ int a; }};\n\nstatic int late(void) {{ return 1; }}\n\n{NEW}")


def test_versions_in_a_conditional_replace_the_target_together():
    code = f"#ifdef __AVX2__\n{NEW}\n#else\n{SUM.decode()}\n#endif"
    assert rewritten(block(code))["src/a.c"] == SOURCE.decode().replace(SUM.decode(), code)


def test_shown_callers_may_be_redefined():
    mean = "double mean(const double *a, int n)\n{\n    return n ? sum(a, n) / n : 0;\n}"
    assert rewritten(block(f"{NEW}\n\n{mean}")) == {"src/a.c": EXPECTED.replace(MEAN.decode(), mean)}
    run = "double run(int n) { return n; }"
    changed = rewritten(
        block(NEW) + block("#include <math.h>\nstatic int one(void) { return 1; }\n" + run, "c src/c.c")
    )
    assert changed["src/a.c"] == EXPECTED
    assert changed["src/c.c"] == BENCH.decode().replace("<stdio.h>\n", "<stdio.h>\n#include <math.h>\n").replace(
        RUN.decode(), "static int one(void) { return 1; }\n\n" + run
    )


def hunk(search: str, replacement: str) -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replacement}\n>>>>>>> REPLACE"


CHANGED_RUN = "double run(int n) { return 2 * n; }"
BAD = {
    "prose": ("Use a better algorithm.", "no-code"),
    "diff": ("```diff\n-a\n+b\n```", "no-code"),
    "renamed": (block(NEW.replace("sum", "sum_fast")), "target-missing"),
    "only a caller": (block(MEAN.decode()), "target-missing"),
    "only a prototype": (block("double sum(const double *a, int n);"), "target-missing"),
    "loop alone": (block("for (int i = 0; i < n; i++) s += a[i];\n{ }"), "unparsable"),
    "truncated": (block(NEW[:-1]), "unparsable"),
    "two versions": (block(NEW) + "or\n" + block(NEW.replace("0;", "1;")), "ambiguous-reply"),
    "elided": (block(NEW.replace("return", "// ... rest unchanged\n    return")), "elided"),
    "elided by dots": (block(NEW.replace("return", "...\n    return")), "elided"),
    "other parameters": (block(NEW.replace("int n", "long n")), "signature-changed"),
    "more parameters": (block(NEW.replace("int n", "int n, int m")), "signature-changed"),
    "other result": (block(NEW.replace("double sum", "float sum")), "signature-changed"),
    "made static": (block("static " + NEW), "signature-changed"),
    "conditional with another": (block(f"#if A\n{NEW.replace('double sum', 'float sum')}\n#endif"), "signature-changed"),
    "caller's signature": (block(NEW + "\ndouble mean(const double *a, long n) { return 0; }"), "signature-changed"),
    "type elsewhere": (block("struct gone { int n, m; };\n" + NEW), "type-changed"),
    "type shown in part": (block("struct p { int n, m; };\n" + NEW), "type-changed"),
    "type in two ways": (block("struct v { int n, m; };\n" + NEW) + block("struct v { int m, n; };"), "ambiguous-reply"),
    "type in a sealed file": (block(NEW) + block("struct v { int n, m; };", "c bench/b.c"), "sealed"),
    "more than a type of a header": (block(NEW) + block("struct h { long a; };\nint x;", "c src/h.h"), "bad-path"),
    "search of nothing": (block(hunk("", "x")), "search-not-found"),
    "search of something else": (block(hunk("    double s = 1;", "x")), "search-not-found"),
    "search of half a line": (block(hunk("double s = 0", "x")), "search-not-found"),
    "search of what is there twice": (block(hunk("}", "x")), "search-ambiguous"),
    "search without an end": (block("<<<<<<< SEARCH\nx\n=======\ny"), "unparsable"),
    "search in a search": (block("<<<<<<< SEARCH\n<<<<<<< SEARCH\n=======\ny\n>>>>>>> REPLACE"), "unparsable"),
    "replacements without end": (block("\n".join([hunk("    return s;", "    return s;")] * 201)), "too-large"),
    "function not shown": (block("static int used(int x) { return x + 1; }\n" + NEW), "not-shown"),
    "main": (block(NEW + "\nint main(void) { return 0; }"), "sealed"),
    "sealed caller": (block(NEW) + block(CHANGED_RUN, "c bench/b.c"), "sealed"),
    "caller in one of two files": (block(NEW) + block(CHANGED_RUN), "ambiguous-reply"),
    "sealed file": (block(NEW) + block("int x;", "c bench/x.c"), "sealed"),
    "sealed and shown": (block(NEW) + block("int x;", "c bench/b.c"), "sealed"),
    "file not shown": (block(NEW) + block("int x;", "c src/other.c"), "bad-path"),
    "no such file": (block(NEW, "c src/none.c"), "bad-path"),
    "absolute": (block(NEW, "c /etc/passwd.c"), "bad-path"),
    "outside": (block(NEW, "c ../src/a.c"), "bad-path"),
    "backslash": (block(NEW, "c file=src\\a.c"), "bad-path"),
    "long": (block(NEW + "\n" + "/* x */\n" * 60_000), "too-large"),
    "nul": (block(NEW.replace("a[0]", "a[\0]")), "unparsable"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_applied_is_refused_with_its_word(name):
    reply, code = BAD[name]
    assert refusal(reply) == code


def test_a_type_may_be_laid_out_anew():
    changed = rewritten(block("struct v { long n; char m; } ;\n" + NEW))
    assert changed == {"src/a.c": EXPECTED.replace("struct v { int n; };", "struct v { long n; char m; };")}
    changed = rewritten(block(NEW) + block("struct h {\n  long a;\n};", "c src/h.h"))
    assert changed["src/h.h"] == HEADER.decode().replace("struct  h { int a; };", "struct h {\r\n  long a;\r\n};")


def test_lines_may_be_replaced_instead_of_the_whole():
    first, second = (
        hunk("    double s = 0;", "    double s = 0, t = 0;"),
        hunk("    return s;  ", "    return s + t;"),
    )
    expected = (
        SOURCE.decode().replace("double s = 0;", "double s = 0, t = 0;").replace("return s;", "return s + t;")
    )
    assert rewritten(block(first + "\n\n" + second)) == {"src/a.c": expected}
    assert rewritten(block(first) + block(second)) == {"src/a.c": expected}
    assert rewritten(block(first, "") + block(second, "c src/a.c")) == {"src/a.c": expected}
    with_header = rewritten(block("#include <math.h>") + block(first) + block(second))
    assert with_header == {"src/a.c": expected.replace("<stdio.h>\n", "<stdio.h>\n#include <math.h>\n")}
    caller = rewritten(block(hunk("    return sum(a, n) / n;", "    return n ? sum(a, n) / n : 0;")))
    assert caller == {"src/a.c": SOURCE.decode().replace("return sum(a, n) / n;", "return n ? sum(a, n) / n : 0;")}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["  a += 1;", "  b += a;", "", "  c(a, b);", "  if (a) b = 1;"]), min_size=1, max_size=12
    ),
    st.data(),
)
def test_any_lines_that_stand_there_once_are_replaced(lines, data):
    """Replacing lines is the same as writing the whole with these lines replaced; or it is refused as ambiguous."""
    text = "int g(int a, int b)\n{\n" + "\n".join(lines) + "\n}"
    source = text.encode()
    asked = request_for(define(source, source, "g"), source)
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    search = "\n".join(lines[start:end])
    reply = parse_reply(block(hunk(search, "  d();"))).blocks
    times = len(re.findall(f"(?=\n{re.escape(search)}\n)", f"\n{text}\n"))
    if times != 1 or not search.strip():
        with pytest.raises(Refused, match=r"times|nothing in it"):
            rewrite(reply, asked, files(**{"src/a.c": source}))
        return
    edits = rewrite(reply, asked, files(**{"src/a.c": source}))
    expected = "\n".join([*lines[:start], "  d();", *lines[end:]])
    assert apply_edits(source, edits).decode() == "int g(int a, int b)\n{\n" + expected + "\n}"


def test_macros_and_mains_of_sealed_files_are_refused():
    made = request()
    context = replace(made.context, definition=replace(made.context.definition, from_macro=True))
    assert refusal(block(NEW), replace(made, context=context)) == "macro-generated"
    asked = request_for(define(BENCH, MAIN, "main", path="bench/b.c"), BENCH)
    assert refusal(block("int main(void) { return 0; }"), asked) == "sealed"
    run = request_for(define(BENCH, RUN, "run", path="bench/b.c"), BENCH)
    assert list(rewritten(block(CHANGED_RUN), run)) == [
        "bench/b.c"
    ]  # sealed is the main, not what is hot beside it


def test_a_file_that_changed_meanwhile_is_stale():
    asked = request()
    for read in (files(), files(**{"src/a.c": SOURCE.replace(b"s += ", b"s -= ")})):
        with pytest.raises(Refused) as caught:
            rewrite(parse_reply(block(NEW)).blocks, asked, read)
        assert caught.value.reason_code == "stale"


METHOD = b"int C::size(int x) const\n{\n    return x;\n}"
CLASSES = (
    b"#include <a.h>\nnamespace n {\nstruct C { int size(int) const; int size(double) const;\n  int in(int x) { return x; }\n};\n"
    + METHOD
    + b"\n}\n"
)


def method_after(code: str, text: bytes = METHOD, name: str = "n::C::size") -> str:
    read = files(**{"src/a.cc": CLASSES})
    asked = request_for(define(CLASSES, text, name, path="src/a.cc", language="c++"), CLASSES)
    return apply_edits(CLASSES, rewrite(parse_reply(block(code, "cpp")).blocks, asked, read)).decode()


@pytest.mark.parametrize(
    "code",
    [
        "int C::size(int y) const { return 1; }",
        "int n::C::size(int) const { return 1; }",
        "namespace n {\nint C::size(int y) const { return 1; }\n}",
    ],
)
def test_a_method_is_found_however_it_is_qualified(code):
    assert "return 1;" in method_after(code)
    assert "return x;\n}\n}" not in method_after(code)


def test_an_overload_is_not_the_method():
    both = "int C::size(double x) const { return 2; }\n\nint C::size(int x) const { return 1; }"
    assert method_after(both).endswith(
        "int C::size(double x) const { return 2; }\n\nint C::size(int x) const { return 1; }\n}\n"
    )
    for code in ("int C::size(double x) const { return 2; }", "int C::size(int x) { return 2; }"):
        with pytest.raises(Refused) as caught:
            method_after(code)
        assert caught.value.reason_code == "signature-changed"


def test_a_namespace_around_helper_and_method_is_taken_off():
    code = "namespace n {\nstatic int one() { return 1; }\nint C::size(int) const { return one(); }\n}"
    assert method_after(code) == CLASSES.decode().replace(
        METHOD.decode(), "static int one() { return 1; }\n\nint C::size(int) const { return one(); }"
    )


def test_a_method_in_its_class_takes_no_helper():
    inside = b"int in(int x) { return x; }"
    assert "int in(int x) { return 1; }" in method_after("int in(int x) { return 1; }", inside, "n::C::in")
    with pytest.raises(Refused) as caught:
        method_after("static int one() { return 1; }\nint in(int x) { return one(); }", inside, "n::C::in")
    assert caught.value.reason_code == "nested-helper"
