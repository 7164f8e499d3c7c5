import hashlib

import pytest

from pesquared.core.source import Definition
from pesquared.errors import PesquaredError, UsageError
from pesquared.source import DependencyExtractor
from pesquared.source.clang.index import open_index

MAIN = """\
/* größer als ein Byte: é è ü */
#include <stdint.h>
#include "types.h"
#define SCALE(x) ((x) * FACTOR)
#define UNUSED 3

static int helper(cell *c);
static const int table[4] = {1, 2, 3, SIZE};

int hot(struct grid *g, kind k)
{
    cell *c = g->cells;
    return SCALE(c->value.whole) + table[k & 3] + helper(c) + abs_of(-1);
}

static int helper(cell *c) { return c->flags; }
"""
TYPES = """\
#ifndef TYPES_H
#define TYPES_H
#define FACTOR 7
#define SIZE 16
typedef struct { union { int whole; char parts[SIZE]; } value; unsigned flags; } cell;
typedef enum { RED, GREEN } kind;
struct grid { cell *cells; struct grid *next; };
struct unrelated { int x; };
int hot(struct grid *g, kind k);
int abs_of(int x);
#endif
"""
OTHER = """\
#include "types.h"
int abs_of(int x) { return x < 0 ? -x : x; }
int light(struct grid *g) { return hot(g, RED); }
int heavy(struct grid *g) { int s = 0; for (int i = 0; i < 9; i++) s += hot(g->next, GREEN); return s; }
int no_call(void) { /* hot( */ return sizeof("hot(1)"); }
"""
FILES = {"src/main.c": MAIN, "inc/types.h": TYPES, "src/other.c": OTHER}


class Shares:
    """A profile that has seen two edges, or those it is given."""

    total = 100.0

    def __init__(self, edges=None):
        self.edges = edges or {("light", "hot"): 0.1, ("heavy", "hot"): 0.7}

    def hotspots(self, owns=None):
        return iter(())

    def edge_share(self, caller, callee):
        return self.edges.get((caller, callee))

    def total_share(self, function):
        return 0.0


@pytest.fixture
def context(plant):
    return DependencyExtractor.for_codebase(plant(FILES)).extract("hot", Shares())


def test_the_text_is_the_definition_by_bytes(context):
    extent = context.definition.extent
    raw = MAIN.encode()[extent.start : extent.end]
    assert context.text.encode() == raw
    assert raw.startswith(b"int hot(")
    assert raw.endswith(b"abs_of(-1);\n}")
    assert extent.sha256 == hashlib.sha256(raw).hexdigest()
    assert (extent.path, extent.line, extent.end_line) == ("src/main.c", 10, 14)


def test_what_it_uses_is_there_and_nothing_else(context):
    assert context.includes == ("#include <stdint.h>", '#include "types.h"')
    assert context.types == (
        "typedef struct { union { int whole; char parts[SIZE]; } value; unsigned flags; } cell;",
        "typedef enum { RED, GREEN } kind;",
        "struct grid { cell *cells; struct grid *next; };",
    )
    assert context.macros == ("#define FACTOR 7", "#define SIZE 16", "#define SCALE(x) ((x) * FACTOR)")
    assert context.variables == ("static const int table[4] = {1, 2, 3, SIZE};",)
    assert context.callees == ("static int helper(cell *c);", "int abs_of(int x);")
    assert context.compile_flags == ("-std=gnu17", "-I inc")
    assert not context.partial


def test_callers_come_with_their_text_heaviest_first(context):
    assert [(one.definition.name, one.share) for one in context.callers] == [("heavy", 0.7), ("light", 0.1)]
    assert context.callers[0].text.startswith("int heavy(")


def test_the_syntax_belongs_to_the_same_bytes(context):
    assert context.syntax is not None
    assert (context.syntax.kind, context.syntax.start) == ("function", context.definition.extent.start)


def test_without_a_profile_callers_have_no_share(plant):
    context = DependencyExtractor.for_codebase(plant(FILES)).extract("hot")
    assert [(one.definition.name, one.share) for one in context.callers] == [("light", None), ("heavy", None)]


def test_a_missing_header_makes_it_partial_and_says_so(plant):
    context = DependencyExtractor.for_codebase(
        plant({"a.c": '#include "config.h"\nstruct s { int a; };\nint f(struct s *p) { return p->a; }\n'})
    ).extract("f")
    assert context.partial
    assert "a.c:1: 'config.h' file not found" in context.notes
    assert context.types == ("struct s { int a; };",)


def test_carriage_returns_and_bytes_that_are_no_text_survive(plant):
    raw = b'/* caf\xe9 */\r\nint f(void)\r\n{\r\n  const char *s = "\xe9";\r\n  return s[0];\r\n}\r\n'
    root = plant({"a.c": raw})
    context = DependencyExtractor.for_codebase(root).extract("f")
    extent = context.definition.extent
    assert context.text.encode("utf-8", "surrogateescape") == raw[extent.start : extent.end]
    assert raw[extent.start : extent.end].endswith(b"\r\n}")


