"""What Ctrl-C, a stop from outside and a closed terminal do to a command."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from pesquared.cli.interruption import interruptible
from pesquared.core.stopping import StopRequest
from pesquared.vcs.discovery import user_git
from tests.support.projects import PROJECT_ROOT

HANGING = """
import sys, time, click
from pathlib import Path
from pesquared.cli.interruption import interruptible
from pesquared.core.stopping import StopRequest
stop = StopRequest()
with interruptible(stop):
    print("ready", flush=True)
    while not stop.requested:
        time.sleep(0.01)
    for number in range(100):
        click.echo(f"saving {number}", err=True)
        print("saving", flush=True)
    Path(sys.argv[1]).write_text("saved")
click.echo("the summary")
"""


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_the_first_asks_and_the_second_stops(first):
    stop = StopRequest()
    with interruptible(stop):
        os.kill(os.getpid(), first)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_hanging_up_asks_however_often():
    stop, before = StopRequest(), signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with interruptible(stop):
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGHUP)
            assert stop.requested
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_who_was_told_to_ignore_it_goes_on():
    stop, before = StopRequest(), signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(stop):
            os.kill(os.getpid(), signal.SIGHUP)
        assert not stop.requested
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_closed_terminal_does_not_keep_a_command_from_saving(tmp_path):
    ours, theirs = pty.openpty()
    login = ("setsid", "--ctty", sys.executable, "-c", HANGING, tmp_path / "saved")
    command = subprocess.Popen(login, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        assert b"ready" in os.read(ours, 100)
    finally:
        os.close(ours)
    assert command.wait(60) == 0
    assert (tmp_path / "saved").read_text() == "saved"


@pytest.mark.parametrize("after_s", [0.06, 0.15, 0.3, 0.6])
def test_ctrl_c_is_quiet_whatever_is_being_imported(tmp_path, after_s):
    ours, theirs = pty.openpty()
    command = ("setsid", "--ctty", sys.executable, PROJECT_ROOT / "main.py", "measure", tmp_path, "HEAD")
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=False)
    os.close(theirs)
    time.sleep(after_s)
    os.write(ours, b"\x03")
    code, said = process.wait(60), b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # all of it is read, and the other end is closed
        pass
    os.close(ours)
    assert b"Traceback" not in said
    # 2: it was done, since this is no repository; a signal: Python itself was not yet there, or not any more.
    assert code in (130, 2, -signal.SIGINT, 128 + signal.SIGINT)


def test_git_does_not_hear_ctrl_c(tmp_path):
    git = user_git(tmp_path, os.environ)
    session = int(git.line("-c", "alias.session=!ps -o sid= -p $$", "session"))
    assert session != os.getsid(0)
