"""What one provider has to be able to do: send a question and read what came back. Waiting is not its business."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.llm.model import Question
from pesquared.llm.spending.price import Price, Usage
from pesquared.llm.tokens import estimate_tokens


class Kind(StrEnum):
    """What can be done about a failure."""

    RETRY = "retry"  # ask again, after a while of our choice
    RETRY_AFTER = "retry-after"  # ask again, when the provider says so
    REPAIR = "repair"  # the same question gives the same again: it has to be put otherwise
    FATAL_CONFIG = "fatal-config"  # the key, the model or the address is wrong
    FATAL_BUDGET = "fatal-budget"  # the account has no money or quota left
    STOPPED = "stopped"  # the user does not want to wait


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that brought no answer. ``reason`` is a sentence without secrets."""

    kind: Kind
    reason: str
    after_s: float | None = None  # what the provider asks to be waited for
    perhaps_paid: bool = False  # the provider may have worked, and may charge for it
    strange: bool = False  # nobody is there, or somebody who is no model: never mind where one has answered before
    reason_code: str = "no-answer"
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a provider's reply says. ``problem`` names what it lacks: "refused", "empty-reply", "" for nothing."""

    text: str
    usage: Usage
    truncated: bool = False
    problem: str = ""
    detail: str = ""  # of the problem


class Provider(Protocol):
    """One way to ask. Stateless, and safe to be used from several threads.

    ``identity`` tells apart what would answer otherwise: address, model and everything that is sent with it.
    """

    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def identity(self) -> str: ...

    @property
    def price(self) -> Price: ...

    @property
    def longest_answer(self) -> int:
        """Tokens; 0 where an answer costs nothing, however long."""

    def send(self, question: Question) -> bytes | Failed:
        """Asks once; the reply as it came."""

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        """What the reply says. Total: anything may be in ``body``."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the command line hands over so that nothing else reads the environment."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_key: str = field(default="", repr=False)
    price: Price | None = None
    stop: StopRequest = field(default_factory=StopRequest)  # Ctrl-C: who is asked then is not waited for
    runs: str = ""  # the folder of earlier runs, for ``replay``


OpenProvider = Callable[[ModelSettings, Access], Provider]
"""Makes a provider from the settings. Raises ProposerError where it cannot be reached or is not priced."""


def estimated(question: Question, text: str) -> Usage:
    """The usage of a provider that tells none."""
    return Usage(estimate_tokens(question.prompt.text), estimate_tokens(text), estimated=True)


def sendable(text: str) -> str:
    """Text for an API: what stands for bytes that are not UTF-8 becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