def test_methods_bring_their_class_and_templates_their_callers(plant):
    source = """\
#include <vector>
template <class T> T clamp_to(T a, T b) { return a < b ? a : b; }
class Sum {
  public:
    void add(int x) { total_ = clamp_to(total_ + x, limit); values_.push_back(x); values_.push_back(x); values_.push_back(x); }
    int total() const;
  private:
    static const int limit = 100;
    int total_ = 0;
    std::vector<int> values_;
};
int Sum::total() const { auto twice = [](int x) { return 2 * x; }; return twice(total_); }
"""
    extractor = DependencyExtractor.for_codebase(plant({"a.cpp": source}))
    total = extractor.extract("Sum::total")
    assert len(total.types) == 1
    assert "void add(int x) { /* ... */ }" in total.types[0]
    assert total.callees == ()
    assert [one.definition.name for one in extractor.extract("clamp_to").callers] == ["Sum::add"]


def test_huge_tables_are_cut_and_system_declarations_left_out(plant):
    numbers = ", ".join(str(n) for n in range(5000))
    source = f"#include <stdio.h>\nint t[] = {{{numbers}}};\nint f(FILE *o) {{ return fputc(t[0], o); }}\n"
    context = DependencyExtractor.for_codebase(plant({"a.c": source})).extract("f")
    assert len(context.variables[0]) < 3000
    assert "more bytes" in context.variables[0]
    assert (context.types, context.callees) == ((), ())


def test_a_long_chain_of_operators_takes_no_stack(plant):
    source = "int g(int);\nint f(int a) { return " + " + ".join(["a"] * 900) + " + g(a); }\n"
    context = DependencyExtractor.for_codebase(plant({"a.c": source})).extract("f")
    assert context.callees == ("int g(int);",)


def test_names_that_fit_nothing_or_several_are_errors_with_a_remedy(plant):
    extractor = DependencyExtractor.for_codebase(
        plant({"a.c": "static int f(void) { return 1; }", "b.c": "static int f(void) { return 2; }"})
    )
    with pytest.raises(UsageError, match=r"a\.c:1, b\.c:1") as ambiguous:
        extractor.extract("f")
    assert "FILE:FUNCTION" in ambiguous.value.fix
    with pytest.raises(UsageError, match="not in the code base"):
        extractor.extract("g")
    assert extractor.extract("b.c:f").text.endswith("{ return 2; }")


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="is not a folder"):
        DependencyExtractor.for_codebase(tmp_path / "none")


def test_after_a_change_the_old_definition_is_refused_and_refresh_sees_the_new_one(plant):
    root = plant({"a.c": "int f(void) { return 1; }"})
    index = open_index(root)
    old = index.resolve("f")
    assert isinstance(old, Definition)
    (root / "a.c").write_text("\n\nint f(void) { return 1 + 1; }")
    index.refresh()
    with pytest.raises(PesquaredError, match="no longer"):
        index.extract(old)
    new = index.resolve("f")
    assert isinstance(new, Definition)
    assert new.extent.line == 3
    assert index.extract(new).text == "int f(void) { return 1 + 1; }"


def test_one_unit_that_cannot_be_parsed_does_not_hide_the_others(plant):
    root = plant({"a.c": "int f(void) { return 1; }", "b.c": "int g(void) { return f(); }"})
    (root / "b.c").chmod(0)
    (root / "compile_commands.json").write_text(
        '[{"file": "a.c", "directory": ".", "command": "gcc -std=gnu99999 -march=nosuch -c a.c"},'
        ' {"file": "b.c", "directory": ".", "command": "gcc -c b.c"}]'
    )
    assert DependencyExtractor.for_codebase(root).extract("f").text == "int f(void) { return 1; }"


def test_intrinsics_parse_with_the_builtin_headers(plant):
    source = "#include <immintrin.h>\n#include <stddef.h>\nfloat f(__m128 a, size_t n) { return _mm_cvtss_f32(a) + n; }\n"
    assert not DependencyExtractor.for_codebase(plant({"a.c": source})).extract("f").partial


def test_a_header_without_any_unit_is_parsed_with_guessed_flags(plant):
    root = plant({"lib.hpp": "#include <vector>\ntemplate <class T> T first(std::vector<T> v) { return v[0]; }\n"})
    assert DependencyExtractor.for_codebase(root).extract("first").definition.language == "c++"


def test_a_caller_whose_name_is_not_its_own_gets_no_share_of_the_profile(plant):
    callee = "int heavy(void) { return 1; }\n"
    root = plant(
        {
            "a.c": callee + "int main(void) { return heavy(); }\n",
            "b.c": "int heavy(void);\nint main(void) { return heavy(); }\n",
        }
    )
    context = DependencyExtractor(open_index(root)).extract("heavy", Shares({("main", "heavy"): 0.9}))
    assert [one.share for one in context.callers] == [None, None]
