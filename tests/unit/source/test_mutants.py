"""Mutants of real functions and of token soup: one fault each, in the body only, and edits that apply."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.edits import StaleEdit, apply_edits
from pesquared.core.source import Definition, Extent, Linkage
from pesquared.core.strength import Kind
from pesquared.source.brackets import Unbalanced, match_brackets
from pesquared.source.mutants import draw, faults_of, sample
from pesquared.source.tokens import same_tokens, tokens

COUNT = """\
/* how many a's are there? */
static int count(const char *text, size_t n)
{
    int found = 0; // 1 + 2
    for (size_t i = 0; i < n; i++)
        if (text[i] == 'a' && n != 3)
            found += 1;
    report("a + b", found, n);
    return found;
}
"""


def definition_of(text, function, language="c", name="f", **more):
    start = text.index(function)
    end = start + len(function)
    digest = hashlib.sha256(function.encode("latin-1")).hexdigest()
    extent = Extent("src/a.c", start, end, text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1, digest)
    return Definition(name, "", extent, Linkage.EXTERNAL, language, "key", **more)


def faults(function, language="c", before=""):
    text = before + function
    return faults_of(text.encode("latin-1"), definition_of(text, function, language))


def mutants(function, language="c"):
    found = faults(function, language)
    return [found.mutant(change) for change in found.changes]


def results(function, kind, language="c"):
    """The mutated functions of a kind, as what stands in the place of the changed lines."""
    return [mutant.after for mutant in mutants(function, language) if mutant.kind is kind]


def inside(statement, kind, language="c"):
    """The statement's mutants, for a function that holds nothing else."""
    return results(f"void f(void)\n{{\n{statement}\n}}", kind, language)


@pytest.mark.parametrize(
    ("statement", "kind", "expected"),
    [
        ("x = a + b;", Kind.ARITHMETIC, ["x = a - b;"]),
        ("x = -a;", Kind.ARITHMETIC, ["x = +a;"]),
        ("x = *p * *q;", Kind.ARITHMETIC, ["x = *p + *q;"]),
        ("x = &a[0] - (int *)b;", Kind.ARITHMETIC, ["x = &a[0] + (int *)b;"]),
        ("x = (int)-a;", Kind.ARITHMETIC, ["x = (int)+a;"]),
        ("x = a == b;", Kind.RELATIONAL, ["x = a != b;"]),
        ("x = a >= b;", Kind.BOUND, ["x = a > b;"]),
        ("x = a[i];", Kind.BOUND, ["x = a[i + 1];", "x = a[i - 1];"]),
        ("int a[N];", Kind.BOUND, ["int a[N - 1];"]),
        ("x = a[4];", Kind.BOUND, []),
        ("if (a == b) c();", Kind.CONDITION, []),
        ("if (!a) c();", Kind.CONDITION, []),
        ("int a[4];", Kind.CONSTANT, []),
        ("x = a && !b;", Kind.LOGICAL, ["x = a || !b;", "x = a && b;"]),
        ("x <<= 1;", Kind.ASSIGNMENT, ["x >>= 1;", "x = 1;"]),
        ("x = 7u;", Kind.CONSTANT, ["x = 8u;", "x = 6u;", "x = 0u;", "x = 1u;"]),
        ("x = 0x10;", Kind.CONSTANT, ["x = 17;", "x = 15;", "x = 0;", "x = 1;"]),
        ("x = 0.5;", Kind.CONSTANT, ["x = 0.0;", "x = (0.5 + 1);"]),
        ("x = c < '0';", Kind.CONSTANT, ["x = c < ('0' + 1);"]),
        ("if (a) b();", Kind.CONDITION, ["if (!(a)) b();"]),
        ("for (;;) b();", Kind.CONDITION, []),
        ("do b(); while (a);", Kind.CONDITION, ["do b(); while (!(a));"]),
        ("b(1);", Kind.DROPPED, [";"]),
        ("while (a) break;", Kind.DROPPED, ["while (a) ;"]),
        ("b(c, d, c);", Kind.ARGUMENTS, ["b(d, c, c);", "b(c, c, d);"]),
        ("b(c, c);", Kind.ARGUMENTS, []),
        ("b(c + d);", Kind.RETURN, ["return; b(c + d);"]),
        ("if (a) b();", Kind.RETURN, []),
    ],
)
def test_each_kind_of_fault_is_made_where_it_makes_sense(statement, kind, expected):
    assert inside(statement, kind) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "int *p = q;",
        "size_t n;",
        "struct row *restrict r;",
        "unsigned char **names;",
        'puts("a + b < c");',
        "x = sizeof(int *);",
        "/* a + b */",
        "goto out;",
    ],
)
def test_types_strings_and_comments_stay_as_they_are(statement):
    kinds = {Kind.ARITHMETIC, Kind.RELATIONAL, Kind.BOUND, Kind.LOGICAL, Kind.CONSTANT}
    assert [mutant for kind in kinds for mutant in inside(statement, kind)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "std::vector<int> v;",
        "auto &&x = y;",
        "const std::map<std::string, int> &m = all;",
        "x = static_cast<unsigned>(y);",
        "auto [a, b] = pair;",
    ],
)
def test_template_arguments_are_no_comparisons(statement):
    kinds = {Kind.RELATIONAL, Kind.BOUND, Kind.LOGICAL}
    assert [mutant for kind in kinds for mutant in inside(statement, kind, "c++")] == []


