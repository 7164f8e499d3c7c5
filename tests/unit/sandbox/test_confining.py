"""What a program cannot do in any tier that confines."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits, Purpose
from pesquared.errors import PesquaredError


@pytest.fixture
def inside(confining, tree):
    def _inside(script, *arguments, limits=Limits(timeout_s=60), **more):  # noqa: B008
        return confining.run(Command(("sh", "-c", script, "sh", *arguments), tree, tree, limits=limits, **more))

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
    assert set(result.stdout.split()) <= {b"tree"}


def test_links_out_of_the_tree_lead_nowhere(inside, tree):
    (tree.parent / "secret").write_text("canary")
    (tree / "link").symlink_to(tree.parent / "secret")
    assert not inside("cat link").ok
    inside("echo changed > link", writable=True)
    assert (tree.parent / "secret").read_text() == "canary"


def test_a_daemon_left_behind_is_dead_when_run_returns(confining, tree, hostile, is_held):
    result = confining.run(Command((hostile, "daemon", str(tree / "lock")), tree, tree, writable=True))
    assert (result.exit_code, result.stdout) == (0, b"gone\n")
    assert not is_held(tree / "lock")


def test_the_number_of_processes_is_limited(inside):
    limits = Limits(timeout_s=30, processes=20)
    script = "i=0; while [ $i -lt 60 ]; do sleep 100 & i=$((i+1)); done; echo all"
    assert b"all" not in inside(script, limits=limits).stdout


def test_a_sandbox_that_cannot_be_set_up_is_an_error_not_a_failed_command(confining, tree):
    with pytest.raises(PesquaredError, match="could not be set up"):
        confining.run(Command(("true",), tree / "missing", tree / "missing"))


def test_programs_that_are_chosen_by_alternatives_are_found(inside):
    place = shutil.which("awk", path="/usr/bin")
    if place is None or "/etc/alternatives" not in str(Path(place).readlink()):
        pytest.skip("awk is no alternative on this host")
    assert inside("awk 'BEGIN { print 6 * 7 }'").stdout == b"42\n"


def test_nothing_of_the_environment_of_other_processes_is_seen(inside):
    assert inside("cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c PYTEST_CURRENT_TEST").stdout == b"0\n"


def test_the_host_is_not_reached(inside):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        inside('bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"', str(listener.getsockname()[1]), purpose=Purpose.BENCH)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_no_process_of_the_host_is_signalled(inside):
    assert not inside('kill -0 "$1"', str(os.getpid())).ok


def test_home_and_temporary_files_are_new_for_every_run(inside):
    assert inside('echo x > "$TMPDIR/left" && echo x > "$HOME/.left"').ok
    assert inside('test ! -e "$TMPDIR/left" && test ! -e "$HOME/.left"').ok


def test_what_is_left_in_the_temporary_folder_is_gone_whatever_it_is(inside):
    script = (
        'cd "$TMPDIR"; pwd; mkdir closed; echo x > closed/x; chmod 0 closed; i=0;'
        f" while [ $i -lt 30 ]; do mkdir {'d' * 200} && cd {'d' * 200} || exit 1; i=$((i+1)); done"
    )
    place = inside(script).stdout.decode().splitlines()[0]
    assert place == "/tmp" or not Path(place).exists()


def test_a_bomb_of_orphans_is_dead_when_run_returns(confining, tree, hostile, is_held):
    """Each has its own session and no parent of its own any more."""
    script = 'i=0; while [ $i -lt 20 ]; do "$1" daemon "$2/lock$i"; i=$((i+1)); done'
    result = confining.run(Command(("sh", "-c", script, "sh", hostile, str(tree)), tree, tree, writable=True))
    assert result.ok
    assert len(list(tree.glob("lock*"))) == 20
    assert not any(map(is_held, tree.glob("lock*")))
    assert not Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
