"""Whoever waits is told for whom, where the kernel says who holds a lock."""

import fcntl
import getpass
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from pesquared.sandbox.lock_holders import holder

HOLD = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path, *arguments):
    """A process that holds the lock; its pid."""
    command = [sys.executable, "-c", HOLD, path, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.stdin.close()


@pytest.fixture
def path(tmp_path):
    (tmp_path / "lock").touch()
    with held(tmp_path / "lock"):
        if not holder((tmp_path / "lock").stat()):
            pytest.skip("the kernel does not say who holds a lock here")
    return tmp_path / "lock"


def test_the_process_its_user_and_its_command_are_named(path):
    with held(path, "a b") as pid:
        found = holder(path.stat())
    assert found.startswith(f"process {pid} of {getpass.getuser()} (-c ")


def test_a_long_command_is_cut(path):
    with held(path, "x" * 1000):
        assert len(holder(path.stat())) < 150


def test_nobody_is_named_where_nobody_else_holds_it(path, tmp_path):
    assert holder(path.stat()) == ""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert holder(path.stat()) == ""
    finally:
        os.close(descriptor)
    (tmp_path / "other").touch()
    with held(path):
        assert holder((tmp_path / "other").stat()) == ""
