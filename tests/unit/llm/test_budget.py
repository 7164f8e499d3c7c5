"""What a run may spend, and that a killed run's ledger knows it."""

import json

import pytest

from pesquared.core.proposal import Stage
from pesquared.errors import BudgetError
from pesquared.llm.model import Prompt, Question
from pesquared.llm.spending.budget import Budget, Limits, worst_case
from pesquared.llm.spending.ledger import Ledger
from pesquared.llm.spending.price import FREE, Stated
from tests.support.answers import ScriptedProvider
from tests.support.simulated import SimulatedClock

QUESTION = Question(Prompt("a" * 300, "b"), "f", Stage.OPTIMIZE, 1)
DEAR = ScriptedProvider([], price=Stated(0.0, 10.0), longest_answer=100_000)  # at worst 1 USD


def test_a_call_is_made_while_its_worst_case_fits():
    budget = Budget(Limits(usd=2.5))
    for call in ("a", "b"):
        budget.reserve(call, DEAR, QUESTION)
    with pytest.raises(BudgetError, match=r"could cost 1\.0000 USD, and 0\.5000 of 2\.5 USD are left") as caught:
        budget.reserve("c", DEAR, QUESTION)
    assert caught.value.exit_code == 6
    budget.ledger.settle("a", 0.25)
    budget.reserve("c", DEAR, QUESTION)
    assert budget.ledger.spent_usd == pytest.approx(2.25)


def test_nobody_knows_what_a_lost_call_cost():
    budget = Budget(Limits(usd=1.5))
    budget.reserve("a", DEAR, QUESTION)
    budget.ledger.settle("a", None)
    with pytest.raises(BudgetError):
        budget.reserve("b", DEAR, QUESTION)
    assert budget.spending().unknown_usd == pytest.approx(1.0)


def test_what_is_free_has_no_limit_but_calls_and_minutes_have():
    free = ScriptedProvider([], price=FREE)
    clock = SimulatedClock()
    budget = Budget(Limits(usd=0.0, calls=50, minutes=10), clock=clock)
    for call in range(50):
        budget.reserve(str(call), free, QUESTION)
    with pytest.raises(BudgetError, match="50 calls"):
        budget.reserve("x", free, QUESTION)
    clock.now += 601
    with pytest.raises(BudgetError, match="10 minutes"):
        budget.reserve("x", free, QUESTION)


def test_the_worst_case_counts_a_prompt_that_is_put_into_a_cache():
    reading = ScriptedProvider([], price=Stated(1.0, 0.0))
    plain = round(1.35 * 101) + 64
    assert worst_case(reading, QUESTION) >= 1.25 * plain * 0.2 / 1e6
    longer = Question(QUESTION.prompt, "f", Stage.OPTIMIZE, 1, so_far="c" * 3000)
    assert worst_case(reading, longer) > worst_case(reading, QUESTION)


def test_a_killed_runs_call_counts_with_its_worst_case(tmp_path):
    path = tmp_path / "run" / "spending.jsonl"
    ledger = Ledger(path)
    assert ledger.reserve("a", 0.5, 10) is None
    ledger.settle("a", 0.1)
    assert ledger.reserve("b", 0.7, 10) is None
    killed = path.read_bytes()  # in the middle of call b
    for torn in (
        b"",
        b'{"call": "c", "wo',
        b"\xff\n",
        b"null\n[]\n",
        b'{"call": "c", "cost": "x", "known": true}\n',
    ):
        path.write_bytes(killed + torn)
        again = Ledger(path)
        assert again.paid_usd == pytest.approx(0.1)
        assert again.unknown_usd == pytest.approx(0.7)
        assert again.calls == 2
    path.write_bytes(killed)
    again = Ledger(path)
    assert again.reserve("b", 0.2, 10) is None  # the same name in another process
    again.settle("b", 0.05)
    third = Ledger(path)
    assert third.paid_usd == pytest.approx(0.15)
    assert third.unknown_usd == pytest.approx(0.7)
    assert [json.loads(line)["call"] for line in path.read_text().splitlines()] == ["a", "a", "b", "b", "b"]
