"""The parser-independent tree, made from real libclang cursors."""

from clang import cindex
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.source import SyntaxNode
from pesquared.source.clang.syntax import MAX_DEPTH, syntax_of


def tree(code: str | bytes, name: str = "f", path: str = "unit.c") -> SyntaxNode:
    source = code if isinstance(code, bytes) else code.encode()
    unit = cindex.Index.create().parse(path, unsaved_files=[(path, source)])
    cursor = next(c for c in unit.cursor.walk_preorder() if c.spelling == name and c.is_definition())
    return syntax_of(cursor, source, path)


def nodes(node: SyntaxNode) -> list[SyntaxNode]:
    found, waiting = [], [node]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(found[-1].children[::-1])
    return found


def the(node: SyntaxNode, kind: str, text: str = "") -> SyntaxNode:
    (found,) = [n for n in nodes(node) if n.kind == kind and text in ("", n.text)]
    return found


def body(statements: str, before: str = "") -> SyntaxNode:
    return tree(f"{before}\nvoid f(int n, double *p, double m[4][5]) {{ {statements} }}")


def test_offsets_and_text_are_the_file_s() -> None:
    code = "/* ä */ int f(int a) { return a + 1; }".encode()
    root = tree(code)
    assert root.kind == "function"
    for node in nodes(root):
        assert code[node.start : node.end].decode() == node.text
    assert the(root, "binary").text == "a + 1"


def test_kinds() -> None:
    root = body(
        "again: while (n) { if (n == 1) break; else continue; } do n--; while (n); "
        "goto again; switch (n) { case 1: n = 2; } g(n); n = n ? (int)1.5 : (2); return;",
        "void g(int);",
    )
    found = {node.kind for node in nodes(root)}
    assert found >= {
        "function", "param", "compound", "label", "while", "if", "break", "continue", "do", "goto", "call", "assign",
        "conditional", "cast", "paren", "literal", "return", "binary", "unary", "name",
    }  # fmt: skip


def test_operators() -> None:
    root = body("n /* < */ += 1; n <<= 2; n = -n; n++; --n; n = n - 1 != ~n && *p;")
    assert [n.operator for n in nodes(root) if n.kind == "assign"] == ["+=", "<<=", "=", "="]
    assert [n.operator for n in nodes(root) if n.kind == "unary"] == ["-", "++", "--", "~", "*"]
    assert [n.operator for n in nodes(root) if n.kind == "binary"] == ["&&", "!=", "-"]


def test_implicit_casts_are_looked_through() -> None:
    assigned = the(body("p[n] = n;"), "assign")
    assert [child.kind for child in assigned.children] == ["subscript", "name"]
    assert [child.kind for child in assigned.children[0].children] == ["name", "name"]


def test_references_tell_declarations_apart() -> None:
    root = body("int s = 1, t = 2; { int s = 3; n = s; } n = s; n = t;")
    declared = [n.reference for n in nodes(root) if n.kind == "variable"]
    used = [n.reference for n in nodes(root) if n.kind == "name" and n.text in "st"]
    assert len(set(declared)) == 3
    assert used == [declared[2], declared[0], declared[1]]


def test_members_and_globals_have_keys() -> None:
    root = tree(
        "struct q { int u, v; }; int g; int f(struct q *a, struct q *b) { return a->u + b->u + a->v + g; }"
    )
    members = {n.text: n.reference for n in nodes(root) if n.kind == "member"}
    assert members["a->u"] == members["b->u"] != members["a->v"]
    assert the(root, "name", "g").reference


def test_qualifiers_stay_in_the_type() -> None:
    root = tree(
        "typedef const double *row;\nint f(row restrict a, volatile int *b, double c[4][5]) { return *b; }"
    )
    kept = [node.type for node in root.children if node.kind == "param"]
    assert kept == ["const double *restrict", "volatile int *", "double[4][5]"]


def test_a_for_has_four_slots() -> None:
    header = {
        "": "___", "int i = 0": "i__", "int i = 0; i < n": "ic_", "; ; n++": "__s", "; n;": "_c_",
        "n = 0; /* ; */ ; n++": "i_s", "int i = 0; i < n; i++": "ics",
    }  # fmt: skip
    for text, expected in header.items():
        written = text + ";" * (2 - text.replace("/* ; */", "").count(";"))
        loop = the(body(f"for ({written}) p[0] = 1;"), "for")
        assert (
            "".join("_" if not part.text else letter for letter, part in zip("ics", loop.children, strict=False))
            == expected
        )
        assert len(loop.children) == 4
        assert loop.children[3].text == "p[0] = 1"


def test_what_comes_from_a_macro_is_marked() -> None:
    macros = (
        "#define N 8\n#define SAME(x) x\n#define LESS <\n#define EACH for (n = 0; n < 3; n++)\n#define ADD n += 1"
    )
    root = body("p[N] = 1; p[2] = SAME(n); n = n LESS 3; EACH p[0] = 1; p[3] = 4; ADD;", macros)
    marked = {node.text for node in nodes(root) if node.in_macro}
    assert {"N", "EACH", "ADD"} <= marked
    assert not any(node.in_macro for node in nodes(root) if node.text in {"p[3] = 4", "p[3]", "3", "p[2]"})
    assert the(root, "subscript", "p[N]").in_macro is False
    assert [n.operator for n in nodes(root) if n.kind == "binary" and n.text == "n LESS 3"] == [""]
    assert all(n.in_macro for n in nodes(root) if n.text == "EACH p[0] = 1")


def test_nesting_is_cut() -> None:
    root = body("n = " + "(" * 200 + "n" + ")" * 200 + ";")

    def depth(node: SyntaxNode) -> int:
        return 1 + max(map(depth, node.children), default=0)

    assert depth(root) == MAX_DEPTH + 1
    assert [n.kind for n in nodes(root) if n.text.startswith("((") and not n.children] == ["other"]


def test_cpp() -> None:
    root = tree(
        "struct v { double *d; double f(int i) { for (auto &x : {1, 2}) i += x; return d[i]; } };", path="unit.cpp"
    )
    assert root.kind == "function"
    assert the(root, "member").text == "d"
    assert not [n for n in nodes(root) if n.kind == "for"]


TOKENS = st.sampled_from(
    ["for (", ";", ")", "{", "}", "n", "++", "=", "1", "p[", "]", "N", "ID(", "(", "if (", "\\\n", "é", "#"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TOKENS, max_size=30).map(" ".join))
def test_broken_code_gives_a_tree(statements: str) -> None:
    code = f"#define N 3\n#define ID(x) x\nvoid f(int n, double *p) {{ {statements} }}".encode()
    root = tree(code)
    for node in nodes(root):
        assert 0 <= node.start <= node.end
        assert len(node.children) == 4 or node.kind != "for"
        assert node.in_macro or code[node.start : node.end].decode("utf-8", "surrogateescape") == node.text
