"""What a run may spend."""

import pytest

from pesquared.core.proposal import Stage
from pesquared.errors import BudgetError
from pesquared.llm.budget import Budgeted
from pesquared.llm.model import LONGEST_ANSWER, NoAnswer, Prompt, Question
from pesquared.llm.price import FREE, Price
from tests.support.answers import ScriptedModel

QUESTION = Question(Prompt("a" * 300, "b"), "f", Stage.OPTIMIZE, 1)
WORST = LONGEST_ANSWER * 10 / 1e6


def test_a_question_is_asked_while_its_worst_case_fits():
    model = ScriptedModel(["one", "two", "three"], price=Price(0.0, 10.0))
    budgeted = Budgeted(model, limit_usd=WORST + 0.6)
    budgeted.answer(QUESTION)
    budgeted.answer(QUESTION)
    with pytest.raises(BudgetError) as caught:
        budgeted.answer(QUESTION)
    assert caught.value.exit_code == 6
    assert len(model.asked) == 2
    assert budgeted.spent_usd == pytest.approx(1.0)


def test_what_is_not_answered_may_have_been_paid_for():
    budgeted = Budgeted(ScriptedModel([NoAnswer("timeout")], price=Price(0.0, 10.0)), limit_usd=1.5 * WORST)
    budgeted.answer(QUESTION)
    with pytest.raises(BudgetError):
        budgeted.answer(QUESTION)


def test_what_is_free_has_no_limit():
    model = ScriptedModel([NoAnswer("x")] * 50, price=FREE)
    budgeted = Budgeted(model, limit_usd=0.0)
    for _ in range(50):
        budgeted.answer(QUESTION)
    assert len(model.asked) == 50