def test_a_return_gives_another_value():
    assert results("int f(void) { return x; }", Kind.RETURN) == ["int f(void) { return 0; }"]
    assert results("T f() { return x; }", Kind.RETURN, "c++") == ["T f() { return {}; }"]


def test_preprocessor_lines_and_the_head_stay_as_they_are():
    function = "int f(int a[3 + 1])\n{\n#if A + 1 > 2\n    return a[0];\n#endif\n}"
    assert {mutant.line for mutant in mutants(function)} == {4}


def test_a_mutant_tells_its_line_its_change_and_where_to_trap():
    text = "int other;\n" + COUNT
    function = COUNT[COUNT.index("static") :].strip()
    found = faults_of(text.encode(), definition_of(text, function))
    changed = [found.mutant(change) for change in found.changes]
    bound = next(mutant for mutant in changed if mutant.kind is Kind.BOUND)
    assert (bound.place, bound.before) == ("src/a.c:6", "for (size_t i = 0; i < n; i++)")
    assert bound.after == "for (size_t i = 0; i <= n; i++)"
    assert "equal" in bound.advice
    assert b"__builtin_trap()" in apply_edits(text.encode(), bound.probe)
    assert all("1 + 2" not in mutant.before or mutant.kind is Kind.CONSTANT for mutant in changed)


@pytest.mark.parametrize(
    ("statement", "fault", "trapped"),
    [
        ("x = a + b;", "x = a - b;", "if (1) TRAP; else x = a + b;"),
        ("int x = a + b;", "int x = a - b;", "TRAP; int x = a + b;"),
        (
            "if (a) x = a + b; else y();",
            "if (a) x = a - b; else y();",
            "if (a) if (1) TRAP; else x = a + b; else y();",
        ),
        ("x = a && b + c;", "x = a && b - c;", "x = a && (TRAP, b + c);"),
        ("x = f(a && (b + c), d);", "x = f(a && (b - c), d);", "x = f(a && (TRAP, (b + c)), d);"),
        ("x = a || b && c + d;", "x = a || b && c - d;", "x = a || b && (TRAP, c + d);"),
        ("x = a ? b + c : d;", "x = a ? b - c : d;", "x = a ? (TRAP, b + c) : d;"),
        ("x = a ? b : c + d;", "x = a ? b : c - d;", "x = a ? b : (TRAP, c + d);"),
        ("case 1: x = a + b;", "case 1: x = a - b;", "case 1: if (1) TRAP; else x = a + b;"),
        ("for (;; i++) x();", "for (;; i--) x();", "for (;; TRAP, i++) x();"),
        ("do { x(); } while (a + b);", "do { x(); } while (a - b);", "do { x(); } while (TRAP, a + b);"),
        ("return a + b;", "return a - b;", "if (1) TRAP; else return a + b;"),
    ],
)
def test_the_trap_stands_as_near_to_the_fault_as_it_can(statement, fault, trapped):
    function = f"int f(void) {{\n{statement}\n}}"
    found = faults(function)
    mutant = next(m for m in map(found.mutant, found.changes) if m.after == fault)
    source = apply_edits(function.encode(), mutant.probe).decode()
    assert source.splitlines()[1] == trapped.replace("TRAP", "__builtin_trap()")


