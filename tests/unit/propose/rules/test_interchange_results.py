"""Rewritten kernels leave the same bytes as the originals, whatever the sizes and however the arrays overlap."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.unit.propose.rules.running import Kernel, differences

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")

_PLAIN = "const double *a, const double *b, double *c, int n, int m, int p"
_KEPT = "const double *restrict a, const double *restrict b, double *restrict c, int n, int m, int p"

KERNELS = [
    Kernel("accumulator", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {{
            double s = 0;
            for (int k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
            c[i * n + j] = s;
        }}
}}"""),
    Kernel("restricted", f"""void NAME({_KEPT}) {{
    int i, j, k;
    double s;
    for (i = 0; i < n; ++i) {{
        for (j = 0; j < n; ++j) {{
            s = -1.5;
            for (k = 0; k < n; ++k) {{ s = s + a[i * n + k] * b[k * n + j]; }}
            c[i * n + j] = s;
        }}
    }}
}}""", apart=True),
    Kernel("rectangular", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < p; j++) {{
            double s = 0;
            for (int k = 0; k < m; k++) s += a[i * m + k] * b[k * p + j];
            c[i * p + j] = s;
        }}
}}""", square=False),
    Kernel("perfect", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < p; j++)
            for (int k = 0; k < m; k++)
                c[i * p + j] += a[i * m + k] * b[k * p + j];
}}""", square=False),
    Kernel("subtracting", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= p - 1; j++) {{
            double s = 1;
            for (int k = 0; k <= m - 1; k++) s -= a[i * m + k] * b[k * p + j];
            c[i * p + j] = s;
        }}
}}""", square=False),
    Kernel("columns", f"""void NAME({_PLAIN}) {{
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++)
            c[i * n + j] = a[i * n + j] * 2 + i - j;
}}""", square=False),
    Kernel("leading_dimension", f"""void NAME({_PLAIN}) {{
    int lda = 17;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {{
            double s = 0;
            for (int k = 1; k < p; k++) s += a[i * lda + k] * b[k * lda + j];
            c[i * lda + j] = s;
        }}
}}""", square=False),
    Kernel("rows_of_arrays", f"""void NAME({_PLAIN}) {{
    const double (*x)[16] = (const double (*)[16])a, (*y)[16] = (const double (*)[16])b;
    double (*z)[16] = (double (*)[16])c;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            for (int k = 0; k < p; k++)
                z[i][j] += x[i][k] * y[k][j];
}}""", square=False),
    Kernel("members", """struct matrix { int rows, cols; double *data; };
