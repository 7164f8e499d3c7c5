"""Stacks of waiting are known by where they end, and kept apart."""

import pytest

from pesquared.profiles.formats import recognise
from pesquared.profiles.readers.off_cpu import OffCpuReader
from tests.support.profile_specimens import OFF_CPU
from tests.support.reading import reading, weighed


def test_they_have_an_event_of_their_own(tmp_path):
    samples, said = reading(tmp_path / "x", OffCpuReader())(OFF_CPU)
    assert said == []
    assert weighed(samples) == [
        (("prog", "main", "read"), 1200),
        (("prog", "main", "lock"), 30),
    ]
    assert {sample.origin.event for sample in samples} == {"off-cpu"}


@pytest.mark.parametrize(
    "content",
    [b"main;work 3\nmain;schedule 4\n", b"main;reschedule 3\n", b"schedule;main 3\n", b"#\n\n", b"schedule 1"],
)
def test_a_profile_of_the_processor_is_not_taken_for_one(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert recognise(tmp_path / "x").name == "folded"
