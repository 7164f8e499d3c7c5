"""Counters of perf stat and accesses of perf mem: facts about a program that are no stacks."""

import shutil
import subprocess

import pytest

from pesquared.profiles.counters.perf_mem import MemoryAccess, PerfMemReader
from pesquared.profiles.counters.perf_stat import Counter, PerfStatReader
from tests.support.profile_specimens import PERF_MEM, PERF_STAT
from tests.support.reading import reading


def test_counters_those_the_machine_lacks_and_those_it_estimates(tmp_path):
    counters, said = reading(tmp_path / "x", PerfStatReader())(PERF_STAT)
    assert said == []
    assert counters == [
        Counter("task-clock", 4.399631, "msec", 1.0),
        Counter("page-faults", 117.0, "", 0.5),
        Counter("cycles", None, "", 1.0),
    ]


@pytest.mark.parametrize("value", [b'"nan"', b'"inf"', b'"x"', b'"1e999"', b"3", b"[" * 9000])
def test_what_is_no_counter_is_said(tmp_path, value):
    line = b'{"counter-value" : %s, "event" : "cycles"}\n' % value
    counters, said = reading(tmp_path / "x", PerfStatReader())(line)
    assert counters == []
    assert "no counter" in said[0]


@pytest.mark.skipif(shutil.which("perf") is None, reason="perf is not installed")
def test_what_perf_stat_writes(tmp_path):
    command = ["perf", "stat", "-j", "-e", "task-clock", "-o", str(tmp_path / "x"), "true"]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("perf may not count here")
    (counter,) = PerfStatReader().read(tmp_path / "x", [])
    assert counter.event == "task-clock"
    assert counter.value is not None
    assert counter.value > 0


def test_memory_accesses_by_the_columns_that_are_there(tmp_path):
    accesses, said = reading(tmp_path / "x", PerfMemReader())(PERF_MEM)
    assert said == []
    assert accesses == [
        MemoryAccess("chase(node*)", "prog", "RAM hit", 0.6125, 12, 231.0),
        MemoryAccess("copy_page", "[kernel.kallsyms]", "L1 hit", 0.08, 18, 7.0),
    ]


def test_a_table_without_that_column_is_another_report(tmp_path):
    table = PERF_MEM.replace(b"Memory access", b"Command      ")
    assert not PerfMemReader().recognises(table)
    assert reading(tmp_path / "x", PerfMemReader())(table) == ([], [])


def test_rows_that_are_none_are_said(tmp_path):
    _, said = reading(tmp_path / "x", PerfMemReader())(PERF_MEM.replace(b"61.25%", b"61.25 "))
    assert "no row of the table" in said[0]
