"""Stacks of the benchmark's own profile: whatever could hide a function is a frame."""

from pesquared.core.profile import UNKNOWN
from pesquared.profiles.frames import Frame
from pesquared.verify.profiling.own_stacks import stack_of

START = Frame("9", "_start", "/tree/prog", inlined=False)
MAIN = Frame("8", "main", "/tree/prog", inlined=False, line="m.c:9")


def ours(symbol, line="a.c:5", address="1", inlined=False):
    return Frame(address, symbol, "" if inlined else "/tree/prog", inlined, line)


def test_a_whole_stack_with_lines_is_as_perf_printed_it():
    mix = ours("mix", inlined=True)
    assert stack_of([mix, ours("outer"), MAIN, START]) == ("_start", "main", "outer", "mix")


def test_code_of_ours_without_lines_may_hold_inlined_functions():
    assert stack_of([ours("leaf", line=""), MAIN, START]) == ("_start", "main", "leaf", UNKNOWN)
    assert stack_of([ours("memset@plt", line=""), MAIN, START])[2:] == ("memset",)


def test_libraries_of_the_system_hold_nothing_of_ours():
    library = Frame("2", "__memset_avx2_unaligned_erms", "/usr/lib/libc.so.6", inlined=False)
    stripped = Frame("3", UNKNOWN, "/usr/lib/libz.so.1", inlined=False)
    assert stack_of([library, stripped, MAIN, START]) == ("_start", "main", "[libz.so.1]", "memset")
    kernel = Frame("ffffffff81a00ade", "schedule", "[kernel.kallsyms]", inlined=False)
    assert stack_of([kernel, MAIN, START]) == ("_start", "main", "schedule_[k]")
    assert stack_of([stripped]) == ("[libz.so.1]",)


def test_a_stack_that_was_cut_is_open_at_its_root():
    assert stack_of([ours("leaf"), ours("outer", address="2")]) == (UNKNOWN, "outer", "leaf")
    assert stack_of([Frame("5", UNKNOWN, "[unknown]", inlined=False)])[0] == UNKNOWN
    thread = Frame("7", "clone3", "/usr/lib/libc.so.6", inlined=False)
    assert stack_of([ours("leaf"), thread]) == ("clone3", "leaf")


def test_the_innermost_inlined_function_goes_by_its_line_where_its_name_is_the_outermosts():
    wrong = ours("outer", "mix.h:3", inlined=True)
    assert stack_of([wrong, ours("outer"), MAIN, START]) == ("_start", "main", "outer", "[at mix.h:3]")


def test_functions_without_a_telling_name_go_by_their_line():
    assert stack_of([ours("operator()", "a.cpp:7"), MAIN, START])[2:] == ("[at a.cpp:7]",)
    assert stack_of([ours("f()::{lambda(int)#1}::operator()(int) const"), MAIN, START])[2:] == ("[at a.c:5]",)
    assert stack_of([ours("operator()", "odd]:name"), MAIN, START])[2:] == (UNKNOWN,)
