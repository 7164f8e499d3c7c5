"""What a program in bubblewrap cannot do."""

import dataclasses
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits
from pesquared.errors import PesquaredError
from pesquared.sandbox.toolchains import Toolchain, Toolchains


@pytest.fixture
def inside(bubblewrap, tree):
    def _inside(script, *arguments, writable=False, limits=Limits(timeout_s=60)):  # noqa: B008
        return bubblewrap.run(Command(("sh", "-c", script, "sh", *arguments), tree, tree, writable, limits=limits))

    return _inside


def test_a_tree_is_read_only_unless_asked_otherwise(inside, tree):
    (tree / "file").write_text("old")
    script = (
        "echo new 2>/dev/null > file; rm -f file 2>/dev/null; mkdir folder 2>/dev/null; chmod 777 . 2>/dev/null"
    )
    inside(script)
    assert (tree / "file").read_text() == "old"
    assert [entry.name for entry in tree.iterdir()] == ["file"]


def test_a_writable_tree_is_written_on_the_host(inside, tree):
    assert inside("echo new > file", writable=True).ok
    assert (tree / "file").read_text() == "new\n"


def test_nobody_is_root_inside_and_nobody_can_become_it(inside):
    result = inside("id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status")
    uid, *facts = result.stdout.decode().splitlines()
    values = dict(fact.split(":\t") for fact in facts)
    assert uid != "0"
    assert int(values["CapEff"], 16) == 0
    assert values["NoNewPrivs"] == "1"


@pytest.mark.parametrize("setting", ["kernel/core_pattern", "vm/overcommit_memory", "user/max_user_namespaces"])
def test_settings_of_the_kernel_cannot_be_opened_for_writing(inside, setting):
    assert not inside(f": > /proc/sys/{setting}").ok


def test_files_beside_the_tree_do_not_exist(inside, tree):
    (tree.parent / "secret").write_text("canary")
    result = inside(
        'cat "$1"/secret ../secret /etc/shadow; ls "$1"; ls -A /home /var /srv /mnt 2>/dev/null', str(tree.parent)
    )
    assert b"canary" not in result.stdout
    assert result.stdout.split() == [b"tree"]


def test_links_out_of_the_tree_lead_nowhere(inside, tree):
    (tree.parent / "secret").write_text("canary")
    (tree / "link").symlink_to(tree.parent / "secret")
    assert not inside("cat link").ok
    inside("echo changed > link", writable=True)
    assert (tree.parent / "secret").read_text() == "canary"


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


def test_a_daemon_left_behind_is_dead_when_run_returns(bubblewrap, tree, hostile, is_held):
    result = bubblewrap.run(Command((hostile, "daemon", str(tree / "lock")), tree, tree, writable=True))
    assert (result.exit_code, result.stdout) == (0, b"gone\n")
    assert not is_held(tree / "lock")


def test_the_number_of_processes_is_limited(inside):
    limits = Limits(timeout_s=30, processes=20)
    script = "i=0; while [ $i -lt 60 ]; do sleep 100 & i=$((i+1)); done; echo all"
    assert b"all" not in inside(script, limits=limits).stdout


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


def test_a_sandbox_that_cannot_be_set_up_is_an_error_not_a_failed_command(bubblewrap, tree):
    with pytest.raises(PesquaredError, match="could not be set up"):
        bubblewrap.run(Command(("true",), tree / "missing", tree / "missing"))


def test_toolchains_are_seen_read_only(bubblewrap, tree, tmp_path):
    programs = tmp_path / "tools" / "bin"
    programs.mkdir(parents=True)
    (programs / "my-tool").write_text("#!/bin/sh\necho mine $MY_VARIABLE\n")
    (programs / "my-tool").chmod(0o755)
    tools = Toolchains((Toolchain(str(programs), (str(programs.parent),), (("MY_VARIABLE", "set"),)),))
    sandbox = dataclasses.replace(bubblewrap, toolchains=tools)
    assert sandbox.run(Command(("my-tool",), tree, tree)).stdout == b"mine set\n"
    assert not sandbox.run(Command(("touch", str(programs / "new")), tree, tree)).ok


def test_programs_that_are_chosen_by_alternatives_are_found(inside):
    place = shutil.which("awk", path="/usr/bin")
    if place is None or "/etc/alternatives" not in str(Path(place).readlink()):
        pytest.skip("awk is no alternative on this host")
    assert inside("awk 'BEGIN { print 6 * 7 }'").stdout == b"42\n"
