"""A program that answers: what it is given, and what of its misdeeds is survived."""

import os
import shlex
import sys

import pytest

from pesquared.core.proposal import Stage
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.model import Prompt, Question
from pesquared.llm.provider import Failed, Kind, Spoken
from pesquared.llm.providers.command import CommandModel
from pesquared.llm.providers.program import run_program

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath)}
QUESTION = Question(Prompt("stable é\udce9", "varying"), "n::f\0", Stage.OPTIMIZE, 3)


def asked(model: CommandModel, question: Question = QUESTION) -> Spoken | Failed:
    body = model.send(question)
    return body if isinstance(body, Failed) else model.read(body, question)


def answer(script: str, timeout_s: float = 60.0) -> Spoken | Failed:
    command = f"{sys.executable} -c {shlex.quote(script)}"
    return asked(CommandModel.of(command, environ=ENVIRON, timeout_s=timeout_s))


def test_stdin_is_the_prompt_and_stdout_the_reply():
    reply = answer(
        "import sys, os; sys.stdout.buffer.write(os.environ['PESQ_TARGET'].encode() + sys.stdin.buffer.read())"
    )
    assert isinstance(reply, Spoken)
    assert reply.text == "n::f" + QUESTION.prompt.text
    assert reply.usage.estimated
    assert reply.usage.read > 0


def test_no_shell_reads_the_command(tmp_path):
    marker = tmp_path / "marker"
    model = CommandModel.of(
        f"{sys.executable} -c 'import sys; print(sys.argv[1:])' $HOME ';' touch {marker}", environ=ENVIRON
    )
    reply = asked(model)
    assert isinstance(reply, Spoken)
    assert "'$HOME', ';', 'touch'" in reply.text
    assert not marker.exists()


def test_a_program_that_does_not_read_is_heard():
    reply = asked(
        CommandModel.of("echo hello", environ=ENVIRON), Question(Prompt("x" * 1_000_000, ""), "f", Stage.REPAIR, 1)
    )
    assert isinstance(reply, Spoken)
    assert reply.text == "hello\n"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; print('half'); sys.exit('no ' * 2000 + 'quota left')", "exit code 1: "),
        ("import sys; print('half'); sys.exit('no ' * 2000 + 'quota left')", "quota left"),
        ("print('  ')", "wrote nothing"),
        ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
        ("while True: print('x' * 100000)", "more than 4 MiB"),
    ],
)
def test_failing_is_no_answer_with_a_reason(script, reason):
    said = answer(script)
    assert isinstance(said, Failed)
    assert reason in said.reason
    assert len(said.reason) < 2000


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path):
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script = f"import os, time; os.write(os.open({str(fifo)!r}, os.O_WRONLY), b'x'); os.fork(); time.sleep(600)"
    said = answer(script, timeout_s=2.0)
    assert isinstance(said, Failed)
    assert "within 2 s" in said.reason
    os.set_blocking(reading, True)
    with os.fdopen(reading, "rb") as stream:  # ends when nobody holds the other end any more
        assert stream.read() in (b"x", b"")


def test_a_child_that_keeps_the_pipe_does_not_hold_up_the_answer():
    reply = answer(
        "import os, time, sys; print('done', flush=True)\nif os.fork() == 0: time.sleep(600)\nos._exit(0)"
    )
    assert isinstance(reply, Spoken)
    assert reply.text == "done\n"


def test_stderr_keeps_its_tail():
    ended = run_program(
        [sys.executable, "-c", "import sys; sys.stderr.write('a' * 100000 + 'end')"],
        b"",
        {},
        timeout_s=60,
        stop=StopRequest(),
        output_cap=10,
    )
    assert ended.stderr.endswith(b"aend")
    assert len(ended.stderr) <= 8 << 10


@pytest.mark.parametrize(
    "command", ["", "  ", "no-such-program-anywhere", "'open", "./nothing here", "x" * 40_000, "a\0b"]
)
def test_a_command_that_cannot_be_run_is_said_at_once(command):
    with pytest.raises(ProposerError) as caught:
        CommandModel.of(command, environ=ENVIRON)
    assert caught.value.fix
    assert caught.value.exit_code == 7


def test_a_file_that_is_no_program_cannot_be_started(tmp_path):
    script = tmp_path / "script"
    script.write_bytes(b"\x00\x01 not a program")
    script.chmod(0o755)
    said = asked(CommandModel.of(str(script), environ=ENVIRON))
    assert isinstance(said, Failed)
    assert said.kind is Kind.FATAL_CONFIG
    assert "cannot be started" in said.reason


def test_whoever_is_asked_when_the_run_is_stopped_is_not_waited_for(tmp_path):
    stop = StopRequest()
    stop.request()
    model = CommandModel.of(
        f"{sys.executable} -c 'import time; time.sleep(600)'", environ=dict(os.environ), stop=stop
    )
    answer = asked(model)
    assert isinstance(answer, Failed)
    assert "not waited for" in answer.reason
