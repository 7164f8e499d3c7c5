"""Processor time is seen however it is spent: directly, in children nobody waits for, in other sessions."""

import dataclasses
from pathlib import Path

import pytest

from pesquared.core.running import Command
from pesquared.sandbox.accounting import open_task_clock

SPENT = "0.2"  # seconds; compared only with what the program itself says


@pytest.mark.parametrize("mode", ["burn", "two", "unwaited", "detached"])
def test_accounts_for_at_least_what_the_programs_say_they_used(sandbox, run, hostile, mode):
    if sandbox.accounting != "task-clock":
        pytest.skip("no task-clock event here")
    result = run(hostile, mode, SPENT)
    said = [float(line) for line in result.stdout.split()]
    assert len(said) == (2 if mode == "two" else 1)
    assert result.usage.source == "task-clock"
    assert result.usage.cpu_s >= 0.8 * sum(said)


def test_counts_what_a_daemon_used_that_was_left_behind(sandbox, bubblewrap, run, hostile):
    if sandbox is not bubblewrap or sandbox.accounting != "task-clock":
        pytest.skip("the other tier would leave the daemon running")
    result = run(hostile, "busy-daemon")
    assert result.usage.cpu_s >= 0.8 * float(result.stdout)


def test_does_not_count_the_time_of_waiting(sandbox, run):
    if sandbox.accounting != "task-clock":
        pytest.skip("no task-clock event here")
    usage = run("sleep", "0.5").usage
    assert usage.wall_s >= 0.5
    assert usage.cpu_s < usage.wall_s


def test_no_event_for_a_process_that_does_not_exist():
    assert open_task_clock(2**22 + 1) is None


def test_without_the_event_there_is_no_cpu_time(unconfined, tree):
    result = dataclasses.replace(unconfined, accounting="wall").run(Command(("true",), tree, tree))
    assert (result.usage.cpu_s, result.usage.source) == (None, "wall")
    assert result.usage.wall_s > 0


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_an_event_can_be_opened_again_and_again_without_leaking(run):
    before = _open_descriptors()
    for _ in range(5):
        run("true")
    assert _open_descriptors() == before
