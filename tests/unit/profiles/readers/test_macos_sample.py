"""macOS sample: a tree of inclusive counts becomes samples of their own."""

import pytest

from pesquared.profiles.readers.macos_sample import MacosSampleReader
from tests.support.profile_specimens import MACOS
from tests.support.reading import reading, weighed


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("sample") / "x.txt", MacosSampleReader())


def test_each_node_counts_for_what_its_children_leave_over(read):
    samples, said = read(MACOS)
    assert said == []
    assert sorted(weighed(samples)) == [
        (("start", "main"), 100),
        (("start", "main", "read"), 100),
        (("start", "main", "work(int)"), 200),
        (("start", "main", "work(int)", "[libz.dylib]"), 500),
        (("thread_start",), 40),
    ]


def test_waiting_is_an_event_of_its_own_and_the_thread_is_known(read):
    origins = {sample.frames[-1]: sample.origin for sample in read(MACOS)[0]}
    assert origins["read"].event == "off-cpu"
    assert origins["main"].event == "cpu"
    assert origins["main"].tid == "Thread_1234"
    assert origins["thread_start"].tid == "Thread_99"


def test_more_samples_below_than_above_are_cut_and_said(read):
    samples, said = read(
        b"Call graph:\n  10 Thread_1\n    10 main  (in p)\n      25 work  (in p)\n      9 x  (in p)\n"
    )
    assert weighed(samples) == [(("main", "work"), 10)]
    assert len(said) == 2
    assert "more samples than its caller" in said[0]


def test_what_is_no_part_of_the_tree_is_said(read):
    samples, said = read(b"Call graph:\n  10 Thread_1\nrubbish\n    10 main  (in p)\n")
    assert weighed(samples) == [(("main",), 10)]
    assert "no part of the call graph" in said[0]


def test_without_a_tree_there_is_nothing(read):
    assert read(b"Analysis of sampling prog\n  10 main  (in p)\n") == ([], [])
