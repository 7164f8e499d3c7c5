"""Asks a provider until it has answered: the store first, then the budget, then patience. All of it on disk.

What becomes of a failure is settled by its kind: ``retry`` waits with jitter, ``retry-after`` as long as the
provider says, ``fatal-budget`` pauses until there is money again, ``repair`` is for who wrote the prompt,
``fatal-config`` ends the asking.
"""

import random
from dataclasses import dataclass, field, replace
from itertools import count

from pesquared.core.events import Notice, Observer, Observers, Spent
from pesquared.core.stopping import StopRequest
from pesquared.errors import BudgetError, ProposerError
from pesquared.llm.continuing import MOST_CONTINUATIONS, joined
from pesquared.llm.model import NoAnswer, Question, Reply
from pesquared.llm.patience.backoff import Tries, is_hopeless, pause_before
from pesquared.llm.patience.breaker import Breaker
from pesquared.llm.patience.clock import Clock, SystemClock
from pesquared.llm.patience.holds import Holds
from pesquared.llm.provider import Failed, Kind, Provider, Spoken
from pesquared.llm.spending.budget import Budget
from pesquared.llm.store import ReplyStore

SAID_FROM_S = 10.0  # a shorter pause is no news
WAITING = (Kind.RETRY, Kind.RETRY_AFTER, Kind.FATAL_BUDGET)


@dataclass(frozen=True, slots=True)
class Means:
    """What a correspondence works with. What was paid for in ``earlier``, stores of other runs, is not again."""

    store: ReplyStore
    budget: Budget
    patience_s: float = 1800.0  # of waiting for one question
    earlier: tuple[ReplyStore, ...] = ()
    holds: Holds = field(default_factory=Holds)
    clock: Clock = field(default_factory=SystemClock)
    chance: random.Random = field(default_factory=random.Random)  # of pauses
    stop: StopRequest = field(default_factory=StopRequest)
    observer: Observer = field(default_factory=Observers)  # told of pauses and of what was spent