def test_a_lambda_is_trapped_inside():
    function = "void f() {\nrun([&](int a) { g(a + b); return a; });\n}"
    found = faults(function, "c++")
    mutant = next(m for m in map(found.mutant, found.changes) if "a - b" in m.after)
    assert "{ if (1) __builtin_trap(); else g(a + b)" in apply_edits(function.encode(), mutant.probe).decode()


def test_an_instruction_without_effect_is_put_at_the_beginning():
    function = "int f(void) { return 1; }"
    edit = faults(function).without_effect().edit
    assert apply_edits(function.encode(), [edit]).decode().startswith('int f(void) { __asm__ volatile ("nop");')


def test_a_definition_from_a_macro_and_an_empty_body_have_none():
    assert faults_of(b"MAKE(f)", definition_of("MAKE(f)", "MAKE(f)", from_macro=True)) is None
    assert faults("void f(void) {}").changes == ()
    assert faults("no function") is None


def test_a_file_that_has_changed_is_refused():
    with pytest.raises(StaleEdit):
        faults_of(b"int g(void) {}", definition_of("int f(void) {}", "int f(void) {}"))


def test_the_draw_is_even_and_the_same_for_the_same_seed():
    small = faults("int f(int a) { return a; }")
    large = faults(COUNT[COUNT.index("static") :].strip(), before=COUNT[: COUNT.index("static")])
    drawn = draw([large, small], 12, 5)
    assert drawn == draw([large, small], 12, 5)
    assert drawn != draw([large, small], 12, 6)
    assert len({mutant.edit for mutant in drawn}) == 12
    kinds = [mutant.kind for mutant in drawn]
    assert len(set(kinds)) >= len({change.kind for change in large.changes}) - 1, (
        "a kind was drawn twice too early"
    )


def test_the_sample_names_its_functions_and_holds_a_harmless_change_of_each():
    found = sample("base", [faults("int f(int a) { return a; }")], 50, 1)
    assert [(one.name, one.place, one.possible) for one in found.functions] == [("f", "src/a.c:1", 1)]
    assert (len(found.harmless), len(found.mutants)) == (1, 1)


PIECES = (
    "{ } ( ) [ ] ; , : ? < > <= >> == && || ! + - * & = += ++ -- :: -> . # \n if else for while do switch case "
    "return break int auto const T x y f 0 1 7u 0.5 'a' \"s\" /* // ..."
)
SOUP = st.lists(st.sampled_from(PIECES.split(" ")), max_size=40).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(SOUP, st.sampled_from(["c", "c++"]))
def test_soup_gives_mutants_that_differ_apply_and_stay_balanced(soup, language):
    function = f"int f(int x) {{ {soup} }}"
    found = faults(function, language)
    for change in found.changes if found is not None else ():
        mutant = found.mutant(change)
        source = apply_edits(function.encode(), [mutant.edit]).decode()
        assert not same_tokens(source, function)
        assert source.startswith("int f(int x) {")
        assert not isinstance(match_brackets(list(tokens(source))), Unbalanced) or "/*" in soup
        trapped = apply_edits(function.encode(), mutant.probe).decode()
        assert not mutant.probe or not same_tokens(trapped, function)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_have_mutants_or_none(data):
    function = "int f(void) { " + data.decode("latin-1") + " }"
    found = faults(function)
    for change in found.changes if found is not None else ():
        apply_edits(function.encode("latin-1"), [found.mutant(change).edit])


def test_a_huge_nested_function_takes_no_time_to_speak_of():
    deep = "(" * 5000 + "x" + ")" * 5000
    calls = "f(a, " * 2000 + "b" + ")" * 2000
    found = faults(f"int f(void) {{ x = {deep}; y = {calls}; }}")
    assert len(draw([found], 50, 1)) > 1
