"""Inner processes of bubblewrap that wait for ever are ended; those of living runs are not."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pesquared.sandbox.bubblewrap import ISOLATED
from pesquared.sandbox.process_tree import children
from pesquared.sandbox.strays import end_strays


def _inner_of(outer: subprocess.Popen[bytes]) -> int | None:
    deadline = time.monotonic() + 20
    while outer.poll() is None and time.monotonic() < deadline:
        for child in children(outer.pid):
            return child
    return None


def _lives(pid: int) -> bool:
    try:
        return b"State:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except FileNotFoundError:
        return False


def _gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _lives(pid)


@pytest.fixture
def halfway():
    """Bubblewrap in the middle of its beginning: the outer process waits for us, and the inner one for it."""
    program = shutil.which("bwrap")
    if program is None:
        pytest.skip("no bubblewrap")
    said, says = os.pipe()
    blocks, goes = os.pipe()
    options = (
        "--unshare-user",
        "--info-fd",
        str(says),
        "--userns-block-fd",
        str(blocks),
        "--ro-bind",
        "/",
        "/",
        "true",
    )
    outer = subprocess.Popen((program, *ISOLATED, *options), pass_fds=(says, blocks), stderr=subprocess.DEVNULL)
    os.close(says)
    os.read(said, 1000)  # it says this when the inner process has begun; nothing if it could not begin
    inner = _inner_of(outer)
    try:
        if inner is None:
            pytest.skip("no user namespaces here")
        yield outer, inner
    finally:
        outer.kill()
        outer.wait()
        for descriptor in (said, blocks, goes):
            os.close(descriptor)
        if inner is not None and _lives(inner):
            os.kill(inner, signal.SIGKILL)


def test_one_whose_outer_process_was_killed_is_ended(halfway):
    outer, inner = halfway
    outer.kill()
    outer.wait()
    assert not _gone_within(inner, 0.5)  # it would stay
    end_strays()
    assert _gone_within(inner, 20)


def test_one_whose_outer_process_lives_goes_on(halfway):
    outer, inner = halfway
    end_strays()
    assert not _gone_within(inner, 0.2)
    assert outer.poll() is None