void NAME(double *a, double *b, double *c, int n, int m, int p) {
    const struct matrix x = {n, m, a}, y = {m, p, b};
    struct matrix z = {n, p, c};
    const struct matrix *l = &x, *r = &y;
    struct matrix *o = &z;
    for (int i = 0; i < l->rows; i++)
        for (int j = 0; j < r->cols; j++) {
            double s = 0;
            for (int k = 0; k < l->cols; k++)
                s += l->data[i * l->cols + k] * r->data[k * r->cols + j];
            o->data[i * o->cols + j] = s;
        }
}""", square=False),
    Kernel("unsigned_sizes", """void NAME(const float *a, const float *b, float *c, unsigned n, unsigned m, unsigned p) {
    unsigned i, j, k;
    for (i = 0; i < n; i += 1)
        for (j = 0; j < p; j = j + 1) {
            float s = 0.0f;
            for (k = 0; m > k; k = 1 + k) s += a[i * m + k] * b[k * p + j];
            c[i * p + j] = s;
        }
}""", type="float", square=False),
    Kernel("integers", """void NAME(const int *a, const int *b, int *c, long n, long m, long p) {
    long i, j, k;
    for (i = 0; i < n; i++)
        for (j = 0; j < p; j++) {
            int s = 0;
            for (k = 0; k < m; k++) s += (a[i * m + k] ^ b[k * p + j]) & 255;
            c[i * p + j] = s;
        }
    for (i = 0; i < n; i++) c[i] += 1;
}""", type="int", square=False),
    Kernel("narrow_integers", """void NAME(const short *a, const short *b, short *c, int n, unsigned long m, int p) {
    int i, j, k;
    for (i = 0; i < n; i++)
        for (j = 0; j < p; j++) {
            short s = 0;
            for (k = 0; k < m; k++) s += a[i * m + k] * b[k * p + j];
            c[i * p + j] = s;
        }
}""", type="short", square=False),
    Kernel("element_set_first", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {{
            c[i * n + j] = 0;
            for (int k = 0; k < n; k++) c[i * n + j] += a[i * n + k] * b[k * n + j];
        }}
}}"""),
    Kernel("element_set_first_restricted", f"""void NAME({_KEPT}) {{
    int i, j, k;
    for (i = 0; i < n; ++i) {{
        for (j = 0; j < p; ++j) {{
            (c[i * p + j]) = -1.5;
            for (k = 0; k < m; ++k) {{ c[i * p + j] = c[i * p + j] - a[i * m + k] * b[k * p + j]; }}
        }}
    }}
}}""", apart=True, square=False),
    Kernel("element_set_first_multiplying", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        if (i % 2)
            for (int j = 1; j < p; j++) {{
                c[i * p + j] = 1;
                for (int k = 1; k < m; k++)
                    c[i * p + j] *= 1 + a[i * m + k] * b[k * p + j] / 1e6;
            }}
        else
            c[i] = 2;
}}""", square=False),
    Kernel("element_set_first_in_rows", f"""void NAME({_PLAIN}) {{
    static double A[16][16], B[16][16], C[16][16];
    __builtin_memcpy(A, a, sizeof A);
    __builtin_memcpy(B, b, sizeof B);
    __builtin_memcpy(C, c, sizeof C);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < p; j++) {{
            C[i][j] = 0;
            for (int k = 0; k < m; k++) C[i][j] += A[i][k] * B[k][j];
        }}
    __builtin_memcpy(c, C, sizeof C);
}}""", square=False),
    Kernel("element_set_first_narrow", """void NAME(const short *a, const short *b, short *c, int n, long m, unsigned short p) {
    int i, j;
    for (i = 0; i < n; i++)
        for (j = 0; j < p; j++) {
            c[i * p + j] = 70000;
            for (int k = 0; k < m; k++) c[i * p + j] += a[i * m + k] * b[k * p + j];
        }
}""", type="short", square=False),
    Kernel("element_set_first_sums_of_columns", f"""void NAME({_PLAIN}) {{
    for (int j = 0; j < n; j++) {{
        c[j] = 0;
        for (int i = 0; i < m; i++) c[j] += a[i * n + j] + b[j];
    }}
}}""", square=False),
    Kernel("under_a_condition", f"""void NAME({_PLAIN}) {{
    for (int i = 0; i < n; i++)
        if (i % 2)
            for (int j = 0; j < p; j++) {{
                double s = 0;
                for (int k = 0; k < m; k++) s += a[i * m + k] * b[k * p + j];
                c[i * p + j] = s;
            }}
        else
            c[i] = -1;
}}""", square=False),
]  # fmt: skip


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_every_byte_is_the_same(level: str, tmp_path: Path) -> None:
    assert differences(KERNELS, tmp_path, "-std=gnu11", level) == ""


@pytest.mark.parametrize("name", ["accumulator", "element_set_first"])
def test_the_comparison_sees_a_wrong_rewrite(name: str, tmp_path: Path) -> None:
    """The harness itself: without its guard the rewritten kernel differs where arrays overlap."""

    class Unguarded(Kernel):
        def program_part(self) -> str:
            part = super().program_part()
            guard = part[part.index("if (0 < n") : part.index(") {", part.index("if (0 < n"))]
            return part.replace(guard, "if (1")

    code = next(kernel.code for kernel in KERNELS if kernel.name == name)
    assert name in differences([Unguarded(name, code)], tmp_path, "-O1")


ACCUMULATE = ["{s} += {x} * {y}", "{s} -= {y} * {x}", "{s} = {s} + {x} * {y}", "{s} = ({x} > {y}) * {x} + {s}"]
STEPS = ["{v}++", "++{v}", "{v} += 1", "{v} = {v} + 1"]
CONDITIONS = ["{v} < {n}", "{n} > {v}", "{v} <= {n} - 1"]
INDEX = ["{r} * {w} + {q}", "{w} * {r} + {q}", "{q} + {r} * {w}", "({r}) * ({w}) + {q}"]


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str, bool]:
    """One way to write a matrix product: its code, its element type, and whether it is declared restrict."""
    element = draw(st.sampled_from(["double", "float", "int"]))
    count = draw(st.sampled_from(["int", "long", "unsigned long", "unsigned"]))
    restrict = draw(st.booleans())
    at_top, braces = draw(st.booleans()), draw(st.booleans())
    shape = draw(st.sampled_from(["perfect", "accumulator", "element set first"]))

    def loop(variable: str, bound: str) -> str:
        # `<= n - 1` of an unsigned n counts through all numbers when n is 0
        usable = CONDITIONS[:2] if count.startswith("unsigned") else CONDITIONS
        condition = draw(st.sampled_from(usable)).format(v=variable, n=bound)
        start = f"{variable} = 0" if at_top else f"{count} {variable} = 0"
        return f"for ({start}; {condition}; {draw(st.sampled_from(STEPS)).format(v=variable)})"

    def index(row: str, width: str, column: str) -> str:
        return draw(st.sampled_from(INDEX)).format(r=row, w=width, q=column)

    def block(text: str) -> str:
        return f"{{ {text} }}" if braces else text

    x, y, z = f"a[{index('i', 'm', 'k')}]", f"b[{index('k', 'p', 'j')}]", f"c[{index('i', 'p', 'j')}]"
    update = draw(st.sampled_from(ACCUMULATE))
    if shape == "accumulator":
        reset = "s = 1;" if at_top else f"{element} s = 1;"
        inner = f"{loop('k', 'm')} {block(update.format(s='s', x=x, y=y) + ';')}"
        body = f"{loop('j', 'p')} {{ {reset} {inner} {z} = s; }}"
    else:
        inner = f"{loop('k', 'm')} {block(update.format(s=z, x=x, y=y) + ';')}"
        body = f"{loop('j', 'p')} " + (f"{{ {z} = 1; {inner} }}" if shape == "element set first" else block(inner))
    keyword = "restrict" if restrict else ""
    declarations = f"{count} i, j, k; {element} s;" if at_top else ""
    code = (
        f"void NAME(const {element} *{keyword} a, const {element} *{keyword} b, {element} *{keyword} c,"
        f" {count} n, {count} m, {count} p) {{ {declarations} {loop('i', 'n')} {block(body)} }}"
    )
    return code, element, restrict


# Not shrunk: each example is a compilation. The message names the kernel and its sizes.
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(spellings(), min_size=25, max_size=25))
def test_spellings_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, str, bool]]
) -> None:
    kernels = [
        Kernel(f"k{number}", code, element, apart, square=False)
        for number, (code, element, apart) in enumerate(written)
    ]
    wrong = differences(kernels, tmp_path_factory.mktemp("run"), "-std=gnu11", "-O1", "-fwrapv")
    assert wrong == "", [kernel.code for kernel in kernels if f"{kernel.name} " in wrong]
