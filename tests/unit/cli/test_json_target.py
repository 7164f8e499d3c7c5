"""Where ``--json`` may go, and what it must never put a file in the place of."""

import json
import os
import stat
import threading

import pytest

from pesquared.cli.json_target import JsonTarget
from pesquared.errors import PesquaredError, UsageError


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path):
    JsonTarget.open(tmp_path / "a.json").write({"a": 1})
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("there", [False, True])
def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path, there):
    (tmp_path / "link").symlink_to("real")
    if there:
        (tmp_path / "real").write_text("old")
    JsonTarget.open(tmp_path / "link").write({"a": 1})
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text()) == {"a": 1}


def test_a_device_stays_a_device(tmp_path):
    full = tmp_path / "full"  # of our own: were it to fail, the host's would be a file from then on
    try:
        os.mknod(full, stat.S_IFCHR | 0o666, os.makedev(1, 7))
        full.open("w").close()
    except PermissionError:
        pytest.skip("needs the right to make devices")
    with pytest.raises(PesquaredError, match="No space left"):
        JsonTarget.open(full).write({"a": 1})
    assert stat.S_ISCHR(full.lstat().st_mode)


def test_a_pipe_gets_all_of_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    target = JsonTarget.open(pipe)
    reader.start()
    document = {"long": "x" * 200_000}
    keeps = os.open(pipe, os.O_RDWR)  # so that it has a reader before the thread has opened it
    target.write(document)
    os.close(keeps)
    reader.join()
    assert json.loads(found[0]) == document
    assert pipe.is_fifo()


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PesquaredError, match="nobody reads from it"):
        JsonTarget.open(tmp_path / "pipe").write({"a": 1})


def test_a_reader_that_goes_is_no_error():
    reading, writing = os.pipe()
    target = JsonTarget.open(f"/dev/fd/{writing}")
    assert target.path is not None
    os.close(reading)
    target.write({"a": "x" * 200_000})
    os.close(writing)


def test_what_cannot_be_written_is_said_before_the_run(tmp_path):
    (tmp_path / "round").symlink_to("round")
    for place in (tmp_path, tmp_path / "none" / "a.json", tmp_path / "round"):
        with pytest.raises(UsageError, match="cannot be written"):
            JsonTarget.open(place)


def test_standard_output_by_its_other_name(capfd):
    target = JsonTarget.open("/dev/fd/1")
    assert target.takes_stdout
    assert target.path is None
    target.write({"a": 1})
    assert json.loads(capfd.readouterr().out) == {"a": 1}
