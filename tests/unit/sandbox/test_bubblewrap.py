"""What a program in bubblewrap cannot do."""

import dataclasses
import fcntl
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits
from pesquared.errors import PesquaredError
from pesquared.sandbox.process_tree import descendants
from pesquared.sandbox.toolchains import Toolchain, Toolchains
from pesquared.sandbox.widening import Widening


@pytest.fixture
def inside(bubblewrap, tree):
    def _inside(script, *arguments, writable=False, limits=Limits(timeout_s=60)):  # noqa: B008
        return bubblewrap.run(Command(("sh", "-c", script, "sh", *arguments), tree, tree, writable, limits=limits))

    return _inside


def test_neither_network_nor_abstract_sockets_reach_the_host(inside):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        inside('bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"', str(port))
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert inside("tail -n +3 /proc/net/dev | cut -d: -f1").stdout.split() == [b"lo"]


def test_other_processes_are_not_there(inside):
    numbers = {int(number) for number in inside("echo /proc/[0-9]* | tr -cd '0-9 '").stdout.split()}
    assert len(numbers) <= 6


def test_private_places_are_new_for_every_run_and_limited(inside):
    assert inside("echo x > /tmp/left; echo x > /dev/shm/left").ok
    assert inside("test ! -e /tmp/left && test ! -e /dev/shm/left").ok
    assert not inside("dd if=/dev/zero of=/dev/shm/big bs=1M count=100").ok


@pytest.mark.parametrize("place", ["/", "/dev", "/usr", "/etc", "/proc"])
def test_nothing_else_can_be_written(inside, place):
    assert not inside('echo x > "$1/written"', place).ok


def test_if_we_are_killed_the_program_dies_too(bubblewrap, tree, hostile):
    lock = tree / "lock"
    script = (
        "import os, sys; from pathlib import Path; from pesquared.core.running import Command\n"
        "from pesquared.sandbox.bubblewrap import Bubblewrap\n"
        "tree = Path(sys.argv[1]); sandbox = Bubblewrap.installed(os.environ)\n"
        "sandbox.run(Command(('sh', '-c', '\"$1\" daemon \"$2\"; echo > started; exec sleep 1000', 'sh', sys.argv[2],"
        " sys.argv[3]), tree, tree, writable=True))\n"
    )
    os.mkfifo(tree / "started", 0o666)
    (tree / "started").chmod(0o666)
    supervisor = subprocess.Popen([sys.executable, "-c", script, tree, hostile, lock])
    (tree / "started").read_bytes()  # comes back when the daemon holds the lock
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # comes back when the daemon is dead
    assert supervisor.returncode == -signal.SIGKILL


def test_a_program_that_ends_with_a_high_code_is_taken_for_killed_only_where_a_signal_has_that_number(inside):
    assert inside("exit 255").exit_code == 255
    assert inside("exit 137").exit_code == -9


def test_toolchains_are_seen_read_only(bubblewrap, tree, tmp_path):
    programs = tmp_path / "tools" / "bin"
    programs.mkdir(parents=True)
    (programs / "my-tool").write_text("#!/bin/sh\necho mine $MY_VARIABLE\n")
    (programs / "my-tool").chmod(0o755)
    tools = Toolchains((Toolchain(str(programs), (str(programs.parent),), (("MY_VARIABLE", "set"),)),))
    sandbox = dataclasses.replace(bubblewrap, toolchains=tools)
    assert sandbox.run(Command(("my-tool",), tree, tree)).stdout == b"mine set\n"
    assert not sandbox.run(Command(("touch", str(programs / "new")), tree, tree)).ok


def test_values_of_variables_do_not_stand_in_a_command_line(bubblewrap, tree):
    told = dataclasses.replace(bubblewrap, widening=Widening(env=(("LICENCE", "two\nlines, canary"),)))
    os.mkfifo(tree / "started", 0o666)
    (tree / "started").chmod(0o666)
    (tree / "go").touch()
    script = 'echo x > started; while [ -e go ]; do sleep 0.05; done; printf %s "$LICENCE$MORE"'
    command = Command(("sh", "-c", script), tree, tree, writable=True, env={"MORE": ""})
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(told.run, command)
        (tree / "started").read_bytes()
        mine = descendants(os.getpid())
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in mine if Path(f"/proc/{pid}").exists()]
        (tree / "go").unlink()
        assert running.result().stdout == b"two\nlines, canary"
    assert any(b"--clearenv" in line for line in lines)
    assert not any(b"canary" in line for line in lines)


def test_a_variable_cannot_smuggle_in_an_option(bubblewrap, tree):
    hostile = Command(("true",), tree, tree, env={"A": "x\0--bind\0/\0/"})
    with pytest.raises(PesquaredError, match="NUL"):
        bubblewrap.run(hostile)
