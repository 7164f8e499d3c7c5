"""What loop interchange refuses and why, and how its text looks."""

from dataclasses import replace

import pytest

from pesquared.propose.rules.interchange import LoopInterchange
from pesquared.propose.rules.rule import Rewrite
from tests.unit.propose.rules.reading import context_of

ARRAYS = "#define M 64\n#define BODY C[i][j] += A[i][k] * B[k][j]\ndouble A[64][64], B[64][64], C[64][64], x;\nint n, hits;\n"


def outcome(code: str, *flags: str, language: str = "c") -> Rewrite | str:
    return LoopInterchange().apply(context_of(code, "kernel", *flags, language=language))


def reason(code: str, *flags: str, language: str = "c") -> str:
    result = outcome(code, *flags, language=language)
    assert isinstance(result, str), result.text.decode()
    return result


def new_text(code: str, *flags: str, language: str = "c") -> str:
    result = outcome(code, *flags, language=language)
    assert isinstance(result, Rewrite), result
    return result.text.decode()


def product(body: str, inner: str = "int k = 0; k < 64; k++", outer: str = "int j = 0; j < 64; j++") -> str:
    """A product of arrays with its innermost statement, and loops, as given."""
    return ARRAYS + f"void kernel(int m) {{ for (int i = 0; i < 64; i++) for ({outer}) for ({inner}) {body} }}"


GOOD = "C[i][j] += A[i][k] * B[k][j];"


def accumulating(parameters: str, begin: str = "double s = 0;", end: str = "c[i * n + j] = s;") -> str:
    return (
        f"void kernel({parameters}) {{ for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {{ {begin}"
        f" for (int k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j]; {end} }} }}"
    )


SETTING = "C[i][j] = 0;"


def setting(
    before: str = SETTING, inner: str = GOOD, after: str = "", header: str = "int k = 0; k < 64; k++"
) -> str:
    """A product of arrays that sets the element first, with its parts as given."""
    return (
        ARRAYS + "void kernel(int k) { for (int i = 0; i < 64; i++) for (int j = 0; j < 64; j++)"
        f" {{ {before} for ({header}) {{ {inner} }} {after} }} }}"
    )


def setting_in(parameters: str, element: str = "c[i * n + j]", term: str = "a[i * n + k] * b[k * n + j]") -> str:
    return (
        f"void kernel({parameters}) {{ for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {{ {element} = 0;"
        f" for (int k = 0; k < n; k++) {element} += {term}; }} }}"
    )


def test_the_good_ones_are_rewritten() -> None:
    assert "for (int k = 0; k < 64; k++) for" not in new_text(product(GOOD))
    assert "if (" not in new_text(product(GOOD)), "arrays of their own need no test"
    assert "else" in new_text(accumulating("double *a, double *b, double *c, int n"))
    assert "else" not in new_text(accumulating("double *restrict a, double *b, double *restrict c, int n"))
    assert "else" not in new_text(accumulating("double *a, double *b, double *restrict c, int n"))
    assert "else" not in new_text(accumulating("float *a, float *b, double *c, int n"))
    assert "if (" not in new_text(setting())
    assert "else" in new_text(setting_in("double *a, double *b, double *c, int n"))
    assert "else" not in new_text(setting_in("double *a, double *b, double *restrict c, int n"))


