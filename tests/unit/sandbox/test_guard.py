"""What a command has started dies with the process that runs commands, however that dies, in every tier."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits
from pesquared.sandbox import mark
from pesquared.sandbox.process_tree import processes
from pesquared.sandbox.strays import end_strays

RUNNER = """
import os, sys
from pathlib import Path
from pesquared.core.running import Command
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.landlock import Landlocked
from pesquared.sandbox.none import Unconfined

tier, tree, *argv = sys.argv[1:]
made = {
    "bubblewrap": Bubblewrap.installed, "landlock": Landlocked.installed, "none": Unconfined.with_tools_of
}[tier](os.environ)
made.run(Command(tuple(argv), Path(tree), Path(tree), writable=True))
"""


def _soon(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


@pytest.fixture
def runner(sandbox, tree, hostile, is_held):
    """A process of ours in the middle of a command, with a child of that in a session of its own."""
    lock = tree / "lock"
    process = subprocess.Popen((sys.executable, "-c", RUNNER, sandbox.tier, tree, hostile, "stay", lock))
    try:
        assert _soon(lambda: lock.exists() and is_held(lock))
        yield process
    finally:
        process.kill()
        process.wait()


def _guard_of(runner: subprocess.Popen[bytes]) -> int:
    for pid in processes():
        with contextlib.suppress(OSError):  # it is gone by now
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"pesquared-guard" in words and f"9{runner.pid:07}".encode() in words[-2]:
                return pid
    raise AssertionError("there is no guard")


@pytest.mark.skipif(not mark.ours().startswith("9"), reason="within a run, guards are called otherwise")
def test_who_kills_the_runner_kills_the_command(runner, tree, is_held):
    guard = _guard_of(runner)
    runner.kill()
    assert _soon(lambda: not is_held(tree / "lock"))
    assert _soon(lambda: not Path(f"/proc/{guard}").exists())


@pytest.mark.skipif(not mark.ours().startswith("9"), reason="within a run, guards are called otherwise")
def test_what_a_guard_could_not_end_the_next_run_does(runner, tree, is_held, sandbox):
    os.kill(_guard_of(runner), signal.SIGKILL)
    runner.kill()
    runner.wait()
    if sandbox.tier != "bubblewrap":  # whose kernel has done it
        assert is_held(tree / "lock")
    end_strays()
    assert _soon(lambda: not is_held(tree / "lock"))


def test_the_next_run_lets_those_of_living_runs_alone(runner, tree, is_held):
    end_strays()
    assert not _soon(lambda: not is_held(tree / "lock"), seconds=0.3)
    assert runner.poll() is None


def test_a_daemon_is_dead_when_run_returns(sandbox, tree, hostile, is_held):
    command = (hostile, "daemon", str(tree / "lock"))
    assert sandbox.run(Command(command, tree, tree, writable=True, limits=Limits(timeout_s=60))).ok
    assert _soon(lambda: not is_held(tree / "lock"), seconds=5)


def test_a_mark_is_found_on_whoever_descends_from_its_bearer():
    process = subprocess.Popen(("sh", "-c", "read -r go; sleep 100 & read -r end"), stdin=subprocess.PIPE)
    try:
        given = mark.put_on(process.pid)
        assert given is not None
        assert mark.bearers(given) == {process.pid}
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert _soon(lambda: len(mark.bearers(given)) == 2)
        assert not any(map(mark.is_abandoned, mark.bearers(given)))
        for pid in mark.bearers(given):
            os.kill(pid, signal.SIGKILL)
    finally:
        process.communicate()
    assert _soon(lambda: not mark.bearers(given))
    assert mark.bearers(None) == frozenset()
