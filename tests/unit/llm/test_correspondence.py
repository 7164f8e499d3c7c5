"""Asking until there is an answer: pauses, what is kept, what is given up, what it all costs. No time passes."""

import random
from dataclasses import replace

import pytest

from pesquared.core.events import Notice, Spent
from pesquared.core.proposal import Stage
from pesquared.core.stopping import StopRequest
from pesquared.errors import BudgetError, ProposerError
from pesquared.llm import Correspondence, Failed, Kind, Means, NoAnswer, Prompt, Question, Reply, ReplyStore
from pesquared.llm.patience.backoff import MOST_STRANGE
from pesquared.llm.patience.holds import Holds
from pesquared.llm.provider import Spoken
from pesquared.llm.spending.budget import Budget, Limits
from pesquared.llm.spending.ledger import Ledger
from pesquared.llm.spending.price import Stated
from tests.support.answers import ScriptedProvider
from tests.support.scripted import Recorder
from tests.support.simulated import SimulatedClock

QUESTION = Question(Prompt("stable", "varying"), "f", Stage.OPTIMIZE, 1)
BUSY = Failed(Kind.RETRY, "scripted answered 500")
PRICE = Stated(100.0, 1000.0)
COST = PRICE.cost(Spoken("", ScriptedProvider([]).read(b"x", QUESTION).usage).usage)  # type: ignore[union-attr]


class Setting:
    """A correspondence with everything that it works with."""

    def __init__(self, folder, script, *, limits=None, patience_s=1800.0, price=PRICE, earlier=()):
        self.provider = ScriptedProvider(script, price=price)
        self.clock = SimulatedClock()
        self.seen = Recorder()
        self.stop = StopRequest()
        self.budget = Budget(limits or Limits(usd=100.0), Ledger(folder / "ledger"), self.clock)
        self.means = Means(
            ReplyStore(folder / "replies"), self.budget, patience_s, earlier,
            Holds(folder / "holds.json"), self.clock, random.Random(1), self.stop, self.seen,
        )  # fmt: skip
        self.model = Correspondence(self.provider, self.means)

    @property
    def notices(self):
        return [event.text for event in self.seen.events if isinstance(event, Notice)]


def test_an_answer_is_kept_and_not_bought_again(tmp_path):
    first = Setting(tmp_path, [b"hello"])
    reply = first.model.answer(QUESTION)
    assert reply == Reply("hello", "scripted", "script-1", 10, 20, COST)
    assert first.model.answer(QUESTION) == reply
    again = Setting(tmp_path, [])
    assert again.model.answer(QUESTION) == reply
    assert again.provider.asked == []
    assert again.budget.ledger.paid_usd == pytest.approx(COST)
    assert [event.spending.calls for event in first.seen.events if isinstance(event, Spent)] == [1]


def test_the_bytes_are_on_disk_before_they_are_read(tmp_path):
    class Crashing(ScriptedProvider):
        def read(self, body, question):
            raise ZeroDivisionError

    setting = Setting(tmp_path, [])
    with pytest.raises(ZeroDivisionError):
        Correspondence(Crashing([b"dear"], price=PRICE), setting.means).answer(QUESTION)
    again = Setting(tmp_path, [])
    reply = again.model.answer(QUESTION)
    assert isinstance(reply, Reply)
    assert reply.text == "dear"
    assert again.provider.asked == []


def test_what_another_run_has_paid_for_is_not_bought_again_but_what_was_free_is_asked_anew(tmp_path):
    Setting(tmp_path / "one", [b"dear"]).model.answer(QUESTION)
    Setting(tmp_path / "two", [b"free"], price=Stated(0, 0)).model.answer(QUESTION)
    stores = tuple(ReplyStore(tmp_path / run / "replies") for run in ("one", "two"))
    third = Setting(tmp_path / "three", [], earlier=stores)
    reply = third.model.answer(QUESTION)
    assert isinstance(reply, Reply)
    assert (reply.text, reply.cost_usd) == ("dear", 0.0)
    fourth = Setting(tmp_path / "four", [b"anew"], earlier=stores[1:])
    assert fourth.model.answer(QUESTION).text == "anew"


