"""Which files the STACKS argument means."""

import os

import pytest

from pesquared.errors import UsageError
from pesquared.profiles.stacks import stack_files


def test_a_file_is_itself_whatever_its_name(tmp_path):
    file = tmp_path / "out.perf"
    file.touch()
    assert stack_files(file) == (file,)


def test_of_a_folder_the_stacks_in_order_and_nothing_below(tmp_path):
    for name in ("b.txt", "a.stacks", "c.folded", "notes.md", ".hidden.txt", "C.TXT"):
        (tmp_path / name).touch()
    (tmp_path / "deeper.folded").mkdir()
    (tmp_path / "deeper.folded" / "d.folded").touch()
    assert [file.name for file in stack_files(tmp_path)] == ["a.stacks", "b.txt", "c.folded"]


@pytest.mark.parametrize("name", ["nowhere", "empty", "x" * 5000, "nul\0"])
def test_nothing_to_read_is_an_error_that_tells_how_to_record(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as caught:
        stack_files(tmp_path / name)
    assert name in caught.value.message
    assert "perf record" in caught.value.fix


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        stack_files(pipe)
