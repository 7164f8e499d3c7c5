"""Splitting C and C++ text into its top-level pieces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.source.fragments import Piece, PieceKind, UnparsableFragment, split_fragment
from pesquared.source.tokens import code_key, same_tokens

ATOMS = st.sampled_from(
    [
        "int f(int x) { return x; }", "struct s { int a; };", "#include <a.h>\n", "#if X\n", "#else\n", "#endif\n",
        "{", "}", "(", ")", ";", "=", '"', "'", "/*", "*/", "//", "\n", "\r\n", "\\\n", "namespace n {", 'extern "C" {',
        'R"x(', ')x"', "template <class T>", "operator", "::", "~", "...", "#define A(x) \\\n x\n", " ", "\0", "é", "\udc80",
        "if (a) {", "enum class E : int {", "typedef int t;", "<", ">", ":", "a", "[[", "]]", "?", "#",
    ]
)  # fmt: skip


def split(text: str) -> tuple[Piece, ...]:
    pieces = split_fragment(text)
    assert not isinstance(pieces, UnparsableFragment), pieces
    return pieces


@settings(max_examples=400, deadline=None)
@given(st.lists(ATOMS, max_size=30).map("".join) | st.text(max_size=200))
def test_pieces_cover_any_text_in_order(text):
    pieces = split_fragment(text)
    if isinstance(pieces, UnparsableFragment):
        assert pieces.reason
        assert 1 <= pieces.line <= text.count("\n") + 1
    else:
        assert "".join(text[piece.start : piece.end] for piece in pieces) == text
        for piece in pieces:
            assert piece.start <= piece.code <= piece.end
            for member in piece.members:
                assert piece.code <= member.start <= member.end <= piece.end


CODE = st.sampled_from(
    ["int", "f", "(", ")", "{", "}", "a", "+", "++", "->", '"s t"', "'c'", "1.5e+3", "<<=", "::"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(CODE, max_size=20), st.data())
def test_comments_and_white_space_make_no_difference(code, data):
    gaps = st.sampled_from([" ", "\n", "\t\r\n", " /* { */ ", " // }\n", " \\\n"])
    other = "".join(word + data.draw(gaps) for word in code)
    assert same_tokens(" ".join(code), other)
    assert not same_tokens(" ".join(code), other + " x")


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ("static inline int f(const double *a, int n) { return '}'; }", "f", "const double *a, int n"),
        ("EXPORT(int) g(int x) { }", "g", "int x"),
        ("int h(int x) ATTR(1) { return 0; }", "h", "int x"),
        ("struct foo *mk(int a) { return 0; }", "mk", "int a"),
        ("__attribute__((noinline)) void w(void) { }", "w", "void"),
        ("int (*sel(int a))(int) { return 0; }", "sel", "int a"),
        ("T (*sel(int a))(int) { return 0; }", "sel", "int a"),
        (
            "template <class T = int, int N = (3 > 2)> T Foo<T>::bar(T x) const noexcept(true) { }",
            "Foo::bar",
            "T x",
        ),
        ("Foo::Foo(int x) noexcept : a{1}, b(x) { run(); }", "Foo::Foo", "int x"),
        ("Foo::~Foo() { }", "Foo::~Foo", ""),
        ("bool operator==(const A& x, const A& y) { return true; }", "operator==", "const A& x, const A& y"),
        ("A& A::operator=(const A& x) { return *this; }", "A::operator=", "const A& x"),
        ("int A::operator()(int x) const { return x; }", "A::operator()", "int x"),
        ("A::operator bool() const { return true; }", "A::operator bool", ""),
        ("auto q(int x) -> decltype(x) { return 1; }", "q", "int x"),
        ("std::vector<int> q(int x) { return {}; }", "q", "int x"),
        ('int s(void) { return R"x(})x"[0]; }', "s", "void"),
        ("int k(int a) {\n#if X\n if (a) {\n#else\n if (!a) {\n#endif\n }\n return 0; }", "k", "int a"),
    ],
)
def test_functions_are_told_with_name_and_parameters(text, name, parameters):
    functions = [found for piece in split("/* before */ " + text) for found in piece.functions()]
    assert [(one.name, one.parameters) for one in functions] == [(name, parameters)]


def test_each_kind_of_piece_is_told():
    text = """\
