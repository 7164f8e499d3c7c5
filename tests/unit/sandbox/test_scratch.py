"""Temporary folders: gone with their use, and those of killed runs with the next run."""

import fcntl
import os
import subprocess
import sys

import pytest

from pesquared.sandbox.scratch import scratch_folder, sweep

LONG_AGO = (1_000_000_000, 1_000_000_000)
KILLED = """
import os, signal, sys
from pesquared.sandbox.scratch import scratch_folder
with scratch_folder("private", sys.argv[1]) as folder:
    (folder / "left").mkdir()
    (folder / "left" / "file").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_goes_with_what_is_in_it(tmp_path):
    with scratch_folder("tree", str(tmp_path)) as folder:
        (folder / "closed").mkdir()
        (folder / "closed" / "file").write_text("x")
        (folder / "closed").chmod(0)
    assert not any(tmp_path.iterdir())


def test_what_a_killed_run_left_is_swept_when_it_is_old(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False)
    (left,) = tmp_path.iterdir()
    sweep([str(tmp_path)])
    assert left.exists()  # perhaps it was made this moment and is not locked yet
    os.utime(left, LONG_AGO)
    sweep([str(tmp_path)])
    assert not left.exists()


def test_one_in_use_stays_however_old(tmp_path):
    with scratch_folder("private", str(tmp_path)) as folder:
        os.utime(folder, LONG_AGO)
        sweep([str(tmp_path)])
        assert folder.exists()


@pytest.mark.parametrize(
    "name", ["pesquared-tree-short", "pesquared-notes-abcdefgh", "pesquared-tree-abcdefgh.txt"]
)
def test_other_names_stay(tmp_path, name):
    (tmp_path / name).mkdir()
    os.utime(tmp_path / name, LONG_AGO)
    sweep([str(tmp_path)])
    assert (tmp_path / name).exists()


def test_a_link_is_not_followed(tmp_path):
    precious, place = tmp_path / "precious", tmp_path / "place"
    precious.mkdir()
    place.mkdir()
    (precious / "file").write_text("x")
    os.utime(precious, LONG_AGO)
    (place / "pesquared-tree-abcdefgh").symlink_to(precious)
    sweep([str(place)])
    assert (precious / "file").exists()


def test_somebody_elses_stays(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    folder = tmp_path / "pesquared-tree-abcdefgh"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    os.utime(folder, LONG_AGO)
    sweep([str(tmp_path)])
    assert folder.exists()


def test_the_lock_is_free_again_for_others(tmp_path):
    with scratch_folder("tree", str(tmp_path)) as folder:
        descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)
