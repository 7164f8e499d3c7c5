import random
import subprocess

import pytest

from pesquared.core.source import Ambiguous, Definition, Missing
from pesquared.source.clang.index import open_index

LARGE = (
    "struct large {\n" + "".join(f"    int field_{n}; /* what field {n} is for */\n" for n in range(60)) + "};\n"
)
TRAPS = {
    "config.h": "#define LIMIT 16\n#define DECLARE(x) (x)\n",
    "x.h": "ITEM(one)\nITEM(two)\n",
    "twice.h": "#ifndef T1\n#define T1\ntypedef int first_t;\n#endif\n#if defined(WANT) && !defined(T2)\n#define T2\ntypedef int second_t;\n#endif\n",
    "main.c": """\
#define _GNU_SOURCE
#include <string.h>
#include "config.h"
#include "twice.h"
#define WANT
#include "twice.h"
#define NAME(n) value_##n
#define ITEM(n) int NAME(n);
#include "x.h"
#undef ITEM
#define ITEM(n) +NAME(n)
extern const char DECLARE(title)[LIMIT];
struct node { struct { int a; union { int b; float c; }; }; struct node *next; };
typedef struct node node_t;
enum color { RED, GREEN = LIMIT };
static int a, b;
int before(void);
static int (*const steps[])(void) = { before };
#define MAKE(n) static int made_##n(void) { return n; }
MAKE(7)
#define LATER 1
static int sum(void) { return 0
#include "x.h"
; }
int target(node_t *p, second_t q)
{
#ifdef LATER
    if (__builtin_expect(p->b, 0)) return GREEN;
#else
    no such thing
#endif
    return p->a + q + a + b + sum() + steps[0]() + made_7() + (int)strlen(title) + basename("x")[0];
}
int conditional(int x)
#if defined(LATER)
{ return x; }
#else
{ return 0; }
#endif
#define LATER 2
int after(void) { return LATER; }
static int old_style(x, y)
    int x; /* first */
    char *y;
{ return x + *y; }
int uses_old(char *s) { return old_style(1, s); }
#define OF(args) args
static int wrapped OF((int x, char *y));
int uses_wrapped(char *s) { return wrapped(2, s); }
static int wrapped(x, y) int x; char *y; { return x + *y; }
""",
    "classes.cpp": """\
#include <map>
#include <string>
#define BEGIN namespace lib { inline namespace v1 {
#define END } }
BEGIN
class Other;
template <class T, class U = int> class Box;
class Thing { public: explicit Thing(Other *o) : other_(o), n_(helper()) {} int get() const; struct Rep;
  private: static int helper() { return 1; } Other *other_; int n_; Rep *rep_; };
struct Thing::Rep { std::map<std::string, int> names; };
class Other { public: Thing *owner; int weight; };
template <class T, class U> class Box { public: T value; U other; int use(T t) { return twice(t) + value; }
  static int twice(T t) { return 2 * t; } };
constexpr int factor() { return 3; }
auto deduced(int x) { return x * factor(); }
int Thing::get() const { auto total = other_->weight + deduced(n_); for (auto &one : rep_->names) total += one.second; return total; }
END
extern "C" int entry(lib::Thing *t) { return t->get(); }
using lib::Box;
namespace { int hidden(Box<int> b) { return b.use(2); } }
namespace short_name = lib::v1;
using namespace lib;
int last(Thing *t) { struct Local { int operator()(int x) { return x + 1; } } local; auto f = [t](int x) { return x + t->get(); };
  return hidden({1, 2}) + local(1) + f(2) + short_name::factor(); }
""",
}


@pytest.fixture(scope="module")
def traps(tmp_path_factory):
    root = tmp_path_factory.mktemp("traps")
    for name, text in TRAPS.items():
        (root / name).write_text(text)
    return open_index(root)


