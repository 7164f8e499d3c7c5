"""The tier podman, where an ordinary user may run containers; and its filter, everywhere."""

import json
import socket
import time

import pytest

from pesquared.core.running import Command, Limits, Purpose
from pesquared.sandbox.podman_filter import profile_for
from pesquared.sandbox.seccomp import LOCAL_SOCKETS


@pytest.fixture
def inside(podman, tree):
    def _inside(script, *arguments, **more):
        return podman.run(Command(("sh", "-c", script, "sh", *arguments), tree, tree, **more))

    return _inside


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -SEGV $$", -11), ("no-such-program", 127)])
def test_exit_codes_are_the_programs(inside, script, code):
    assert inside(script).exit_code == code


def test_a_program_cannot_pretend_that_podman_failed(inside):
    assert inside("echo Error: x >&2; exit 125").exit_code == 124


def test_a_tree_is_read_only_unless_asked_otherwise(inside, tree):
    assert not inside("echo x > file").ok
    assert inside("echo x > file", writable=True).ok
    assert (tree / "file").read_text() == "x\n"


def test_the_host_is_not_reached(inside):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        inside('bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"', str(listener.getsockname()[1]))
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_nothing_of_a_stopped_command_lives_on(podman, tree, hostile, is_held):
    command = (hostile, "stay", str(tree / "lock"))
    result = podman.run(Command(command, tree, tree, writable=True, limits=Limits(timeout_s=3.0)))
    assert result.stopped == "timeout"
    deadline = time.monotonic() + 10
    while is_held(tree / "lock") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_held(tree / "lock")


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_filter_names_what_ours_names(purpose):
    profile = json.loads(profile_for(purpose, LOCAL_SOCKETS))
    refused = {name for rule in profile["syscalls"] if "args" not in rule for name in rule["names"]}
    assert {"io_uring_setup", "bpf", "unshare", "clone3"} <= refused
    assert ("perf_event_open" in refused) == (purpose is not Purpose.PROFILE)
    families = {rule["args"][0]["valueTwo"] for rule in profile["syscalls"] if rule["names"] == ["socket"]}
    assert families.isdisjoint(LOCAL_SOCKETS)
    assert {socket.AF_PACKET, 38, 40} <= families
