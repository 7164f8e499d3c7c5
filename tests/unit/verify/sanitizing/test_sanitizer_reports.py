"""Reports as compilers' runtimes print them, and whatever else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verify.sanitizing.sanitized_build import Recipe
from pesquared.verify.sanitizing.sanitizer_reports import find_reports

ADDRESS = b"""\
some output
=================================================================
==27617==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc 0x55 bp 0x7f sp 0x7f
WRITE of size 1 at 0x602000000014 thread T0
    #0 0x55cc7604b257 in main /work tree/src/a.c:4

SUMMARY: AddressSanitizer: heap-buffer-overflow /work tree/src/a.c:4 in main
"""
UNDEFINED = b"""\
src/a.c:3:51: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
    #0 0x5615754ac3b8 in main /work tree/src/a.c:3
src/a.c:3:51: runtime error: signed integer overflow: 2147483647 + 2 cannot be represented in type 'int'
/work tree/b.c:9:1: runtime error: load of misaligned address 0x7 for type 'int', which requires 4 byte alignment
"""


def test_reports_tell_what_and_where() -> None:
    (report,) = find_reports(ADDRESS, "/work tree")
    assert str(report) == "AddressSanitizer: heap-buffer-overflow, src/a.c:4"
    assert "WRITE of size 1" in report.excerpt
    assert "/work tree" not in report.excerpt
    overflow, misaligned, error = find_reports(UNDEFINED + ADDRESS, "/work tree")
    assert (overflow.check, overflow.place) == ("signed-integer-overflow", "src/a.c:3")
    assert (misaligned.check, misaligned.place) == ("alignment", "b.c:9")
    assert error.sanitizer == "address"


@pytest.mark.parametrize(
    ("message", "check"),
    [
        ("shift exponent 32 is too large for 32-bit type 'int'", "shift"),
        ("left shift of negative value -1", "shift"),
        ("division by zero", "integer-divide-by-zero"),
        ("division of -2147483648 by -1 cannot be represented in type 'int'", "signed-integer-overflow"),
        ("index 5 out of bounds for type 'int [5]'", "bounds"),
        ("member access within null pointer of type 'struct s'", "null"),
        ("store to null pointer of type 'int'", "null"),
        ("load of value 3, which is not a valid value for type '_Bool'", "bool"),
        ("load of value 3, which is not a valid value for type 'enum e'", "enum"),
        ("null pointer passed as argument 2, which is declared to never be null", "nonnull-attribute"),
        ("applying non-zero offset 4 to null pointer", "pointer-overflow"),
        ("pointer index expression with base 0x1 overflowed to 0x0", "pointer-overflow"),
        ("execution reached the end of a value-returning function without returning a value", "return"),
        ("something new", ""),
    ],
)
def test_a_message_names_the_check_to_be_spared(message, check) -> None:
    (report,) = find_reports(f"a.c:1:2: runtime error: {message}\n".encode(), "/tree")
    assert report.check == check


def test_a_recipe_spares_checks_one_by_one_then_sanitizers() -> None:
    shift, unknown, address = find_reports(
        b"a.c:1:2: runtime error: shift exponent 1\na.c:2:2: runtime error: new\nERROR: AddressSanitizer: x\n",
        "/t",
    )
    spared = Recipe().sparing(shift)
    assert spared is not None
    assert "-fno-sanitize=vptr,shift" in spared.flags
    only_address = spared.sparing(shift)  # that did not help
    assert only_address is not None
    assert only_address.flags[0] == "-fsanitize=address"
    assert only_address.sparing(address) is None
    only_undefined = Recipe().sparing(address)
    assert only_undefined is not None
    assert only_undefined.flags[0] == "-fsanitize=undefined"
    assert only_undefined.sparing(unknown) is None


SIGNS = st.sampled_from(
    [
        b"a.c:1:2: runtime error: ",
        b"ERROR: AddressSanitizer: ",
        b"SUMMARY: AddressSanitizer: x ",
        b"\n",
        b":",
        b"\x1b[",
    ]
)


@given(st.lists(st.one_of(SIGNS, st.binary(max_size=20)), max_size=30), st.text(max_size=5))
def test_any_bytes_can_be_looked_through(parts, tree) -> None:
    for report in find_reports(b"".join(parts), tree):
        assert "\n" not in str(report)
        assert "\x1b" not in report.excerpt + str(report)


def test_a_flood_of_reports_is_cut() -> None:
    flood = b"".join(b"a.c:%d:1: runtime error: division by zero\n" % line for line in range(100_000))
    assert len(find_reports(flood, "/tree")) <= 50
