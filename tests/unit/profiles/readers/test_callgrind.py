"""callgrind: compressed names, calls, several events, and what the real tool writes."""

import shutil
import subprocess

import pytest

from pesquared.core.profile import REBUILT
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.readers.callgrind import CallgrindReader
from tests.support.profile_specimens import CALLGRIND, FOLDED
from tests.support.reading import reading, weighed


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("callgrind") / "callgrind.out.1", CallgrindReader())


def test_own_costs_and_rebuilt_chains_of_each_event(read):
    samples, said = read(CALLGRIND)
    assert said == ["records calls, not stacks: chains are rebuilt in proportion to what the calls cost"]
    first = [sample for sample in samples if sample.origin.event == "Ir"]
    assert sorted(weighed(first)) == [
        ((REBUILT, "main"), 100),
        ((REBUILT, "main", "rest"), 100),
        ((REBUILT, "main", "work"), 400),
        ((REBUILT, "main", "work", "rest"), 100),
    ]
    assert sum(sample.weight for sample in samples if sample.origin.event == "Dr") == 70


@pytest.mark.parametrize(
    ("line", "function"),
    [
        (b"fn=(9) a b::c(int, char)", "a b::c(int, char)"),
        (b"fn=plain", "plain"),
        (b"fn=(9) fib'2", "fib"),
        (b"fn=(9) ???", "[unknown]"),
        (b"fn=(9) 0x00000000000010c0", "[unknown]"),
        (b"fn=(77)", "[unknown]"),
    ],
)
def test_names(read, line, function):
    samples, _ = read(b"events: Ir\n" + line + b"\n1 5\n")
    assert weighed(samples) == [((REBUILT, function), 5)]


@pytest.mark.parametrize("line", [b"nonsense", b"1 -5", b"1 nan", b"1 2 3x", b"fn", b"1 " + b"9" * 30])
def test_what_is_no_part_of_it_is_said(read, line):
    samples, said = read(b"events: Ir\nfn=(1) f\n" + line + b"\n1 5\n")
    assert [sample.weight for sample in samples] == [5]
    assert "no part of a callgrind file" in said[0]


def test_functions_without_names_are_one_an_object_and_no_chain_crosses_them(read):
    """main calls into libc, ld.so starts itself: with one node for both, ld.so would be below main."""
    samples, said = read(
        b"events: Ir\n"
        b"ob=(1) /lib/ld.so\nfl=(1) ???\nfn=(1) 0x0000000000001000\n0 10\ncfn=(2) 0x0000000000002000\ncalls=1 0\n0 40\n"
        b"fn=(2)\n0 40\n"
        b"ob=(2) /bin/p\nfl=(2) p.c\nfn=(3) main\n1 5\n"
        b"cob=(3) /lib/libc.so.6\ncfi=(1)\ncfn=(4) ???\ncalls=1 0\n1 100\n"
        b"ob=(3)\nfl=(1)\nfn=(4)\n0 100\n"
    )
    assert len(said) == 1
    assert sorted(weighed(samples)) == [
        ((REBUILT, "[ld.so]"), 10),
        ((REBUILT, "[ld.so]", "[ld.so]"), 40),
        ((REBUILT, "main"), 5),
        ((REBUILT, "main", "[libc.so.6]"), 100),
    ]


def test_functions_of_one_name_in_different_files_are_two(read):
    """The callee stands in the file of the line that calls, inlined or not, unless another one is said."""
    samples, _ = read(
        b"events: Ir\nob=p\n"
        b"fl=(1) a.c\nfn=(1) a\n1 1\ncfn=(3) help\ncalls=1 9\n1 10\nfn=(3)\n9 10\n"
        b"fl=(2) b.c\nfn=(2) b\n1 2\nfi=(1)\ncfi=(2)\ncfn=(3)\ncalls=1 9\n1 20\n"
        b"fn=(3)\n9 5\ncfn=(4) deep\ncalls=1 11\n9 15\nfn=(4)\n11 15\n"
    )
    assert sorted(weighed(samples)) == [
        ((REBUILT, "a"), 1),
        ((REBUILT, "a", "help"), 10),
        ((REBUILT, "b"), 2),
        ((REBUILT, "b", "help"), 5),
        ((REBUILT, "b", "help", "deep"), 15),
    ]


def test_jumps_are_part_of_the_format(read):
    samples, said = read(
        b"events: Ir\nfl=(1) a.c\nfn=(1) f\n1 5\njfi=(2) b.h\njcnd=9/10 16\n14\njump=3 +2\n*\n1 2\n"
    )
    assert (weighed(samples), said) == ([((REBUILT, "f"), 7)], [])


def test_positions_of_instructions_and_lines(read):
    samples, _ = read(b"positions: instr line\nevents: Ir Dw\nfn=f\n0x10 3 7\n+4 * 1 2\n")
    assert [(sample.origin.event, sample.weight) for sample in samples] == [("Ir", 8), ("Dw", 2)]


def test_folded_stacks_are_no_callgrind_file():
    assert CallgrindReader().recognises(CALLGRIND)
    assert not CallgrindReader().recognises(FOLDED)


@pytest.mark.skipif(
    not (shutil.which("valgrind") and shutil.which("cc")), reason="valgrind or a compiler is missing"
)
def test_what_valgrind_writes(tmp_path):
    (tmp_path / "p.c").write_text(
        "__attribute__((noinline)) int leaf(int n) { volatile int s = 0; while (n--) s += n; return s; }\n"
        "__attribute__((noinline)) int work(int n) { return leaf(n) + leaf(n) + 1; }\n"
        "int main(void) { return work(20000) & 1; }\n"
    )
    subprocess.run(["cc", "-O1", "-g", "-o", "p", "p.c"], cwd=tmp_path, check=True)
    tool = ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=cg.out", "./p"]
    subprocess.run(tool, cwd=tmp_path, check=False, capture_output=True)
    hottest = next(StackAnalyzer.read(tmp_path / "cg.out").hotspots())
    assert hottest.function == "leaf"
    assert hottest.self_share > 0.5
    assert hottest.chains[0].frames[0] == REBUILT
    assert hottest.chains[0].frames[-3:] == ("main", "work", "leaf")