@pytest.mark.parametrize(
    "name",
    [
        "target", "conditional", "after", "sum", "old_style", "uses_old", "uses_wrapped", "wrapped",
        "lib::v1::Thing::get", "lib::v1::Thing::Thing", "lib::v1::Box::use", "lib::v1::deduced", "entry",
        "(anonymous namespace)::hidden", "last",
    ],
)  # fmt: skip
def test_a_compile_view_stands_alone_and_compiles(traps, tmp_path, name):
    found = traps.find(name.replace("(anonymous namespace)::", ""))
    assert isinstance(found, Definition), found
    view = traps.compile_view(found)
    assert view.problems == ()
    assert view.minimal
    assert not any(f'"{header}"' in view.text for header in TRAPS)
    language = view.arguments[1]
    file = tmp_path / ("view.c" if language == "c" else "view.cpp")
    file.write_text(view.text)
    compiler = ["gcc"] if language == "c" else ["g++"]
    done = subprocess.run(
        [*compiler, "-fsyntax-only", "-w", f"-std=gnu{17 if language == 'c' else '++17'}", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_compile_view_holds_only_what_is_needed(traps):
    view = traps.compile_view(traps.find("after"))
    assert view.minimal
    assert "int after(void)" in view.text
    assert "target" not in view.text
    assert "struct node" not in view.text


def test_of_a_large_struct_only_used_members_are_shown(plant):
    index = open_index(
        plant(
            {
                "a.c": LARGE
                + "int f(struct large *p) { return p->field_7; }\nint g(struct large *p) { return p != 0; }\n"
            }
        )
    )
    (shown,) = index.extract(index.find("f")).types
    assert "int field_7;" in shown
    assert "field_8" not in shown
    assert "/* 7 more members */" in shown
    assert "/* 52 more members */" in shown
    (unused,) = index.extract(index.find("g")).types
    assert "/* 60 more members */" in unused


def test_a_typedef_around_a_large_struct_is_shortened_too(plant):
    body = LARGE.replace("struct large", "typedef struct large").replace("};\n", "} large;\n")
    index = open_index(plant({"a.c": body + "int f(large *p) { return p->field_3; }\n"}))
    (shown,) = index.extract(index.find("f")).types
    assert shown.startswith("typedef struct large {")
    assert shown.endswith("} large;")
    assert "field_3;" in shown
    assert "field_4" not in shown


def test_what_does_not_fit_is_named(plant):
    types = "".join(f"struct s{n} {{ int a_member_with_a_long_name_{n}, another_one_{n}; }};\n" for n in range(30))
    uses = " + ".join(f"x{n}->another_one_{n}" for n in range(30))
    parameters = ", ".join(f"struct s{n} *x{n}" for n in range(30))
    index = open_index(plant({"a.c": f"{types}int f({parameters}) {{ return {uses}; }}\n"}))
    whole = index.extract(index.find("f"))
    small = index.extract(index.find("f"), tokens=whole.tokens // 2)
    assert len(whole.types) == 30
    assert len(small.types) < 30
    assert small.tokens < whole.tokens
    assert any(note.startswith("left out to stay within") for note in small.notes)
    assert small.text == whole.text


def test_each_part_says_why_it_is_there(traps):
    context = traps.extract(traps.find("target"))
    why = {(one.kind, one.name): one for one in context.evidence}
    assert why["type", "node_t"].via == ""
    assert why["type", "node"].via == ""
    assert (why["callee", "sum"].path, why["callee", "sum"].line) == ("main.c", 22)
    assert why["global", "steps"].via == ""
    assert ("macro", "LIMIT") in why


def test_a_macro_of_the_same_name_that_comes_later_is_not_meant(plant):
    source = "#define likely(x) (x)\nint f(int ip) { return likely(ip > 1); }\n#define ip (*p)\nint g(int *p) { return ip; }\n"
    index = open_index(plant({"a.c": source}))
    assert index.extract(index.find("f")).macros == ("#define likely(x) (x)",)


STATIC = "static int same(int a)\n{ return a; }\nint %s(int a) { return same(a); }\n"


def test_debug_information_tells_namesakes_apart(plant):
    root = plant({"a.c": STATIC % "one", "sub/b.c": STATIC % "two"})
    index = open_index(root)
    assert isinstance(index.resolve("same"), Ambiguous)
    found = index.resolve_at("same", f"{index.root}/sub/b.c", 2)
    assert isinstance(found, Definition)
    assert found.extent.path == "sub/b.c"
    assert isinstance(index.resolve_at("same", "elsewhere.c", 1), Ambiguous)


@pytest.mark.parametrize(
    ("symbol", "line", "name"),
    [
        ("_ZN2v17genericIiEET_S1_", 1, "v1::generic"),
        ("outer(int)::{lambda(int)#1}::operator()(int) const", 3, "outer"),
        ("_ZZ5outeriENKUliE_clEi", 3, None),
        ("_ZN2v15PlainD2Ev", 5, None),
    ],
)
def test_instances_and_lambdas_are_found_by_their_place(plant, symbol, line, name):
    source = "namespace v1 { template <class T> T generic(T t) { return t; } struct Plain { ~Plain(); int a; }; }\nint outer(int n) {\n  auto f = [](int x) { return x; };\n  return f(n) + v1::generic(n); }\nv1::Plain::~Plain() = default;\n"
    index = open_index(plant({"a.cpp": source}))
    found = index.resolve_at(symbol, "a.cpp", line)
    if name is None:
        assert isinstance(found, Missing)
    else:
        assert isinstance(found, Definition), found
        assert found.name == name


def test_a_place_that_is_another_function_s_is_no_reason(plant):
    index = open_index(plant({"a.c": "int f(void) { return 1; }\nint g(void) { return 2; }\n"}))
    assert isinstance(index.resolve_at("h", "a.c", 2), Missing)


def test_a_function_is_found_by_file_and_line(traps):
    found = traps.find("main.c:28")
    assert isinstance(found, Definition)
    assert found.name == "target"
    assert isinstance(traps.find("main.c:1"), Missing)
    assert isinstance(traps.find("none.c:1"), Missing)


def test_splicing_a_definition_by_itself_changes_nothing(traps):
    from pesquared.core.edits import apply_edits
    from pesquared.source.splice import replace_definition

    entries = [entry for command in traps.database.commands.values() for entry in traps.entries(command)]
    random.Random(1).shuffle(entries)
    for entry in entries:
        extent = entry.definition.extent
        source = (traps.root / extent.path).read_bytes()
        text = source[extent.start : extent.end].decode()
        assert apply_edits(source, [replace_definition(source, entry.definition, text)]) == source


VISIBLE = "static int own(int a) { return a; }\nint seen(int a) { return own(a); }\nint other(void) { return seen(1); }\n"


@pytest.mark.parametrize(
    ("rewritten", "reason"),
    [
        (VISIBLE.replace("own(int a) { return a; }", "own(long a) { return a; }"), ""),
        (VISIBLE.replace("return own(a)", "return a"), ""),
        ("static int helper(int a) { return a; }\n" + VISIBLE, ""),
        (VISIBLE.replace("int seen(int a)", "int seen(long a)"), "seen has to stay"),
        (VISIBLE.replace("int seen(int a)", "static int seen(int a)"), "seen is no longer defined"),
        (VISIBLE.replace("int other(void) { return seen(1); }", ""), "other is no longer defined"),
        (VISIBLE.replace("return own(a)", "return nonsense("), ""),
    ],
)
def test_what_others_see_must_stay(plant, rewritten, reason):
    index = open_index(plant({"a.c": VISIBLE}))
    change = index.interface_change(index.find("seen"), {"a.c": rewritten.encode()})
    assert change.startswith(reason)
    assert bool(change) == bool(reason)