#include <stdio.h>
#define TWICE(x) \\
    { x x
struct point { int x; };
typedef struct { int y; } Other;
typedef int (*compare)(const void *, const void *);
using Short = int;
static int table[] = { 1, 2 }, more = 3;
int declared(int);
static int f(void) { return 0; }
#ifdef FAST
int g(void) { return 1; }
#else
int g(void) { return 2; }
#endif
// the end
"""
    kinds = [(piece.kind.value, piece.name) for piece in split(text)]
    assert kinds == [
        ("include", ""),
        ("directive", ""),
        ("type", "point"),
        ("type", "Other"),
        ("type", "compare"),
        ("type", "Short"),
        ("declaration", ""),
        ("declaration", ""),
        ("function", "f"),
        ("conditional", ""),
        ("blank", ""),
    ]
    assert [one.name for piece in split(text) for one in piece.functions()] == ["f", "g", "g"]
    assert [piece.is_static for piece in split(text) if piece.kind is PieceKind.FUNCTION] == [True]


def test_members_of_scopes_are_qualified():
    text = 'namespace a::b { namespace { int f() { } } inline namespace v1 VISIBLE(x) { int h() { } } }\nextern "C" { int g(void) { } }'
    assert [one.name for piece in split(text) for one in piece.functions()] == ["a::b::f", "a::b::v1::h", "g"]


def test_braces_of_a_linkage_for_cplusplus_cross_conditionals():
    text = '#ifdef __cplusplus\nextern "C" {\n#endif\nint f(void) { }\n#ifdef __cplusplus\n}\n#endif\nint g(void) { }\n'
    assert [one.name for piece in split(text) for one in piece.functions()] == ["f", "g"]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("int f(void) {\n", "never closed", 1),
        ("int f(void) { } }", "nothing opens", 1),
        ("int f(void) { ( }", "expected", 1),
        ("\nfor (i = 0; i < 3; i++) { run(); }", "outside of a function", 2),
        ("\n\n{ run(); }", "outside of a function", 3),
        ("int a; /* ", "comment", 1),
        ("#if X\nint a;", "#endif", 1),
        ("#endif\n", "without #if", 1),
        ('int f(void) { puts("a); }', "string", 1),
        ("int \0 a;", "NUL", 1),
    ],
)
def test_what_cannot_be_split_says_why_and_where(text, reason, line):
    found = split_fragment(text)
    assert isinstance(found, UnparsableFragment)
    assert reason in found.reason
    assert found.line == line


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("int f(){return 1;}", "int  f ( )\n{ // one\n return 1; }", True),
        ("a + +b", "a ++b", False),
        ("#define A (1)", "#define A(1)", False),
        ("#define A  1 // x\n", "#define A 1\n", True),
        ("#define A\n1", "#define A 1\n", False),
        ('f("a b")', 'f("a  b")', False),
        ("x = 1;", "x = 2;", False),
    ],
)
def test_same_tokens(a, b, same):
    assert same_tokens(a, b) is same
    assert (code_key(a.encode()) == code_key(b.encode())) is same


@pytest.mark.parametrize(
    "text",
    ["/*" * 50_000, '#"' * 50_000, "{" * 100_000, "#if\n" * 50_000, "namespace a{" * 20_000, 'R"(' * 50_000, "()" * 50_000,
     "int a = {1} {2} {3}" * 10_000, "a<" * 50_000 + "(){", "f(){}" * 20_000, "#if X\n" * 200 + "{};" * 20_000 + "#endif\n" * 200],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_text_is_read_to_its_end(text):
    pieces = split_fragment(text)
    assert isinstance(pieces, UnparsableFragment) or pieces[-1].end == len(text)