def test_what_passes_is_waited_for_with_growing_pauses(tmp_path):
    setting = Setting(tmp_path, [BUSY] * 9 + [b"at last"])
    assert isinstance(setting.model.answer(QUESTION), Reply)
    slept = setting.clock.slept
    assert len(slept) >= 9
    assert all(pause <= 600 for pause in slept)
    assert max(slept) > 20
    assert setting.budget.ledger.paid_usd == pytest.approx(COST)
    assert setting.budget.ledger.unknown_usd == 0.0
    assert any("asked again in" in text for text in setting.notices)


def test_a_provider_is_waited_for_as_long_as_it_says(tmp_path):
    setting = Setting(tmp_path, [Failed(Kind.RETRY_AFTER, "slow down", 300.0), b"thanks"])
    assert isinstance(setting.model.answer(QUESTION), Reply)
    assert 300 <= sum(setting.clock.slept) <= 331
    assert "slow down; asked again in 5 min" in setting.notices[0]


def test_who_is_busy_for_too_long_is_given_up(tmp_path):
    setting = Setting(tmp_path, [b"once"] + [BUSY] * 1000, patience_s=600.0)
    setting.model.answer(QUESTION)
    said = setting.model.answer(replace(QUESTION, attempt=2))
    assert isinstance(said, NoAnswer)
    assert said.reason_code == "no-answer"
    assert "answered 500, asked " in said.reason
    assert sum(setting.clock.slept) <= 600


def test_calls_that_may_be_charged_for_are_not_repeated_for_ever(tmp_path):
    late = Failed(Kind.RETRY, "did not answer", perhaps_paid=True)
    setting = Setting(tmp_path, [b"once"] + [late] * 10)
    setting.model.answer(QUESTION)
    assert isinstance(setting.model.answer(replace(QUESTION, attempt=2)), NoAnswer)
    assert len(setting.provider.asked) == 4
    spending = setting.budget.spending()
    assert spending.calls == 4
    assert spending.unknown_usd == pytest.approx(spending.spent_usd - COST)
    assert spending.unknown_usd > 3 * 0.09


@pytest.mark.parametrize("failed", [replace(BUSY, strange=True, fix="look there"), b"?"])
def test_an_address_that_never_was_a_model_is_given_up_soon(tmp_path, failed):
    setting = Setting(tmp_path, [failed] * 10)
    with pytest.raises(ProposerError) as caught:
        setting.model.answer(QUESTION)
    assert caught.value.fix
    assert len(setting.provider.asked) <= MOST_STRANGE
    assert sum(setting.clock.slept) < 60


def test_what_is_no_answer_is_set_aside_and_asked_again(tmp_path):
    setting = Setting(tmp_path, [b"?", b"hello"])
    reply = setting.model.answer(QUESTION)
    assert isinstance(reply, Reply)
    assert [path.read_bytes() for path in (tmp_path / "replies").rglob("*.bad")] == [b"?"]
    assert setting.budget.ledger.unknown_usd > 0


def test_a_wrong_key_ends_the_asking_at_once(tmp_path):
    setting = Setting(tmp_path, [Failed(Kind.FATAL_CONFIG, "answered 401", fix="set a key")])
    with pytest.raises(ProposerError, match="401"):
        setting.model.answer(QUESTION)
    assert setting.clock.slept == []
    assert setting.budget.ledger.spent_usd == 0


