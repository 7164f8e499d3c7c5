import pytest

from pesquared.source.clang.locator import SourceTree


@pytest.mark.parametrize(
    "text",
    [
        "int f(int a) { return a; }",
        "int f(a)\nint a;\n{ return a; }",
        "int\nf (int a,\n   int (*g)(int)) /* why { */ \n// so\n{ return a; }",
        "auto f(int a) const noexcept -> int { return a; }",
        "auto f(int a) -> int { return a; }",
        "A::f(int a) : b(a) { }",
        "template <> int f<int>(int a) { return a; }",
        "int (f)(int a) { return a; }",
        "DEFINE_FUNCTION(int, f)",
    ],
)
def test_definitions_are_told_from_mentions(plant, text):
    root = plant({"a.c": text, "b.c": "int f(int a);\nint g(void) { return f(1) + f(2); }\nvoid *p = f;\n"})
    assert SourceTree(root).defining("f") == ("a.c",)


def test_names_are_whole_words_and_mentions_serve_where_no_definition_is_seen(plant):
    root = plant({"a.cpp": "void push_back(int x) {}", "b.cpp": "void x() { push(1); }"})
    tree = SourceTree(root)
    assert tree.calling("push") == ("b.cpp",)
    assert tree.defining("push") == ("b.cpp",)
    assert tree.defining("pus") == ()


def test_what_is_no_source_is_not_read(plant):
    text = "int f(void) { return 1; }"
    root = plant(
        {
            "a.c": text,
            ".git/b.c": text,
            "out/CMakeCache.txt": "",
            "out/c.c": text,
            "d.c": b"\0" + text.encode(),
            "e.py": text,
            "big.c": text + " " * (9 << 20),
        }
    )
    (root / "link.c").symlink_to(root / "a.c")
    (root / "loop").symlink_to(root)
    assert SourceTree(root).defining("f") == ("a.c",)


def test_includers_are_found_through_other_headers(plant):
    root = plant({"h/x.h": "", "y.h": '#include "h/x.h"', "a.c": "# include <y.h>", "x.c": '#include "x.h"'})
    assert list(SourceTree(root).includers("h/x.h")) == ["x.c", "y.h", "a.c"]
