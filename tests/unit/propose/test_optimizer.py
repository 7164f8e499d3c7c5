"""The optimizer from request to answer, with a scripted model and with a real program."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

from pesquared import FunctionOptimizer
from pesquared.core.edits import apply_edits
from pesquared.core.proposal import Declined, Failure, InvalidReply, Proposal, Stage
from pesquared.llm import LanguageModel, NoAnswer
from pesquared.llm.command import CommandModel
from tests.support.answers import ScriptedModel, define, files, request_for

F = b"int f(int x) { return x + 0; }"
SOURCE = b"#include <a.h>\n" + F + b"\n"
REQUEST = request_for(define(SOURCE, F, "f"), SOURCE)
READ = files(**{"src/a.c": SOURCE})
GOOD = "Nothing to add.\n\n```c\nint f(int x) { return x; }\n```\n"


def optimizer(model: LanguageModel, tmp_path: Path) -> FunctionOptimizer:
    return FunctionOptimizer(model, read=READ, store=tmp_path / "replies")


def test_a_reply_becomes_a_proposal_with_its_cost(tmp_path):
    made = optimizer(ScriptedModel([GOOD]), tmp_path)
    assert (made.name, made.model, made.trusted) == ("scripted", "script-1", False)
    answer = made.propose(REQUEST)
    assert isinstance(answer, Proposal)
    assert apply_edits(SOURCE, answer.edits) == SOURCE.replace(b"x + 0", b"x")
    assert answer.rationale == "Nothing to add."
    assert answer.reply == GOOD
    assert (answer.answerer.provider, answer.answerer.model, answer.answerer.cost_usd) == (
        "scripted",
        "script-1",
        0.5,
    )


def test_the_same_request_is_answered_from_the_store(tmp_path):
    first = optimizer(ScriptedModel([GOOD]), tmp_path).propose(REQUEST)
    silent = ScriptedModel([])
    assert optimizer(silent, tmp_path).propose(REQUEST) == first
    assert silent.asked == []
    other = ScriptedModel([GOOD, GOOD])
    again = optimizer(other, tmp_path)
    again.propose(replace(REQUEST, attempt=2))
    again.propose(replace(REQUEST, stage=Stage.REPAIR, failure=Failure("build", "error", GOOD)))
    assert [(asked.target, asked.stage.value, asked.attempt) for asked in other.asked] == [
        ("f", "optimize", 2),
        ("f", "repair", 1),
    ]


def test_an_unusable_reply_is_stored_and_invalid(tmp_path):
    answer = optimizer(ScriptedModel(["I cannot do that."]), tmp_path).propose(REQUEST)
    assert isinstance(answer, InvalidReply)
    assert (answer.reason_code, answer.reply) == ("no-code", "I cannot do that.")
    assert answer.answerer.cost_usd == 0.5
    assert optimizer(ScriptedModel([]), tmp_path).propose(REQUEST) == answer


def test_no_answer_is_invalid_and_asked_again(tmp_path):
    made = optimizer(ScriptedModel([NoAnswer("overloaded"), GOOD]), tmp_path)
    answer = made.propose(REQUEST)
    assert isinstance(answer, InvalidReply)
    assert (answer.reason_code, answer.reason) == ("no-answer", "overloaded")
    assert isinstance(made.propose(REQUEST), Proposal)


def test_a_definition_from_a_macro_is_not_asked_about(tmp_path):
    model = ScriptedModel([])
    asked = request_for(define(SOURCE, F, "f", from_macro=True), SOURCE)
    assert isinstance(optimizer(model, tmp_path).propose(asked), Declined)
    assert model.asked == []


def test_an_unchanged_function_is_a_proposal(tmp_path):
    answer = optimizer(ScriptedModel([f"Same.\n```c\n{F.decode()}\n```"]), tmp_path).propose(REQUEST)
    assert isinstance(answer, Proposal)
    assert apply_edits(SOURCE, answer.edits) == SOURCE


def test_broken_characters_of_a_reply_reach_nobody(tmp_path):
    answer = optimizer(
        ScriptedModel(["\ud800\udcff\n```c\nint f(int x) { return '\udce9'; }\n```"]), tmp_path
    ).propose(REQUEST)
    assert isinstance(answer, Proposal)
    assert b"return '\xe9';" in apply_edits(SOURCE, answer.edits)
    assert answer.reply.encode()
    assert answer.rationale.encode()


PROGRAM = r"""
import os, sys
prompt = sys.stdin.buffer.read().decode()
assert "int f(int x) { return x + 0; }" in prompt
told = [name + "=" + os.environ[name] for name in sorted(os.environ) if name != "LC_CTYPE"]
print("told: " + ", ".join(told))
if os.environ["PESQ_STAGE"] == "repair":
    assert "error: boom" in prompt
    print("```c\nint f(int x) { return x; }\n```")
else:
    print("```c\nint f(int x) { return x }}\n```")
"""


def test_a_program_answers_and_repairs(tmp_path):
    script = tmp_path / "answer it.py"
    script.write_text(PROGRAM)
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/home/x", "SECRET_KEY": "s", "WANTED": "w", "PESQ_STAGE": "evil"}
    command = f"{sys.executable} {shlex.quote(str(script))}"
    made = optimizer(CommandModel(command, environ=environ, pass_env=("WANTED", "PESQ_STAGE", "ABSENT")), tmp_path)
    first = made.propose(REQUEST)
    assert isinstance(first, InvalidReply)
    assert first.reason_code == "unparsable"
    told = "told: HOME=/home/x, PATH=/usr/bin:/bin, PESQ_ATTEMPT=1, PESQ_STAGE=%s, PESQ_TARGET=f, WANTED=w"
    assert told % "optimize" in first.reply
    repaired = made.propose(
        replace(REQUEST, stage=Stage.REPAIR, failure=Failure("build", "error: boom", first.reply))
    )
    assert isinstance(repaired, Proposal)
    assert repaired.rationale == told % "repair"
    assert (repaired.answerer.provider, repaired.answerer.model, repaired.answerer.cost_usd) == (
        "command",
        command,
        0.0,
    )
