"""A program runs to its end and nothing of it stays, whatever it does; in both tiers."""

import fcntl
import os
import resource
import signal
import threading

import pytest

from pesquared.core.running import Command, Limits

BRIEF = Limits(timeout_s=1.0)


def test_streams_and_exit_code(run):
    result = run("sh", "-c", "echo out; echo err >&2; exit 7")
    assert (result.exit_code, result.stdout, result.stderr, result.stopped) == (7, b"out\n", b"err\n", "")
    assert not result.ok


def test_success_is_ok(run):
    assert run("true").ok


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGTERM, signal.SIGKILL])
def test_death_by_signal_is_a_negative_exit_code(run, number):
    result = run("sh", "-c", f"kill -{number} $$")
    assert (result.exit_code, result.stopped) == (-number, "")


@pytest.mark.parametrize("program", ["no-such-program", "/no/such/program", "./nor-this"])
def test_a_missing_program_is_127_and_named(run, program):
    result = run(program, "x")
    assert result.exit_code == 127
    assert program.encode() in result.stderr


def test_an_argument_that_no_program_can_get_is_127(unconfined, tree):
    result = unconfined.run(Command(("echo", "a\0b"), tree, tree))
    assert result.exit_code == 127
    assert b"echo" in result.stderr


def test_a_folder_that_is_not_there_is_127(run, tree):
    result = run("true", cwd=tree / "missing")
    assert result.exit_code == 127
    assert b"missing" in result.stderr


def test_arguments_arrive_as_they_are(run):
    arguments = ("", " a  b ", "$HOME `id` \"'\\", "-n", "line\nline", "ümläut", "*")
    result = run("printf", "%s\\0", *arguments)
    assert result.stdout.decode().split("\0")[:-1] == list(arguments)


@pytest.mark.parametrize("name", ["with space", "quote'\"s", "new\nline", "-dash", "$HOME", "ünï"])
def test_runs_in_folders_with_any_name(run, tree, name):
    (tree / name).mkdir()
    (tree / name / "here").write_text("found")
    assert run("cat", "here", cwd=tree / name).stdout == b"found"


def test_standard_input_is_empty(run):
    assert run("cat").ok


def test_a_timeout_kills_children_in_other_sessions_too(run, hostile, tree, is_held):
    result = run(hostile, "stay", str(tree / "lock"), limits=BRIEF, writable=True)
    assert result.stopped == "timeout"
    assert not is_held(tree / "lock")


def test_a_stopped_program_times_out(run):
    result = run("sh", "-c", "kill -STOP $$", limits=BRIEF)
    assert (result.stopped, result.ok) == ("timeout", False)


def test_background_jobs_that_hold_the_output_are_not_waited_for(run):
    result = run("sh", "-c", "sleep 1000 & echo done")
    assert (result.exit_code, result.stdout, result.stopped) == (0, b"done\n", "")
    assert result.usage.wall_s < 1000


def test_an_interrupt_kills_the_program_before_it_is_passed_on(sandbox, hostile, tree, is_held):
    lock = tree / "lock"

    def interrupt_when_held() -> None:
        while not (lock.exists() and is_held(lock)):
            threading.Event().wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job has it ignored
    try:
        watcher = threading.Thread(target=interrupt_when_held)
        watcher.start()
        with pytest.raises(KeyboardInterrupt):
            sandbox.run(Command((hostile, "stay", str(lock)), tree, tree, writable=True))
        watcher.join()
    finally:
        signal.signal(signal.SIGINT, before)
    # Comes back once the lock's holder is dead, which the kernel may take a moment for.
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def test_files_cannot_grow_beyond_the_limit(run, tree):
    limits = Limits(timeout_s=60, file_size=1 << 16)
    result = run("dd", "if=/dev/zero", "of=big", "bs=4096", "count=100", limits=limits, writable=True)
    assert result.exit_code == -signal.SIGXFSZ
    assert (tree / "big").stat().st_size == 1 << 16


def test_no_core_is_dumped_and_our_own_limits_stay(run):
    ours = resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_FSIZE)
    assert run("sh", "-c", "ulimit -c").stdout == b"0\n"
    assert (resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_FSIZE)) == ours


def test_nothing_of_our_environment_arrives(run, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "canary-in-the-environment")
    result = run("env", env={"CHOSEN": "this one"})
    assert b"canary" not in result.stdout
    assert b"CHOSEN=this one\n" in result.stdout
    names = {line.split(b"=")[0] for line in result.stdout.splitlines()}
    assert {b"PATH", b"HOME", b"LANG", b"TMPDIR"} <= names


def test_no_descriptor_of_ours_arrives(run, tree):
    with (tree / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        listed = run("sh", "-c", "ls -l /proc/self/fd").stdout
    assert b"/open" not in listed
    assert (
        len([line for line in listed.splitlines() if b"->" in line]) == 4
    )  # three streams, and the folder itself


def test_peak_memory_is_seen_when_asked_for(run, hostile):
    assert run("true").usage.peak_bytes is None
    small, large = (run(hostile, "memory", size, watch=True).usage.peak_bytes for size in ("1", "64"))
    assert large >= 64 << 20
    assert small < large


def test_launch_cost_is_measured_once(sandbox, tree):
    cost = sandbox.launch_cost(tree)
    assert cost.wall_s > 0
    assert cost.source == sandbox.accounting
    assert sandbox.launch_cost(tree) is cost


def test_a_busy_program_wants_a_core_at_nearly_every_look_and_a_waiting_one_does_not(run, hostile):
    busy = run("sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done", watch=True).usage.activity
    idle = run("sleep", "0.2", watch=True).usage.activity
    assert busy.busy > 0.8 * busy.looks
    assert idle.busy < 0.5 * idle.looks
