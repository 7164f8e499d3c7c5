"""The optimizer from request to answer, with a scripted model and with a real program."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pesquared import FunctionOptimizer
from pesquared.core.edits import apply_edits
from pesquared.core.proposal import Declined, Failure, InvalidReply, Proposal, Stage
from pesquared.llm import Correspondence, LanguageModel, Means, NoAnswer, Reply, ReplyStore
from pesquared.llm.providers.command import CommandModel
from pesquared.llm.spending.budget import Budget, Limits
from tests.support.answers import ScriptedModel, define, files, request_for

F = b"int f(int x) { return x + 0; }"
SOURCE = b"#include <a.h>\n" + F + b"\n"
REQUEST = request_for(define(SOURCE, F, "f"), SOURCE)
READ = files(**{"src/a.c": SOURCE})
GOOD = "Nothing to add.\n\n```c\nint f(int x) { return x; }\n```\n"


def optimizer(model: LanguageModel, tmp_path: Path) -> FunctionOptimizer:
    return FunctionOptimizer(model, read=READ)


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


def test_attempts_and_repairs_are_other_questions(tmp_path):
    model = ScriptedModel([GOOD, GOOD])
    again = optimizer(model, tmp_path)
    again.propose(replace(REQUEST, attempt=2))
    again.propose(replace(REQUEST, stage=Stage.REPAIR, failure=Failure("build", "error", GOOD)))
    assert [(asked.target, asked.stage.value, asked.attempt) for asked in model.asked] == [
        ("f", "optimize", 2),
        ("f", "repair", 1),
    ]


def test_an_unusable_reply_is_invalid(tmp_path):
    answer = optimizer(ScriptedModel(["I cannot do that."]), tmp_path).propose(REQUEST)
    assert isinstance(answer, InvalidReply)
    assert (answer.reason_code, answer.reply) == ("no-code", "I cannot do that.")
    assert answer.answerer.cost_usd == 0.5


@pytest.mark.parametrize("word", ["no-answer", "refused", "empty-reply"])
def test_no_answer_is_invalid_by_its_name(tmp_path, word):
    answer = optimizer(ScriptedModel([NoAnswer("overloaded", word, 0.25)]), tmp_path).propose(REQUEST)
    assert isinstance(answer, InvalidReply)
    assert (answer.reason_code, answer.reason, answer.answerer.cost_usd) == (word, "overloaded", 0.25)


def test_a_reply_that_was_cut_off_is_not_applied(tmp_path):
    cut = Reply(GOOD, "scripted", "script-1", 10, 4096, 0.5, truncated=True)
    answer = optimizer(ScriptedModel([cut]), tmp_path).propose(REQUEST)
    assert isinstance(answer, InvalidReply)
    assert answer.reason_code == "truncated"
    assert "4096 tokens" in answer.reason


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
    program = CommandModel.of(command, environ=environ, pass_env=("WANTED", "PESQ_STAGE", "ABSENT"))
    means = Means(ReplyStore(tmp_path / "replies"), Budget(Limits(usd=0.0)))
    made = optimizer(Correspondence(program, means), tmp_path)
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
