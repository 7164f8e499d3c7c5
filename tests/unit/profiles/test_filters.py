"""Which samples count."""

import pytest

from pesquared.core.profile import Diagnostic, Origin, Sample
from pesquared.profiles.filters import Filters
from pesquared.profiles.paths import relocated


def passed(filters: Filters, *samples: Sample) -> list[Sample]:
    return list(filters.of_file("x", samples, []))


def sample(*frames: str, **origin: str) -> Sample:
    return Sample(frames, 1.0, Origin(**origin))


def test_without_a_filter_everything_counts():
    samples = [sample("main", "f"), sample("g")]
    assert passed(Filters(), *samples) == samples


def test_of_several_events_the_first_counts_and_the_others_are_named():
    notes: list[Diagnostic] = []
    samples = [sample("a", event="cycles"), sample("b", event="faults"), sample("c", event="cycles")]
    assert [one.frames for one in Filters().of_file("x", samples, notes)] == [("a",), ("c",)]
    assert "cycles is used, faults left out" in notes[0].message
    assert [one.frames for one in passed(Filters(event="faults"), *samples)] == [("b",)]


@pytest.mark.parametrize("time", ["cpu-clock", "task-clock:u", "cycles:ppp", "cpu_core/cycles/P", "cpu-cycles"])
def test_time_on_the_processor_counts_before_what_came_first(time):
    notes: list[Diagnostic] = []
    faults, work = sample("a", event="page-faults"), sample("b", event=time)
    done = sample("c", event="instructions")
    assert list(Filters().of_file("x", [faults, faults, done, work, faults], notes)) == [work]
    assert f"{time} is used, page-faults, instructions left out" in notes[0].message
    assert passed(Filters(), faults, done) == [done]
    assert passed(Filters(), faults, sample("m", event="cache-misses")) == [faults]


def test_an_event_that_is_not_there_is_said():
    notes: list[Diagnostic] = []
    assert list(Filters(event="cycles").of_file("x", [sample("a", event="faults")], notes)) == []
    assert "holds faults, but no cycles" in notes[0].message


def test_waits_count_where_nothing_else_is_there():
    waits, work = sample("wait", event="off-cpu"), sample("work", event="cpu")
    notes: list[Diagnostic] = []
    assert list(Filters().of_file("x", [waits, work, waits], notes)) == [work]
    assert "cpu is used, off-cpu left out" in notes[0].message
    assert passed(Filters(), waits, waits) == [waits, waits]
    assert passed(Filters(event="off-cpu"), sample("unnamed"), work, waits) == [waits]
    assert passed(Filters(), sample("unnamed"), waits) == [sample("unnamed")]


@pytest.mark.parametrize(
    ("root", "comms", "threads", "counts"),
    [
        ("prog", ("prog",), (), True),
        ("prog-12", ("prog",), (), True),
        ("prog-12/13", ("prog",), ("13",), True),
        ("prog-12/13", ("prog",), ("12",), False),
        ("prog-?/13", ("prog",), (), True),
        ("x-12", ("x-12",), (), True),
        ("other", ("prog",), (), False),
        ("other", ("prog", "other"), (), True),
        ("prog", (), ("1",), False),
    ],
)
def test_folding_scripts_make_the_process_the_root(root, comms, threads, counts):
    assert bool(passed(Filters(comms=comms, threads=threads), sample(root, "main"))) == counts


def test_a_reader_that_knows_the_process_is_believed():
    samples = [sample("main", comm="prog", tid="7"), sample("prog", comm="other", tid="8")]
    assert passed(Filters(comms=("prog",)), *samples) == samples[:1]
    assert passed(Filters(threads=("8",)), *samples) == samples[1:]


def test_stacks_begin_at_the_first_frame_that_is_asked_for():
    kept = passed(
        Filters(since_frame="work"),
        Sample(("start", "work(int)", "f", "work(int)"), 2.0, lines=("", "a.c:1", "a.c:2", "")),
        sample("start", "other"),
    )
    assert [(one.frames, one.lines) for one in kept] == [(("work(int)", "f", "work(int)"), ("a.c:1", "a.c:2", ""))]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/build/src/a.c:12", "here/a.c:12"),
        ("/build/srcs/a.c:12", "/build/srcs/a.c:12"),
        ("/build/src", "/build/src"),
        ("", ""),
    ],
)
def test_a_folder_of_the_build_is_elsewhere(path, there):
    assert relocated(path, (("/build/src/", "here/"),)) == there


def test_frames_and_lines_are_relocated():
    (kept,) = passed(
        Filters(path_map=(("/b", "/h"),)),
        Sample(("f (/b/m.py:3)", "g (b)", "h"), 1.0, lines=("/b/m.py:3", "", "")),
    )
    assert kept.frames == ("f (/h/m.py:3)", "g (b)", "h")
    assert kept.lines == ("/h/m.py:3", "", "")