def test_an_empty_account_is_a_pause_and_the_next_run_waits_on(tmp_path):
    broke = Failed(Kind.FATAL_BUDGET, "insufficient_quota", fix="top it up")
    setting = Setting(tmp_path, [broke] * 3 + [b"paid"])
    assert isinstance(setting.model.answer(QUESTION), Reply)
    assert setting.clock.slept == [60, 120, 240]
    assert Setting(tmp_path / "other", [broke] * 99, patience_s=0).provider.asked == []
    poor = Setting(tmp_path / "poor", [broke] * 99, patience_s=100.0)
    with pytest.raises(BudgetError, match="insufficient_quota"):
        poor.model.answer(QUESTION)
    again = Setting(tmp_path / "poor", [b"now"])
    again.clock.now = poor.clock.now
    assert isinstance(again.model.answer(QUESTION), Reply)
    assert sum(again.clock.slept) == pytest.approx(120)  # what the killed run had still to wait
    assert "insufficient_quota" in again.notices[0]
    third = Setting(tmp_path / "poor", [b"now"])
    assert isinstance(third.model.answer(replace(QUESTION, attempt=9)), Reply)
    assert third.clock.slept == []


def test_a_pause_that_outlasts_the_runs_minutes_is_not_begun(tmp_path):
    setting = Setting(tmp_path, [Failed(Kind.RETRY_AFTER, "slow down", 300.0)], limits=Limits(usd=100, minutes=1))
    with pytest.raises(ProposerError, match="slow down: that is longer") as caught:
        setting.model.answer(QUESTION)
    assert "--max-minutes" in caught.value.fix
    assert setting.clock.slept == []


def test_who_is_stopped_waits_no_longer(tmp_path):
    setting = Setting(tmp_path, [BUSY] * 9)
    setting.stop.request()
    said = setting.model.answer(QUESTION)
    assert isinstance(said, NoAnswer)
    assert "not waited for" in said.reason


@pytest.mark.parametrize("word", ["refused", "prompt-too-long"])
def test_what_has_to_be_put_otherwise_is_named(tmp_path, word):
    setting = Setting(tmp_path, [Failed(Kind.REPAIR, "no", reason_code=word)])
    said = setting.model.answer(QUESTION)
    assert isinstance(said, NoAnswer)
    assert said.reason_code == word


def test_an_empty_answer_is_named_paid_for_and_not_bought_again(tmp_path):
    setting = Setting(tmp_path, [b""])
    said = setting.model.answer(QUESTION)
    assert said == NoAnswer("scripted sent an empty answer", "empty-reply", COST)
    assert Setting(tmp_path, []).model.answer(QUESTION) == said


def test_an_answer_that_was_cut_off_is_gone_on_with(tmp_path):
    script = ["```c\nint f(void)\n{…".encode(), "    return 1;…".encode(), b"\n}\n```\n"]
    setting = Setting(tmp_path, list(script))
    reply = setting.model.answer(QUESTION)
    assert isinstance(reply, Reply)
    assert reply.text == "```c\nint f(void)\n{    return 1;\n}\n```\n"
    assert not reply.truncated
    assert reply.cost_usd == pytest.approx(3 * COST)
    assert [asked.so_far for asked in setting.provider.asked] == [
        "", "```c\nint f(void)\n{", "```c\nint f(void)\n{    return 1;",
    ]  # fmt: skip
    assert Setting(tmp_path, []).model.answer(QUESTION) == reply
    endless = Setting(tmp_path / "endless", ["x…".encode()] * 9)
    reply = endless.model.answer(QUESTION)
    assert isinstance(reply, Reply)
    assert reply.truncated
    assert len(endless.provider.asked) == 4


def test_what_cannot_be_gone_on_with_is_not_lost(tmp_path):
    setting = Setting(tmp_path, ["half…".encode()], limits=Limits(usd=100, calls=1))
    reply = setting.model.answer(QUESTION)
    assert isinstance(reply, Reply)
    assert (reply.text, reply.truncated) == ("half", True)


def test_nothing_is_asked_that_could_cost_too_much(tmp_path):
    setting = Setting(tmp_path, [b"x"], limits=Limits(usd=0.01))
    with pytest.raises(BudgetError, match="could cost"):
        setting.model.answer(QUESTION)
    assert setting.provider.asked == []