class Correspondence:
    """A ``LanguageModel``: one provider with all that asking it takes.

    Args:
        provider: who is asked.
        means: what for.
    """

    def __init__(self, provider: Provider, means: Means) -> None:
        self.provider = provider.provider
        self.model = provider.model
        self._provider = provider
        self._means = means
        self._breaker = Breaker()
        self._calls = count(1)
        self._ever_answered = False

    def answer(self, question: Question) -> Reply | NoAnswer:
        """The stored reply, or a new one; an answer that was cut off is gone on with.

        Raises:
            ProposerError: asking again cannot help.
            BudgetError: the question could cost more than is left, or the account is empty for too long.
        """
        reply = self._once(question)
        for _ in range(MOST_CONTINUATIONS):
            if isinstance(reply, NoAnswer) or not reply.truncated or not reply.text.strip():
                break
            more = self._continued(replace(question, so_far=reply.text))
            if more is None:
                break
            reply = _together(reply, more)
        return reply

    def _continued(self, question: Question) -> Reply | None:
        """What comes behind; None if it cannot be had, which is no reason to lose what there is."""
        try:
            more = self._once(question)
        except BudgetError:
            return None
        return None if isinstance(more, NoAnswer) else more

    def _once(self, question: Question) -> Reply | NoAnswer:
        key = question.key(self._provider.identity)
        stored = self._stored(key, question)
        if stored is not None:
            return stored
        tries = Tries()
        while True:
            given_up = self._wait_for_others(tries)
            if given_up is None:
                spoken = self._call(key, question)
                if not isinstance(spoken, Failed):
                    self._answered()
                    return self._kept(key, question, *spoken)
                given_up = self._wait(spoken, tries)
            if given_up is not None:
                return self._no_answer(given_up, tries)

    def _stored(self, key: str, question: Question) -> Reply | NoAnswer | None:
        """What this run knows of it, or what another run has paid for."""
        store = self._means.store
        found = store.find(key)
        if found is not None:
            return found
        body = store.find_raw(key)
        if body is not None:
            spoken = self._provider.read(body, question)
            if isinstance(spoken, Spoken):  # its cost is on the ledger already, as the worst case
                return self._kept(key, question, spoken, self._provider.price.cost(spoken.usage))
            store.set_aside(key)
        for other in self._means.earlier:
            found = other.find(key)
            if found is not None and found.cost_usd > 0:
                free = replace(found, cost_usd=0.0)  # not paid by this run
                store.keep(key, question, free)
                return free
        return None

    def _call(self, key: str, question: Question) -> tuple[Spoken, float] | Failed:
        """One call, on the ledger before and after it. The reply is on disk before it is read."""
        means, provider = self._means, self._provider
        call = f"{key[:16]}-{next(self._calls)}"
        means.budget.reserve(call, provider, question)
        cost: float | None = None
        try:
            body = provider.send(question)
            if isinstance(body, Failed):
                cost = None if body.perhaps_paid else 0.0
                return body
            means.store.keep_raw(key, body)
            spoken = provider.read(body, question)
            if isinstance(spoken, Failed):
                means.store.set_aside(key)
                return spoken
            cost = provider.price.cost(spoken.usage)
            return spoken, cost
        finally:
            means.budget.ledger.settle(call, cost)
            means.observer.notify(Spent(means.budget.spending()))

    def _kept(self, key: str, question: Question, spoken: Spoken, cost: float) -> Reply | NoAnswer:
        """The reply, written down; a refusal or an empty answer by its name."""
        usage = spoken.usage
        if spoken.problem == "refused" or (spoken.problem and not spoken.truncated):
            said = "refuses to answer" if spoken.problem == "refused" else "sent an empty answer"
            detail = f": {' '.join(spoken.detail.split())[:200]}" if spoken.detail else ""
            return NoAnswer(f"{self.provider} {said}{detail}", spoken.problem, cost)
        reply = Reply(
            spoken.text,
            self.provider,
            self.model,
            usage.read,
            usage.written,
            cost,
            usage.estimated,
            spoken.truncated,
        )
        self._means.store.keep(key, question, reply)
        return reply

    def _answered(self) -> None:
        self._ever_answered = True
        self._breaker.succeeded()
        self._means.holds.release(self._provider.identity, self._means.clock.epoch())

    def _wait_for_others(self, tries: Tries) -> Failed | None:
        """Waits while the provider is to be left alone; the failure that remains where that takes too long."""
        means = self._means
        held, why = means.holds.wait_s(self._provider.identity, means.clock.epoch())
        left_alone = self._breaker.wait_s(means.clock.monotonic())
        if held >= left_alone:
            return self._pause(held, Failed(Kind.RETRY_AFTER, why), tries)
        in_a_row = Failed(Kind.RETRY, f"several times in a row: {self._breaker.last_reason}")
        return self._pause(left_alone, in_a_row, tries)

    def _wait(self, failed: Failed, tries: Tries) -> Failed | None:
        """The pause that a failure brings, kept for other runs if it is long; the failure where it is no use."""
        means = self._means
        if failed.kind not in WAITING:
            return failed
        tries.note(failed)
        if failed.kind is Kind.RETRY:
            self._breaker.failed(means.clock.monotonic(), failed.reason)
        if is_hopeless(failed, tries, ever_answered=self._ever_answered):
            return failed
        pause = pause_before(failed, tries, means.chance)
        if failed.kind is not Kind.RETRY:
            now = means.clock.epoch()
            means.holds.hold(self._provider.identity, now + pause, now, failed.reason)
        return self._pause(pause, failed, tries)

    def _pause(self, seconds: float, failed: Failed, tries: Tries) -> Failed | None:
        """Waits, where the question's patience and the run's minutes allow it."""
        means = self._means
        if means.stop.requested:
            return Failed(Kind.STOPPED, f"{self.provider} was not waited for")
        if seconds <= 0:
            return None
        if tries.waited_s + seconds > means.patience_s or seconds > means.budget.left_s:
            return failed
        if seconds >= SAID_FROM_S:
            means.observer.notify(Notice(f"{failed.reason}; asked again in {_spoken(seconds)}"))
        means.clock.sleep(seconds, means.stop)
        tries.waited_s += seconds
        return Failed(Kind.STOPPED, f"{self.provider} was not waited for") if means.stop.requested else None

    def _no_answer(self, failed: Failed, tries: Tries) -> NoAnswer:
        """What a question comes to that is given up.

        Raises:
            ProposerError: nobody has ever answered, the key, the model or the address is wrong, or one would
                have to wait for longer than is allowed.
            BudgetError: the account is empty.
        """
        if failed.kind is Kind.FATAL_BUDGET:
            raise BudgetError(failed.reason, failed.fix)
        if failed.kind is Kind.FATAL_CONFIG or (failed.strange and not self._ever_answered):
            raise ProposerError(failed.reason, failed.fix or "check --model and --base-url")
        if failed.kind is Kind.RETRY_AFTER:  # so would everything else be that is asked now
            raise ProposerError(
                f"{failed.reason}: that is longer than one waits",
                "run it again later: it waits on; or allow more with [model] patience_s and --max-minutes",
            )
        again = f", asked {tries.failures} times in {_spoken(tries.waited_s)}" if tries.failures > 1 else ""
        return NoAnswer(failed.reason + again, failed.reason_code)


def _spoken(seconds: float) -> str:
    """``75`` → ``1 min 15 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _together(reply: Reply, more: Reply) -> Reply:
    return replace(
        reply,
        text=joined(reply.text, more.text),
        input_tokens=reply.input_tokens + more.input_tokens,
        output_tokens=reply.output_tokens + more.output_tokens,
        cost_usd=reply.cost_usd + more.cost_usd,
        estimated=reply.estimated or more.estimated,
        truncated=more.truncated,
    )
