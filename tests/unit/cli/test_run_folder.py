"""A run's folder: what stays, what goes, and who cleans up after a run that was killed."""

import fcntl
import os

import pytest

from pesquared.cli.run_folder import OBJECTS, REPLIES, SLOTS, repository_of, run_folder
from pesquared.errors import PesquaredError, UsageError


def test_what_a_run_wrote_stays(tmp_path):
    with run_folder(tmp_path, "one", tmp_path / ".git") as folder:
        (folder / "journal.db").write_text("x")
    assert (tmp_path / "runs" / "one" / "journal.db").exists()


def test_an_empty_folder_goes(tmp_path):
    with run_folder(tmp_path, "one", tmp_path / ".git"):
        pass
    assert not (tmp_path / "runs" / "one").exists()


@pytest.mark.parametrize("asked", [False, True])
def test_a_run_that_could_not_begin_leaves_nothing_unless_somebody_was_asked(tmp_path, asked):
    def fails() -> None:
        with run_folder(tmp_path, "one", tmp_path / ".git") as folder:
            (folder / "journal.db").write_text("x")
            if asked:
                (folder / REPLIES).mkdir()
            raise UsageError("no", "fix")

    with pytest.raises(UsageError):
        fails()
    assert (tmp_path / "runs" / "one").exists() is asked


def test_slots_of_a_killed_run_are_removed_and_those_of_a_living_one_are_not(tmp_path):
    dead, alive = (tmp_path / "runs" / name for name in ("dead", "alive"))
    for run in (dead, alive):
        (run / SLOTS / "tree").mkdir(parents=True)
        (run / "journal.db").write_text("x")
    descriptor = os.open(alive, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with run_folder(tmp_path, "next", tmp_path / ".git"):
            assert not (dead / SLOTS).exists()
            assert (dead / "journal.db").exists()
            assert (alive / SLOTS / "tree").is_dir()
    finally:
        os.close(descriptor)


def test_whose_it_is_is_known_before_anything_is_in_it(tmp_path):
    with run_folder(tmp_path, "one", tmp_path / ".git") as folder:
        assert repository_of(folder) == tmp_path / ".git"
        assert [path.name for path in folder.iterdir()] == ["repository"]


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("old", [False, True])
def test_a_run_that_was_killed_early_leaves_no_empty_folder_for_long(tmp_path, named, old):
    dead = tmp_path / "runs" / "dead"
    dead.mkdir(parents=True)
    if named:
        (dead / "repository").write_text("/r/.git")
        (dead / OBJECTS).mkdir()
    if old:
        os.utime(dead, (1, 1))
    with run_folder(tmp_path, "next", tmp_path / ".git"):
        assert not (dead / OBJECTS).exists()
        assert dead.exists() is (named or not old), "removing the objects made it young again"
    if dead.exists():
        os.utime(dead, (1, 1))
    with run_folder(tmp_path, "next", tmp_path / ".git"):
        assert not dead.exists()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(PesquaredError, match="cannot be made"), run_folder(tmp_path, "one", tmp_path):
        pass
