"""One measurement at a time on a host: real processes, real locks, and whatever else may lie in the folder."""

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pesquared.core.events import Event, Notice
from pesquared.core.quiet import QuietHost
from pesquared.core.stopping import StopRequest
from pesquared.errors import StoppedError
from pesquared.sandbox.host_lock import FileHostLock, open_host_lock
from pesquared.sandbox.lock_file import LockFile, lock_files

ROOT = Path(__file__).parents[3]
DOOR, ROOM = "pesquared-door.lock", "pesquared-room.lock"
# Enters as it is told, says so, starts a program that outlives it, and leaves when its input ends.
OTHER_RUN = """
import subprocess, sys
from pathlib import Path
from pesquared.core.stopping import StopRequest
from pesquared.sandbox.host_lock import open_host_lock

class Silent:
    def notify(self, event): pass

lock = open_host_lock(Silent(), StopRequest(), Path(sys.argv[1]))
with getattr(lock, sys.argv[2])():
    daemon = subprocess.Popen(["sleep", "100"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, close_fds=False)
    print(daemon.pid, flush=True)
    sys.stdin.read()
daemon.kill()
"""


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o1777)
        yield Path(name)


class Heard(list[Event]):
    def notify(self, event):
        self.append(event)


def opened(folder, stop=None, heard=None) -> FileHostLock:
    lock = open_host_lock(Heard() if heard is None else heard, stop or StopRequest(), folder)
    assert isinstance(lock, FileHostLock)
    return lock


def is_free(folder, name=ROOM, kind=fcntl.LOCK_EX) -> bool:
    file = LockFile(folder / name)
    try:
        return file.take(kind)
    finally:
        file.close()


def until(condition) -> None:
    while not condition():  # pytest's own timeout ends it
        time.sleep(0.01)


@contextmanager
def another_run(folder, what):
    """A process that is about to enter ``what``; it leaves when its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_RUN, str(folder), what],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("what", ["measuring", "working"])
def test_a_measurement_keeps_other_processes_out(folder, what):
    with ExitStack() as stack:
        with opened(folder).measuring():
            other = stack.enter_context(another_run(folder, what))
            until(lambda: not is_free(folder, DOOR))  # it has come to the door
            assert not is_free(folder, ROOM, fcntl.LOCK_SH)
        assert other.stdout.readline()  # and enters


def test_builds_stand_beside_each_other(folder):
    with opened(folder).working(), another_run(folder, "working") as other:
        assert other.stdout.readline()


def test_builds_that_come_later_wait_behind_a_measurement(folder):
    impatient = StopRequest()
    impatient.request()  # enters at once or not at all
    with opened(folder).working(), opened(folder, impatient).working():
        pass
    with ExitStack() as stack, opened(folder).working():
        stack.enter_context(another_run(folder, "measuring"))
        until(lambda: not is_free(folder, DOOR))
        with pytest.raises(StoppedError) as caught, opened(folder, impatient).working():
            pass
    assert caught.value.exit_code == 130


def test_a_lock_goes_with_its_process_and_not_with_what_that_started(folder):
    with another_run(folder, "measuring") as other:
        daemon = int(other.stdout.readline())
        other.kill()
        other.wait()
        try:
            with opened(folder).measuring():
                os.kill(daemon, 0)  # it is alive
        finally:
            os.kill(daemon, 9)


def test_a_wait_is_said_once_and_ends_when_a_stop_is_requested(folder):
    stop, heard = StopRequest(), Heard()

    class Stops(Heard):
        def notify(self, event):
            super().notify(event)
            heard.append(event)
            stop.request()

    with opened(folder).measuring():
        for _ in range(2):
            with pytest.raises(StoppedError), opened(folder, stop, Stops()).working():
                pass
    assert [event.text for event in heard] == ["waiting for another run on this host to finish a measurement"]


def test_it_may_be_entered_again_inside_itself(folder):
    lock = opened(folder)
    with lock.measuring(), lock.working(), lock.measuring():
        assert not is_free(folder)
    with lock.working(), lock.working():
        assert not is_free(folder)
    assert is_free(folder)
    with pytest.raises(AssertionError), lock.working(), lock.measuring():
        pass
    assert is_free(folder)


def test_a_failure_inside_gives_the_lock_back(folder):
    with pytest.raises(KeyError), opened(folder).measuring():
        raise KeyError
    assert is_free(folder)
    assert is_free(folder, DOOR)


def test_a_swept_folder_is_noticed(folder):
    first, second = opened(folder), opened(folder)
    for name in (DOOR, ROOM):
        (folder / name).unlink()
    with first.measuring():
        assert not is_free(folder)
    with second.measuring():
        assert not is_free(folder)
    assert sorted(path.name for path in folder.iterdir()) == [DOOR, ROOM]


def put_link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("put", [put_link, os.mkfifo, os.mkdir])
def test_what_is_no_file_is_left_alone_and_the_next_folder_taken(folder, tmp_path, put):
    put(folder / DOOR)
    tmp_path.chmod(0o1777)
    with open_host_lock(Heard(), StopRequest(), shared=[folder, tmp_path]).measuring():
        assert not is_free(tmp_path)
    assert [path.name for path in folder.iterdir()] == [DOOR]


def test_a_folder_that_only_some_may_write_is_passed_over(folder):
    folder.chmod(0o755)
    heard = Heard()
    assert isinstance(open_host_lock(heard, StopRequest(), shared=[folder, folder / "none"]), QuietHost)
    assert isinstance(heard[0], Notice)
    assert str(folder) in heard[0].text
    assert list(folder.iterdir()) == []


def test_the_files_can_be_read_by_all_whatever_the_umask(folder):
    before = os.umask(0o077)
    try:
        opened(folder)
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {DOOR: 0o644, ROOM: 0o644}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two users")
def test_files_of_another_user_are_locked_too(folder):
    with opened(folder).working():
        os.seteuid(65534)
        try:
            with opened(folder).working():
                assert not is_free(folder)
        finally:
            os.seteuid(0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_passed_over(folder):
    (folder / DOOR).touch(mode=0o000)
    assert lock_files((DOOR, ROOM), [folder]) == ()
