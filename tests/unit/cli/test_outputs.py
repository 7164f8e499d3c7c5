"""Standard output that is closed, full or missing: what happens to the command, and what it says."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pesquared.cli.outputs import Lasting, OutputError, Outputs
from tests.support.git_repos import make_repository
from tests.support.projects import PROJECT_ROOT


@pytest.fixture
def root(tmp_path):
    return make_repository(tmp_path / "code", {"a.c": "int a;\n"})


def same_twice(root, redirections: str, *arguments: str) -> tuple[int, str, str]:
    """Compares a revision with itself, which takes nothing but a start, under what the shell makes of its streams."""
    script = f'"$@" {redirections}'
    words = (
        sys.executable,
        PROJECT_ROOT / "main.py",
        "measure",
        root,
        "HEAD",
        "HEAD",
        "--bench",
        "true",
        *arguments,
    )
    state = root.parent / "state"
    environment = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "PESQUARED_STATE_DIR": str(state)}
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}", "bash", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert list((state / "runs").iterdir()) == []
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", [(), ("--json", "-")])
def test_a_reader_that_has_gone_changes_nothing(root, arguments):
    code, stdout, _ = same_twice(root, "| true", *arguments)
    assert (code, stdout) == (3, "")


def test_progress_that_nobody_reads_changes_nothing(root):
    code, stdout, _ = same_twice(root, "2> >(exec true)")
    assert code == 3
    assert stdout.startswith("unchanged")


@pytest.mark.parametrize("redirections", [">&-", ">&- 2>&-", "<&- 2>&-"])
def test_streams_that_are_closed_from_the_start(root, redirections):
    assert same_twice(root, redirections)[0] == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_result_that_finds_no_room_is_told(root):
    code, _, stderr = same_twice(root, "> /dev/full")
    assert code == 1
    assert "standard output: No space left on device" in stderr
    assert "--json FILE" in stderr
    assert same_twice(root, "2> /dev/full")[0] == 3


def test_json_goes_on_to_its_file_when_the_reader_has_gone(root, tmp_path):
    code, *_ = same_twice(root, "| true", "--json", str(tmp_path / "result.json"))
    assert code == 3
    assert '"verdict": "unchanged"' in (tmp_path / "result.json").read_text()


def pipe_without_reader() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_after_a_failure_everything_goes_nowhere():
    descriptor = pipe_without_reader()
    raw = Lasting(descriptor)
    assert raw.write(b"abc") == 3
    assert raw.failed is not None
    assert raw.failed.errno == errno.EPIPE
    os.close(descriptor)
    assert raw.write(b"more") == 4


def test_a_slow_reader_of_a_pipe_that_does_not_block_is_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    read = subprocess.Popen(["sh", "-c", "sleep 0.2; wc -c"], stdin=reading, stdout=subprocess.PIPE, text=True)
    os.close(reading)
    raw, left = Lasting(writing), memoryview(bytes(300_000))
    while left:
        left = left[raw.write(left) :]
    os.close(writing)
    assert raw.failed is None
    assert int(read.communicate()[0]) == 300_000


@pytest.mark.parametrize(("number", "told"), [(errno.EPIPE, False), (errno.EIO, False), (errno.ENOSPC, True)])
def test_only_what_was_wanted_and_is_lost_is_an_error(number, told):
    outputs = Outputs(Lasting(1), Lasting(2))
    outputs.stderr.failed = OSError(errno.ENOSPC, "full")
    outputs.must_have_taken_all()
    outputs.stdout.failed = OSError(number, "why")
    if not told:
        outputs.must_have_taken_all()
        return
    with pytest.raises(OutputError, match="why"):
        outputs.must_have_taken_all()
