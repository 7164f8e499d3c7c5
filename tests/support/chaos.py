"""A campaign: many questions to a server that misbehaves at random, on a clock that only pauses move."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pesquared.core.proposal import Stage
from pesquared.core.stopping import StopRequest
from pesquared.errors import BudgetError, ProposerError
from pesquared.llm import Correspondence, Failed, Means, NoAnswer, Prompt, Provider, Question, ReplyStore, Spoken
from pesquared.llm.patience.holds import Holds
from pesquared.llm.providers.anthropic import ClaudeModel
from pesquared.llm.providers.chat import ChatModel
from pesquared.llm.providers.responses import ResponsesModel
from pesquared.llm.spending.budget import Budget, Limits
from pesquared.llm.spending.ledger import Ledger
from pesquared.llm.spending.price import Price, Stated, Usage
from pesquared.llm.wire.transport import Line
from tests.support.behaviours import BEHAVIOURS, LARGE, SLOW
from tests.support.model_server import READ, WRITTEN, ModelServer, Talk, serving
from tests.support.scripted import Recorder
from tests.support.simulated import SimulatedClock

KEY = "sk-canary-71c5a0"
PRICE = Stated(2.0, 4.0)
BILL = PRICE.cost(Usage(READ, WRITTEN))
DEADLINE_S = 0.25
BETWEEN_S = 60.0  # in which an attempt is built and measured
GOOD = 60  # times as likely as any other behaviour
FORMATS = ("chat", "responses", "messages")


def provider_at(url: str, api: str, timeout_s: float = 10.0, stop: StopRequest | None = None) -> Provider:
    """A provider that speaks the wire format, through its real SDK."""
    line = Line(url if api == "messages" else f"{url}/v1", KEY, timeout_s)
    stop = stop or StopRequest()
    if api == "chat":
        return ChatModel("m", line, PRICE, 100, 0.5, "max_tokens", stop)
    if api == "responses":
        return ResponsesModel("m", line, PRICE, 100, None, stop)
    return ClaudeModel("m", line, PRICE, 100, stop)


@dataclass
class Timed:
    """A provider whose calls are timed."""

    inner: Provider
    calls: int = 0
    longest_s: float = 0.0

    @property
    def provider(self) -> str:
        return self.inner.provider

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def identity(self) -> str:
        return self.inner.identity

    @property
    def price(self) -> Price:
        return self.inner.price

    @property
    def longest_answer(self) -> int:
        return self.inner.longest_answer

    def send(self, question: Question) -> bytes | Failed:
        begun = time.monotonic()
        try:
            return self.inner.send(question)
        finally:
            self.calls += 1
            self.longest_s = max(self.longest_s, time.monotonic() - begun)

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        return self.inner.read(body, question)


@dataclass
class Outcome:
    """What the campaign came to."""

    calls: int = 0
    questions: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    behaviours: Counter[str] = field(default_factory=Counter)
    unclassified: list[str] = field(default_factory=list)
    longest_s: float = 0.0  # of one call
    billed_usd: float = 0.0  # by the server
    paid_usd: float = 0.0  # by the ledger, of calls that told their usage
    unknown_usd: float = 0.0
    simulated_s: float = 0.0
    wall_s: float = 0.0
    leaks: list[str] = field(default_factory=list)  # files and texts that hold the key


def campaign(calls: int, folder: Path, seed: int = 1) -> Outcome:
    """Asks until so many calls were made, a third in each wire format."""
    chance = random.Random(seed)
    names = [*BEHAVIOURS, *["good"] * GOOD]
    weights = [0.02 if name in LARGE else 0.3 if name in SLOW else 1.0 for name in names]
    outcome = Outcome()

    def misbehave(talk: Talk) -> None:
        (name,) = chance.choices(names, weights)
        behaviour, expected = BEHAVIOURS[name]
        outcome.behaviours[name] += 1
        outcome.billed_usd += BILL if expected.paid else 0.0
        behaviour(talk)

    clock, seen = SimulatedClock(), Recorder()
    begun = time.monotonic()
    with serving(ModelServer(otherwise=misbehave)) as server:
        providers = [Timed(provider_at(server.url, api, DEADLINE_S)) for api in FORMATS]
        ledger = Ledger(folder / "ledger.jsonl")
        means = Means(
            ReplyStore(folder / "replies"), Budget(Limits(usd=1e9), ledger, clock), 1800.0, (),
            Holds(folder / "holds.json"), clock, chance, StopRequest(), seen,
        )  # fmt: skip
        models = [Correspondence(provider, means) for provider in providers]
        while sum(provider.calls for provider in providers) < calls:
            outcome.questions += 1
            question = Question(Prompt("stable", "varying"), "f", Stage.OPTIMIZE, outcome.questions)
            said = _asked(models[outcome.questions % 3], question, outcome)
            outcome.leaks += [said] if KEY in said else []
            clock.now += BETWEEN_S
        ended = Ledger(folder / "ledger.jsonl")
    outcome.calls, outcome.longest_s = ledger.calls, max(provider.longest_s for provider in providers)
    outcome.paid_usd, outcome.unknown_usd = ended.paid_usd, ended.unknown_usd
    outcome.simulated_s, outcome.wall_s = sum(clock.slept), time.monotonic() - begun
    outcome.leaks += [
        str(path) for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]
    outcome.leaks += [repr(event) for event in seen.events if KEY in repr(event)]
    return outcome


def _asked(model: Correspondence, question: Question, outcome: Outcome) -> str:
    """Asks, and counts what came of it; returns what was said of it."""
    try:
        reply = model.answer(question)
    except (ProposerError, BudgetError) as error:
        outcome.outcomes[type(error).__name__] += 1
        return str(error)
    except Exception as error:  # noqa: BLE001 - that there is none is what the campaign shows
        outcome.unclassified.append(f"{type(error).__name__}: {error}")
        return str(error)
    outcome.outcomes[reply.reason_code if isinstance(reply, NoAnswer) else "answer"] += 1
    return repr(reply)
