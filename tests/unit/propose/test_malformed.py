"""Hundreds of malformed and odd replies, made of good ones: each ends as edits or in a word that is documented."""

import itertools
import re
import time
from pathlib import Path

import pytest

from pesquared.core.edits import apply_edits
from pesquared.propose.refusal import Refused
from pesquared.propose.reply import parse_reply
from pesquared.propose.rewrite import rewrite
from tests.support.answers import define, files, request_for

F = "int f(const int *a, int n)\n{\n    int s = 0;\n    for (int i = 0; i < n; i++)\n        s += a[i];\n    return s;\n}"
NEW = F.replace("s += a[i];", "s += *a++;")
SOURCE = (
    "#include <stdio.h>\n\nstruct p { int x; };\n\n" + F + "\n\nint main(void) { return f(0, 0); }\n"
).encode()
REQUEST = request_for(define(SOURCE, F.encode(), "f"), SOURCE, types=("struct p { int x; }",))
READ = files(**{"src/a.c": SOURCE})
DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "verdict-words.md"
CODES = set(re.findall(r"^\| `([\w-]+)` \| `invalid-reply`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))

CODE = {
    "new": NEW,
    "same": F,
    "renamed": NEW.replace("int f(", "int f_fast("),
    "other parameters": NEW.replace("int n)", "size_t n)"),
    "prototype": "int f(const int *a, int n);",
    "half": NEW[: len(NEW) // 2],
    "a brace short": NEW[:-1],
    "a brace too many": NEW + "\n}",
    "elided": NEW.replace("    int s = 0;", "    // ... existing code ..."),
    "statements": "for (int i = 0; i < n; i++)\n    s += a[i];",
    "two alternatives": NEW + "\n\n/* or */\n" + NEW.replace("*a++", "a[i] + 0"),
    "with main": NEW + "\nint main(void) { return 1; }",
    "with a helper": "static int add(int x, int y) { return x + y; }\n" + NEW,
    "with includes": "#include <string.h>\n#include <stdio.h>\n" + NEW,
    "with a type": "struct p { long x; };\n" + NEW,
    "with a macro": "#define STEP 4\n" + NEW,
    "in a namespace": "namespace n {\n" + NEW + "\n}",
    "Python": "def f(a, n):\n    return sum(a[:n])",
    "Rust": "fn f(a: &[i32]) -> i32 { a.iter().sum() }",
    "assembly": "f:\n  xor eax, eax\n  ret",
    "diff": "--- a/src/a.c\n+++ b/src/a.c\n@@ -1 +1 @@\n-x\n+y",
    "search": "<<<<<<< SEARCH\n        s += a[i];\n=======\n        s += *a++;\n>>>>>>> REPLACE",
    "search, broken": "<<<<<<< SEARCH\n        s += b[i];\n=======\n>>>>>>> REPLACE",
    "conflict": "<<<<<<< HEAD\nint x;\n=======\nint y;\n>>>>>>> other",
    "nothing": "",
    "JSON": '{"code": "int f(const int *a, int n) { return 0; }"}',
    "NUL": NEW.replace("int s", "int\0s"),
    "surrogate": NEW.replace("int s = 0", "int s = '\udce9' * 0"),
    "unclosed comment": "/* faster\n" + NEW,
    "unclosed string": NEW.replace("int s = 0;", 'char *q = "x;'),
    "only directives": "#if 1\n#else",
}  # fmt: skip
SHAPES = {
    "fenced": "Because.\n\n```c\n{}\n```\n",
    "no tag": "```\n{}\n```",
    "tildes": "~~~c\n{}\n~~~",
    "no fence": "{}",
    "prose around, no fence": "Here it is:\n\n{}\n\nThat is faster.",
    "never closed": "```c\n{}",
    "closed by a longer fence": "```c\n{}\n`````",
    "closed by a shorter fence": "````c\n{}\n```",
    "nested": "````markdown\nWhy.\n```c\n{}\n```\n````",
    "nested alike": "```markdown\n```c\n{}\n```\n```",
    "twice": "```c\n{0}\n```\nAgain:\n```c\n{0}\n```",
    "explained behind": "```c\n{}\n```\n\n1. It is `fast`.\n2. See:\n\n```sh\nmake\n```\n\n```\nreal 0.1s\n```",
    "indented": "   ```c\n   {}\n   ```",
    "in a list": "1. Do this:\n   ```c\n{}\n   ```",
    "CRLF": "Why.\r\n```c\r\n{}\r\n```\r\n",
    "C++": "```cpp\n{}\n```",
    "wrong language": "```python\n{}\n```",
    "names the file": "```c src/a.c\n{}\n```",
    "names another": "```c src/other.c\n{}\n```",
    "names one outside": "```c ../../etc/passwd.c\n{}\n```",
    "quoted": "> ```c\n> {}\n> ```",
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_reply_ends_in_a_defined_way(shape):
    for name, code in CODE.items():
        reply = SHAPES[shape].format(code)
        if shape == "CRLF":
            reply = reply.replace("\r\n", "\n").replace("\n", "\r\n")
        begun = time.process_time()
        word = outcome(reply)
        assert word == "edits" or word in CODES, (shape, name, word)
        assert time.process_time() - begun < 1.0, (shape, name)


def test_there_are_enough_of_them():
    assert len(list(itertools.product(CODE, SHAPES))) >= 500
    assert len(CODES) > 15


def test_every_place_where_a_reply_is_cut_off_ends_in_a_defined_way():
    reply = SHAPES["explained behind"].format(CODE["with a helper"])
    words = {outcome(reply[:at]) for at in range(len(reply))}
    assert words <= CODES | {"edits"}
    assert {"edits", "no-code", "unparsable"} <= words


@pytest.mark.parametrize(
    ("code", "shape", "word"),
    [
        ("new", "fenced", "edits"), ("new", "tildes", "edits"), ("new", "no fence", "edits"), ("new", "CRLF", "edits"),
        ("new", "nested", "edits"), ("new", "never closed", "edits"), ("new", "twice", "edits"),
        ("new", "explained behind", "edits"), ("new", "prose around, no fence", "no-code"),
        ("new", "wrong language", "no-code"), ("new", "names another", "bad-path"), ("new", "names one outside", "bad-path"),
        ("renamed", "fenced", "target-missing"), ("two alternatives", "fenced", "ambiguous-reply"),
        ("other parameters", "fenced", "signature-changed"), ("half", "fenced", "unparsable"), ("diff", "fenced", "no-code"),
        ("elided", "fenced", "elided"), ("with main", "fenced", "sealed"), ("search", "fenced", "edits"),
        ("search", "no tag", "edits"), ("search, broken", "fenced", "search-not-found"), ("with a type", "fenced", "edits"),
        ("nothing", "fenced", "no-code"), ("Python", "fenced", "target-missing"), ("NUL", "fenced", "unparsable"),
    ],
)  # fmt: skip
def test_what_is_meant_by_it(code, shape, word):
    reply = SHAPES[shape].format(CODE[code])
    assert outcome(reply.replace("\n", "\r\n") if shape == "CRLF" else reply) == word


def outcome(reply: str) -> str:
    """ "edits", which can be applied, or the word of the refusal."""
    try:
        edits = rewrite(parse_reply(reply).blocks, REQUEST, READ)
    except Refused as refused:
        return refused.reason_code if refused.reason else "no reason"
    assert b"int main" in apply_edits(SOURCE, edits)
    return "edits"
