"""What the user opens on purpose, and only that."""

import dataclasses
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.running import Command, Purpose
from pesquared.core.settings import SandboxSettings
from pesquared.errors import UsageError
from pesquared.sandbox.widening import Widening


@pytest.fixture
def widened(confining, tree):
    def _widened(script, *arguments, purpose=Purpose.TEST, environ=os.environ, **settings):
        widening = Widening.of(SandboxSettings(**settings), environ)
        sandbox = dataclasses.replace(confining, widening=widening)
        return sandbox.run(Command(("sh", "-c", script, "sh", *arguments), tree, tree, purpose=purpose))

    return _widened


@pytest.fixture
def beside(tree: Path) -> str:
    """A folder beside the tree that everybody may read and write."""
    folder = tree.parent / "beside"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "file").write_text("content")
    return str(folder)


def test_a_folder_to_read_is_read_and_not_written(widened, beside):
    result = widened('cat "$1/file"; echo x > "$1/file"', beside, read=(beside,))
    assert (result.stdout, result.ok) == (b"content", False)
    assert not widened('cat "$1/file"', beside).ok


def test_a_folder_to_write_is_written(widened, beside):
    assert widened('echo new > "$1/made"', beside, write=(beside,)).ok
    assert Path(beside, "made").read_text() == "new\n"


def test_a_single_file_can_be_opened_too(widened, beside):
    assert widened('cat "$1"', f"{beside}/file", read=(f"{beside}/file",)).stdout == b"content"


def test_variables_arrive_if_they_are_set(widened):
    result = widened("env", env=("CHOSEN", "UNSET"), environ={"CHOSEN": "value", "OTHER": "canary"})
    assert b"CHOSEN=value\n" in result.stdout
    assert b"canary" not in result.stdout
    assert b"UNSET" not in result.stdout


@pytest.mark.parametrize(
    ("purpose", "reached"), [(Purpose.TEST, True), (Purpose.BUILD, True), (Purpose.BENCH, False)]
)
def test_the_network_is_there_for_builds_and_tests_only(widened, purpose, reached):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = str(listener.getsockname()[1])
        widened('bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"', port, network=True, purpose=purpose)
        try:
            listener.accept()[0].close()
            came = True
        except BlockingIOError:
            came = False
    assert came == reached


def test_services_of_the_host_that_listen_on_local_sockets_are_not_part_of_the_network(widened):
    name = f"\0pesquared-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        script = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({name!r})"
        assert not widened('/usr/bin/python3 -c "$1"', script, network=True).ok


def test_everything_is_described_and_no_value_shown(tmp_path):
    settings = SandboxSettings(read=(str(tmp_path),), write=(str(tmp_path),), env=("TOKEN",), network=True)
    described = " ".join(Widening.of(settings, {"TOKEN": "canary"}).described())
    assert str(tmp_path) in described
    assert "TOKEN" in described
    assert "network" in described
    assert "canary" not in described
    assert list(Widening.of(SandboxSettings(), {}).described()) == []


def test_a_home_may_be_written_short(tmp_path):
    (tmp_path / "cache").mkdir()
    assert Widening.of(SandboxSettings(read=("~/cache",)), {"HOME": str(tmp_path)}).read == (f"{tmp_path}/cache",)


@pytest.mark.parametrize("path", ["relative", "", "/", "//", "/usr/..", "/no/such/folder", "~nobody"])
def test_what_cannot_be_meant_is_refused(path):
    with pytest.raises(UsageError):
        Widening.of(SandboxSettings(write=(path,)), {"HOME": "/root"})


@given(st.text(max_size=40), st.text(max_size=10))
def test_any_path_is_absolute_or_refused(path, home):
    try:
        widening = Widening.of(SandboxSettings(read=(path,)), {"HOME": home})
    except UsageError:
        return
    assert all(Path(found).is_absolute() and found != "/" for found in widening.read)