REFUSED = {
    "call": (product("{ C[i][j] += A[i][k] * B[k][j]; } hits++;").replace("B[k]", "B[abs(k)]").replace(
        "double A", "int abs(int);\ndouble A"), "calls a function"),
    "break": (product("{ if (x) break; " + GOOD + "}"), "holds `if`"),
    "two statements": (product("{ C[i][j] += A[i][k] * B[k][j]; x = 1; }"), "more than one assignment"),
    "volatile": (product(GOOD).replace("double A", "volatile double A"), "is volatile"),
    "macro": (product("BODY;"), "comes from a macro"),
    "pragma inside": (product("\n#pragma GCC ivdep\n" + GOOD), "preprocessor line"),
    "pragma before": (product(GOOD).replace("for (int i", "\n#pragma omp parallel for collapse(2)\nfor (int i"), "preceded by"),
    "triangular bound": (product(GOOD, inner="int k = 0; k < j; k++"), "bound `j` depends on `j`"),
    "triangular start": (product(GOOD, inner="int k = j; k < 64; k++"), "start `j` depends on `j`"),
    "downwards": (product(GOOD, inner="int k = 63; k >= 0; k--"), "no condition of the form"),
    "by two": (product(GOOD, inner="int k = 0; k < 64; k += 2"), "steps of one"),
    "no condition": (product(GOOD, inner="int k = 0; ; k++"), "no condition"),
    "bound changed by stores": (
        ("int n;\nvoid kernel(int *restrict a, int *b, int *c) { for (int j = 0; j < n; j++) for (int i = 0; i < n; i++)"
        " c[i * n + j] = a[i * n + j]; }"), "the bound `n` may change inside the nest"),
    "bound in a member the stores may reach": (
        ("struct m { int n; int *d; };\nvoid kernel(struct m *c) { for (int j = 0; j < c->n; j++)"
        " for (int i = 0; i < c->n; i++) c->d[i * c->n + j] = i; }"), "may change inside the nest"),
    "address of the bound taken": (
        ("void use(int *);\nvoid kernel(int *c, int n) { use(&n); for (int j = 0; j < n; j++)"
        " for (int i = 0; i < n; i++) c[i * n + j] = i; }"), "may change inside the nest"),
    "one element": (product("C[0][0] += A[i][k] * B[k][j];"), "every round"),
    "not injective": (
        ("void kernel(double *c, int n, int w) { for (int j = 0; j < n; j++) for (int i = 0; i < n; i++)"
        " c[i * w + j] = i; }"), "may write the same element"),
    "zero step": (
        ("void kernel(const double *restrict a, const double *restrict b, double *restrict c, int n, int w) {"
        " for (int j = 0; j < n; j++) for (int k = 0; k < n; k++) c[j * w] += a[k * n + j] * b[k * n + j]; }"),
        "may write the same element"),
    "wrapping subscript": (
        ("void kernel(double *c, unsigned n) { for (unsigned j = 0; j < n; j++) for (unsigned i = 0; i < n; i++)"
        " c[i * n + j] = i; }"), "may write the same element"),
    "negative start": (
        ("void kernel(double *c, int n) { for (int j = -1; j < n; j++) for (int i = 0; i < n; i++)"
        " c[i * n + j] = i; }"), "may write the same element"),
    "reads what it writes": (product("C[i][j] += C[i][k] * B[k][j];"), "reads the array that the nest writes"),
    "rows behind pointers": (
        ("void kernel(double **a, double **b, double **c, int n) { for (int i = 0; i < n; i++)"
        " for (int j = 0; j < n; j++) for (int k = 0; k < n; k++) c[i][j] += a[i][k] * b[k][j]; }"),
        "rows of `c` are reached through pointers"),
    "wider accumulator": (
        accumulating("float *a, float *b, float *c, int n"), "accumulates in double but `c[i * n + j]` is float"),
    "accumulator not reset": (
        ("void kernel(double *restrict a, double *restrict b, double *restrict c, int n) { double s = 0;"
        " for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { for (int k = 0; k < n; k++)"
        " s += a[i * n + k] * b[k * n + j]; c[i * n + j] = s; } }"), "is not set at the beginning"),
    "static accumulator": (
        accumulating("double *restrict a, double *b, double *restrict c, int n", begin="static double s = 0;"),
        "not an automatic variable"),
    "adds to the element": (
        accumulating("double *a, double *b, double *c, int n", end="c[i * n + j] += s;"), "does not end by storing"),
    "scaled result": (
        accumulating("double *a, double *b, double *c, int n", end="c[i * n + j] = 2 * s;"), "does not end by storing"),
    "accumulator used later": (
        ("double kernel(double *restrict a, double *b, double *restrict c, int n) { double s; int i, j, k;"
        " for (i = 0; i < n; i++) for (j = 0; j < n; j++) { s = 0; for (k = 0; k < n; k++)"
        " s += a[i * n + k] * b[k * n + j]; c[i * n + j] = s; } return s; }"), "`s` may be used after the nest"),
    "loop variable used later": (
        ARRAYS + "int kernel(void) { int i, j, k; for (i = 0; i < 64; i++) for (j = 0; j < 64; j++)"
        " for (k = 0; k < 64; k++) C[i][j] += A[i][k] * B[k][j]; return k; }", "`k` may be used after the nest"),
    "static loop variable": (
        ARRAYS + "void kernel(void) { static int k; int i, j; for (i = 0; i < 64; i++) for (j = 0; j < 64; j++)"
        " for (k = 0; k < 64; k++) C[i][j] += A[i][k] * B[k][j]; }", "not a variable of this call alone"),
    "counts on the side": (product("C[i][j] += A[i][k] * B[k][j] + n++;"), "changes something besides"),
    "assigns on the side": (product("C[i][j] += A[i][k] * B[k][j] + (x = 2);"), "changes something besides"),
    "steps in a subscript": (product("C[i][j] += A[i][k] * B[k][n++];"), "changes something besides"),
    "subscript from memory that is written": (
        ("void kernel(int *restrict a, int *w, int *c, int n) { for (int j = 0; j < n; j++) for (int i = 0; i < n; i++)"
        " c[i * n + j] = a[w[0] + i * n]; }"), "may change inside the nest"),
    "variable of a loop around": (
        ARRAYS + "void kernel(void) { int i, j, k; for (k = 0; k < 9; k++) { for (i = 0; i < 64; i++)"
        " for (j = 0; j < 64; j++) for (k = 0; k < 64; k++) C[i][j] += A[i][k] * B[k][j]; } }",
        "`k` may be used after the nest"),
    "sequence": (product("C[i][j] += (x, A[i][k] * B[k][j]);"), "not an operation"),
    "conditional read that may overlap": (
        ("void kernel(double *a, double *b, double *c, int n) { for (int i = 0; i < n; i++) for (int j = 0; j < n; j++)"
        " for (int k = 0; k < n; k++) c[i * n + j] += a[i * n + k] > 0 ? b[k * n + j] : 1; }"), "not read in every round"),
    "already in order": (product(GOOD, inner="int j = 0; j < 64; j++", outer="int k = 0; k < 64; k++"), "more evenly"),
    "hidden name": (
        ("void kernel(double *restrict b, double *restrict c, int k, int n) { for (int j = 0; j < k; j++)"
        " for (int k = 0; k < n; k++) c[j] += b[k * n + j]; }"), "means something else"),
    "another element set": (setting("C[j][i] = 0;"), "sets `C[j][i]` but accumulates into `C[i][j]`"),
    "element of another array set": (setting("A[i][j] = 0;"), "sets `A[i][j]` but accumulates into `C[i][j]`"),
    "element set for another `k`": (
        setting("C[i][k] = 0;", "C[i][k] += A[i][k] * B[k][j];"), "sets `C[i][k]` but accumulates"),
    "element of the inner loop set": (
        setting("C[i][k] = 0;", "C[i][k] += A[i][k] * B[k][j];", header="k = 0; k < 64; k++"), "depends on `k`"),
    "variable set before": (setting("x = 0;"), "sets `x` but accumulates"),
    "set to a variable": (setting("C[i][j] = x;"), "begins with `x`, which is not a literal"),
    "set to a sum": (setting("C[i][j] = 1 + 1;"), "not a literal"),
    "set along with another": (setting("C[i][j] = x = 0;"), "not a literal"),
    "set to an element": (setting("C[i][j] = A[i][j];"), "not a literal"),
    "set by an operation": (setting("C[i][j] += 1;"), "does more than accumulate"),
    "set after the loop": (setting("", after=SETTING), "does more than accumulate"),
    "set before and after": (setting(after=SETTING), "does more than accumulate"),
    "two elements set": (setting("C[i][j] = 0; A[i][j] = 0;"), "does more than accumulate"),
    "set twice": (setting("C[i][j] = 0; C[i][j] = 1;"), "does more than accumulate"),
    "declared beside the setting": (setting("double y = 1; C[i][j] = 0;"), "does more than accumulate"),
    "element set, two statements": (setting(inner=GOOD + " x = 1;"), "more than one assignment"),
    "element set, read elsewhere": (setting(inner="C[i][j] += C[i][k] * B[k][j];"), "reads the array that the nest writes"),
    "element set, bound written": (
        "int n;\n" + setting_in("int *restrict a, int *restrict b, int *restrict c"), "may change inside the nest"),
    "element set, not injective": (
        setting_in("double *a, double *b, double *restrict c, int n, int w", "c[j * w]", "a[k * n + j] * b[k * n + j]"),
        "may write the same element"),
    "element set, one for all": (
        setting_in("double *a, double *b, double *restrict c, int n", "c[i]"), "every round of both loops"),
    "element set, another type read": (
        setting_in("unsigned *a, unsigned *b, int *c, int n"), "whose type is another one"),
    "element set, volatile": (setting().replace("double A", "volatile double A"), "is volatile"),
    "element set by a macro": (setting().replace(SETTING, "RESET;").replace("#define M", "#define RESET C[i][j] = 0\n#define M"),
        "comes from a macro"),
    "element set, steps in a subscript": (
        setting("C[i][n++] = 0;", "C[i][n++] += A[i][k] * B[k][j];"), "changes"),
    "element set, pragma": (setting(SETTING + "\n#pragma GCC ivdep\n"), "preprocessor line"),
    "element set, loop variable used later": (
        ARRAYS + "int kernel(void) { int i, j, k; for (i = 0; i < 64; i++) for (j = 0; j < 64; j++)"
        " { C[i][j] = 0; for (k = 0; k < 64; k++) C[i][j] += A[i][k] * B[k][j]; } return k; }", "`k` may be used after the nest"),
    "no nest": ("void kernel(double *c, int n) { for (int i = 0; i < n; i++) c[i] = 0; }", "no nest of two loops"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    code, expected = REFUSED[name]
    assert expected in reason(code)


def test_flags_that_take_the_ground_away() -> None:
    floats = accumulating("float *a, float *b, double *c, int n")
    assert isinstance(outcome(floats), Rewrite)
    assert "may overlap" in reason(floats, "-fno-strict-aliasing")
    context = replace(context_of(floats, "kernel"), compile_flags=("-O2", "-mfpmath=387"))
    assert "more precise than memory" in str(LoopInterchange().apply(context))
    context = replace(context_of(floats, "kernel"), partial=True)
    assert "the parser met errors" in str(LoopInterchange().apply(context))


def test_references_give_a_variable_a_second_name() -> None:
    code = (
        "double A[64][64], B[64][64], C[64][64];\nint kernel() { int k; int &alias = k; for (int i = 0; i < 64; i++)"
        " for (int j = 0; j < 64; j++) for (k = 0; k < 64; k++) C[i][j] += A[i][k] * B[k][j]; return alias; }"
    )
    assert "`k` may be used after the nest" in reason(code, language="c++")


def test_a_bound_is_not_read_where_it_was_not_before() -> None:
    """With no columns, the old nest never looks at ``b``, which may then be null."""
    code = (
        "struct m { int n; double *d; };\nvoid kernel(const struct m *a, const struct m *b, double *restrict c, int n)"
        " { for (int j = 0; j < n; j++) for (int i = 0; i < b->n; i++) c[i * n + j] = i; }"
    )
    assert "if (0 < n) {" in new_text(code)
    set_first = code.replace("for (int i", "{ c[j] = 0; for (int i").replace(
        "c[i * n + j] = i;", "c[j] += a->d[i * n + j]; }"
    )
    assert "if (0 < n) {" in new_text(set_first.replace("double *d", "float *d"))


def test_style_is_kept() -> None:
    code = (
        "double A[9][9], B[9][9], C[9][9];\nvoid kernel(void)\n{\n\tint i, j, k;\n\tdouble s, t;\n\n\tfor (i = 0; i < 9; i++)\n"
        "\t\tfor (j = 0; j < 9; j++) {\n\t\t\ts = 0; /* réset */\n\t\t\tfor (k = 0; k < 9; k++)\n"
        "\t\t\t\ts += A[i][k] * B[k][j];\n\t\t\tC[i][j] = s;\n\t\t}\n\tt = C[0][0]; /* naïve */\n}\n"
    )
    assert new_text(code) == (
        "void kernel(void)\n{\n\tint i, j, k;\n\tdouble t;\n\n\tfor (i = 0; i < 9; i++) {\n"
        "\t\t/* réset */\n\t\tfor (j = 0; j < 9; j++) {\n\t\t\tC[i][j] = 0;\n\t\t}\n"
        "\t\tfor (k = 0; k < 9; k++) {\n\t\t\tfor (j = 0; j < 9; j++) {\n\t\t\t\tC[i][j] += A[i][k] * B[k][j];\n"
        "\t\t\t}\n\t\t}\n\t}\n\tt = C[0][0]; /* naïve */\n}"
    )


def test_an_element_that_is_set_first() -> None:
    code = (
        "double A[9][9], B[9][9], C[9][9];\nvoid kernel(int n)\n{\n  for (int i = 0; i < 9; i++)\n"
        "    for (int j = 0; j < n; j++) {\n      C[i][j] = 0.0; // reset\n      for (int k = 0; k < 9; k++)\n"
        "        C[i][j] += A[i][k] * B[k][j];\n    }\n}\n"
    )
    assert new_text(code) == (
        "void kernel(int n)\n{\n  for (int i = 0; i < 9; i++) {\n    // reset\n"
        "    for (int j = 0; j < n; j++) {\n      C[i][j] = 0.0;\n    }\n"
        "    for (int k = 0; k < 9; k++) {\n      for (int j = 0; j < n; j++) {\n"
        "        C[i][j] += A[i][k] * B[k][j];\n      }\n    }\n  }\n}"
    )


def test_line_ends_and_foreign_bytes_are_kept() -> None:
    code = (
        b"double A[9][9], B[9][9];\r\nvoid kernel(void)\r\n{\r\n  /* \xe9 */\r\n  for (int j = 0; j < 9; j++)\r\n"
        b"    for (int i = 0; i < 9; i++)\r\n      A[i][j] = B[i][j];\r\n}\r\n"
    )
    result = LoopInterchange().apply(context_of(code, "kernel"))
    assert isinstance(result, Rewrite)
    assert b"/* \xe9 */" in result.text
    assert result.text.count(b"\r\n") == result.text.count(b"\n") == 6


def test_the_semicolon_of_a_braceless_body_is_not_doubled() -> None:
    code = "double A[9][9], B[9][9];\nvoid kernel(void) { for (int j = 0; j < 9; j++) for (int i = 0; i < 9; i++) A[i][j] = B[i][j] /* x */ ; }"
    assert new_text(code).count(";") == 5


def test_a_macro_that_is_a_number_may_be_a_bound() -> None:
    assert "k < M" in new_text(product(GOOD, inner="int k = 0; k < M; k++"))
