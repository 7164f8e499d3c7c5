"""Errors of a compiler, told in the lines that a model wrote."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.proposal import Edit
from pesquared.propose.own_lines import in_own_lines
from tests.support.answers import files

SOURCE = b"int a;\nint f(void) { return 1; }\nint b;\n"
OLD = b"int f(void) { return 1; }"
NEW = b"int f(void)\n{\n    return nothing;\n}"
AT = SOURCE.index(OLD)
EDIT = Edit("src/a.c", AT, AT + len(OLD), hashlib.sha256(OLD).hexdigest(), NEW)
READ = files(**{"src/a.c": SOURCE})
SAID = """\
make: Entering directory '/srv/tree'
cc -O2 -c -o src/a.o src/a.c
src/a.c: In function 'f':
src/a.c:4:12: error: 'nothing' undeclared (first use in this function)
    4 |     return nothing;
      |            ^~~~~~~
src/a.c:4:12: note: each undeclared identifier is reported only once
src/a.c:4:12: error: 'nothing' undeclared (first use in this function)
src/a.c:5:1: warning: control reaches end
inc/h.h:9: fatal error: gone.h: No such file or directory
/usr/bin/ld: a.o: undefined reference to `elsewhere'
make: *** [Makefile:5: src/a.o] Error 1
"""


def test_errors_are_told_once_with_the_line_that_is_meant():
    assert in_own_lines(SAID, [EDIT], READ).splitlines() == [
        "error: 'nothing' undeclared (first use in this function)",
        "    in the line: return nothing;",
        "error: gone.h: No such file or directory",
        "    in h.h, line 9",
        "/usr/bin/ld: a.o: undefined reference to `elsewhere'",
    ]


def test_what_names_no_error_stays_as_it_is():
    assert in_own_lines("took too long", [EDIT], READ) == "took too long"
    stale = Edit("src/a.c", 0, 3, "0" * 64, b"")
    assert "in a.c, line 4" in in_own_lines(SAID, [stale], READ)
    many = "\n".join(f"src/a.c:{number}:1: error: {number}" for number in range(1, 50))
    assert in_own_lines(many, [EDIT], READ).endswith("and 37 more")


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(list("a.c:1 \n")) | st.characters(), max_size=200))
def test_any_output_is_told(text):
    assert in_own_lines(text + "\na.c:99999999: error: x", [EDIT], READ)
