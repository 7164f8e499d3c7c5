"""Which functions a set of edits rewrites, and when it does more than that."""

from hashlib import sha256

import pytest

from pesquared.core.proposal import Edit
from pesquared.core.source import Caller, Definition, Extent, FunctionContext, Linkage
from pesquared.propose.touched import touched


def definition(name, start, end, path="a.c"):
    return Definition(name, name, Extent(path, start, end, 1, 2, ""), Linkage.EXTERNAL, "c", name)


CONTEXT = FunctionContext(
    definition("target", 100, 200), "", callers=(Caller(definition("caller", 300, 400), "", 0.5),)
)
TARGET = Edit("a.c", 100, 200, "", b"int target(void) { return 1; }")


def new(text):
    return Edit("a.c", 50, 50, sha256(b"").hexdigest(), text)


def test_the_target_comes_first_and_callers_follow():
    assert touched([TARGET], CONTEXT) == ("target",)
    assert touched([Edit("a.c", 310, 320, "", b"x"), TARGET], CONTEXT) == ("target", "caller")


@pytest.mark.parametrize(
    "text", [b"#include <stdint.h>\n", b"static int helper(int x) { return x; }\n", b"static int table[256];\n"]
)
def test_what_nothing_else_uses_does_not_count(text):
    assert touched([new(text), TARGET], CONTEXT) == ("target",)


@pytest.mark.parametrize(
    "text",
    [
        b"#define strlen(s) 0\n",
        b"int x;\n  #  undef N\n",
        b'#pragma GCC optimize("O3")\n',
        b'_Pragma("once") int x;\n',
        b"template <> struct hash<Key> { };\n",
        b"template<> int f<int>(int);\n",
    ],
)
def test_what_reaches_further_leaves_the_functions_unknown(text):
    assert touched([new(text), TARGET], CONTEXT) is None
    assert touched([Edit("a.c", 100, 200, "", text)], CONTEXT) is None


@pytest.mark.parametrize("place", [("a.c", 90, 120), ("a.c", 0, 10), ("b.c", 100, 200)])
def test_replacing_anything_else_does_so_too(place):
    assert touched([Edit(*place, "", b"x"), TARGET], CONTEXT) is None
