"""What perf prints, in the forms it has, and any bytes at all."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.profile import Diagnostic, Origin
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.formats import recognise
from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.lines import MAX_LINE
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.perf_script import PerfScriptReader, records
from tests.support.reading import weighed

GRAPH = b"""\
prog 4711 11188.842726:     333444 cpu-clock:
\t            1226 mix+0x6 (inlined)
\t            1226 outer+0x46 (/home/me/prog)
\t            125c main+0x2c (/home/me/prog)
\t           27249 __libc_start_call_main+0x79 (/usr/lib/libc.so.6)

"""
STACK = ("__libc_start_call_main", "main", "outer", "mix_[i]")


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("perf") / "x.txt"

    def read(content):
        path.write_bytes(content)
        diagnostics: list[Diagnostic] = []
        return list(PerfScriptReader().read(path, diagnostics)), diagnostics

    return read


def parsed(text):
    return list(records(enumerate(text.splitlines(), 1), Problems("x", [])))


def test_a_call_graph_root_first_weighted_by_its_period(read):
    samples, diagnostics = read(GRAPH * 2)
    assert weighed(samples) == [(STACK, 333444.0)] * 2
    assert diagnostics == []


@pytest.mark.parametrize(
    "header",
    [
        b"prog 4711/4712 11188.842726:     333444 cpu-clock:",
        b"prog 4711/4712 [001] 11188.842726:     333444 cpu-clock:u:",
        b"prog  4711 [013]     8.842726:     333444 cycles:ppp: ",
        b"Web Content 4711/4712 [001] 11188.842726:     333444 cpu_core/cycles/:",
        b"a 1 b 2 4711 11188.842726:     333444 cpu-clock:",
        b":-1 -1 11188.842726:     333444 cpu-clock:",
    ],
)
def test_headers_are_known_by_their_numbers(read, header):
    samples, diagnostics = read(GRAPH.replace(GRAPH.splitlines()[0], header))
    assert weighed(samples) == [(STACK, 333444.0)]
    assert diagnostics == []


def test_without_a_period_each_sample_counts_once(read):
    assert weighed(read(GRAPH.replace(b"    333444 ", b" "))[0]) == [(STACK, 1.0)]


def test_without_call_graphs_the_one_frame_stands_in_the_header(read):
    line = (
        b"               a 13112 11382.809162:     250000 cpu-clock:      55fe4c11f1de leaf+0xe (/home/a b/prog)\n"
    )
    assert weighed(read(line * 2)[0]) == [(("leaf",), 250000.0)] * 2


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (b"1226 operator()(int) const+0x1 (/p)", "operator()(int) const"),
        (b"1226 std::function<void (int)>::operator()(int) const+0x1 (inlined)", "std::function<void (int)>::operator()(int) const_[i]"),
        (b"1226 std::function<void (int)>::swap", "std::function<void (int)>::swap"),
        (b"1226 (anonymous namespace)::f(int)+0x1 (/home/me/prog (deleted))", "(anonymous namespace)::f(int)"),
        (b"1226 _ZNK2V2clEd.isra.0+0x1 (/p)", "_ZNK2V2clEd.isra.0"),
        (b"1226 [unknown] (/usr/lib/libfoo.so.1)", "[libfoo.so.1]"),
        (b"1226 [unknown] ([unknown])", "[unknown]"),
        (b"1226 [unknown] ([anon])", "[unknown]"),
        (b"ffffffff81a00ade asm_sysvec+0x1e ([kernel.kallsyms])", "asm_sysvec_[k]"),
        (b"7ffd1000 __vdso_gettimeofday+0x1 ([vdso])", "__vdso_gettimeofday"),
        (b"1226 \x1b[31mred+0x1 (/p)", "\ufffd[31mred"),
    ],
)  # fmt: skip
def test_frames(read, frame, name):
    samples, diagnostics = read(GRAPH.splitlines()[0] + b"\n\t   " + frame + b"\n")
    assert [sample.frames for sample in samples] == [(name,)]
    assert diagnostics == []


def test_lines_belong_to_the_frame_before_them():
    text = GRAPH.splitlines()[0] + (
        b"\n\t  1226 mix\n  a.c:5 (inlined)\n\t  1226 outer (/p)\n  a.c:8\n\t  1227 _start (/p)\n  :0\n"
    )
    (record,) = parsed(text)
    assert [(f.symbol, f.line, f.inlined, f.object) for f in record.frames] == [
        ("mix", "a.c:5", True, ""),
        ("outer", "a.c:8", False, "/p"),
        ("_start", "", False, "/p"),
    ]


def test_the_origin_says_event_process_and_thread(read):
    other = GRAPH.replace(b"cpu-clock", b"page-faults").replace(b"prog 4711", b"web c 11/12")
    origins = [sample.origin for sample in read(GRAPH + other + GRAPH)[0]]
    assert origins[0] == Origin("prog", "", "4711", "cpu-clock")
    assert origins[1] == Origin("web c", "11", "12", "page-faults")
    assert origins[2] is origins[0]


def test_only_the_first_event_counts_and_the_others_are_named(tmp_path):
    file = tmp_path / "perf.txt"
    file.write_bytes(GRAPH + GRAPH.replace(b"cpu-clock", b"page-faults") + GRAPH)
    profile = StackAnalyzer.read(file)
    assert profile.total == 2 * 333444
    assert "page-faults left out" in str(profile.diagnostics[0])


@pytest.mark.parametrize(
    ("columns", "weight"),
    [
        (b"                9", 10 * 333444.0),
        (b"     7f00 9", 10 * 333444.0),
        (b" 0", 333444.0),
        (b" ff", 333444.0),  # an address
        (b"", 333444.0),
    ],
)
def test_the_repeats_that_bperf_folds_into_a_sample(read, columns, weight):
    samples, diagnostics = read(GRAPH.replace(b"cpu-clock:", b"task-clock:" + columns))
    assert weighed(samples) == [(STACK, weight)]
    assert diagnostics == []


def test_the_weight_of_another_event_is_a_latency(read):
    assert weighed(read(GRAPH.replace(b"cpu-clock:", b"mem-loads: 230"))[0]) == [(STACK, 333444.0)]


def test_lines_of_the_source_go_with_the_frames(read):
    text = (
        GRAPH.splitlines()[0]
        + b"\n\t 12 mix\n  a.c:5 (inlined)\n\t 12 outer (/p)\n  a.c:8\n\t 13 _start (/p)\n  :0\n"
    )
    (sample,) = read(text)[0]
    assert (sample.frames, sample.lines) == (("_start", "outer", "mix_[i]"), ("", "a.c:8", "a.c:5"))


def test_comments_and_samples_without_a_stack_are_passed_over(read):
    samples, diagnostics = read(b"# captured on: today\n#\n" + GRAPH.splitlines()[0] + b"\n\n" + GRAPH)
    assert weighed(samples) == [(STACK, 333444.0)]
    assert diagnostics == []


def test_what_is_no_part_of_a_sample_is_named(read):
    samples, diagnostics = read(b"Warning: lost events\n" + GRAPH + b"\xff\xfe\n" + GRAPH)
    assert len(samples) == 2
    assert [diagnostic.line for diagnostic in diagnostics] == [1, 8]


def test_hostile_sizes_cost_no_more_than_their_length(read):
    header = GRAPH.splitlines()[0]
    deep = header + b"\n" + b"\t 1226 f (/p)\n" * (MAX_FRAMES + 500)
    assert len(read(deep)[0][0].frames) == MAX_FRAMES
    assert weighed(read(b"x" * (2 * MAX_LINE) + b"\n" + GRAPH)[0]) == [(STACK, 333444.0)]
    begun = time.process_time()
    for piece in (b" 1", b" " * 15 + b"1" * 10, b"a(", b" (/", b"<("):
        read(header + b"\n\t 1226 " + piece * 40_000 + b"\n" + (b"a" + piece) * 20_000 + b"\n")
    assert time.process_time() - begun < 5


def test_the_analyzer_reads_it_by_its_content(tmp_path):
    file = tmp_path / "perf.txt"
    file.write_bytes(b"# cmdline : perf record\n" + GRAPH)
    assert isinstance(recognise(file), PerfScriptReader)
    (hotspot,) = StackAnalyzer.read(file).hotspots()
    assert (hotspot.function, hotspot.self_share) == ("mix", 1.0)
    assert not PerfScriptReader().recognises(b"main;work 42\nmain;rest 3\n")


pieces = st.sampled_from(
    [*GRAPH.splitlines(keepends=True), b"\n", b"\t", b" 1226 f (", b"  a.c:5\n", b"  :0\n", b"# x\n", b"(inlined)", b"[", b"\xff"]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(pieces, st.binary(max_size=30)), max_size=30).map(b"".join))
def test_any_bytes_are_read_without_an_error(read, content):
    PerfScriptReader().recognises(content)
    samples, _ = read(content)
    assert all(sample.frames and 0 <= sample.weight <= 2.0**64 for sample in samples)
    if samples:
        StackAnalyzer(samples)


names = st.text(st.characters(categories=("L", "N"), include_characters="_:<>,*&~"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, st.integers(1, 2**47)), min_size=1, max_size=8), st.integers(0, 2**60))
def test_what_is_printed_is_read_back(frames, period):
    lines = [f"a b 1/2 3.5: {period} cycles:", *(f"\t{at:16x} {name}+0x1f (/lib/x.so)" for name, at in frames)]
    (record,) = parsed("\n".join(lines).encode())
    assert [frame.symbol for frame in record.frames] == [name for name, _ in frames]
    assert record.weight == float(period)
    assert {frame.object for frame in record.frames} == {"/lib/x.so"}
