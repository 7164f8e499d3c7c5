"""What is asked of a language model and what comes back, whoever answers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pesquared.core.proposal import Stage
from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.llm.price import Price

LONGEST_ANSWER = 16_384  # tokens; the most that a provider which charges is asked for


@dataclass(frozen=True, slots=True)
class Prompt:
    """Markdown. ``stable`` is the same in every question about one function, so that providers can cache it."""

    stable: str
    varying: str

    @property
    def text(self) -> str:
        return f"{self.stable}\n{self.varying}"


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and what it is about; the words reach a ``command`` as PESQ_TARGET, PESQ_STAGE, PESQ_ATTEMPT."""

    prompt: Prompt
    target: str  # qualified name of the function
    stage: Stage
    attempt: int
    turn: int = 0  # repair turns before this one: the same prompt once more is another question

    def key(self, provider: str, model: str) -> str:
        """A hash that is equal for equal questions to the same model."""
        parts = [
            provider,
            model,
            self.target,
            self.stage.value,
            str(self.attempt),
            str(self.turn),
            self.prompt.text,
        ]
        return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, and its cost. ``text`` is what came, word for word."""

    text: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    estimated: bool = False  # the tokens were counted by us


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The question was asked and no usable reply came: a fault of this one time, the run goes on."""

    reason: str


class LanguageModel(Protocol):
    """Answers questions, one at a time.

    Raises from ``answer``:
        ProposerError: asking again cannot help: the key is refused, the model does not exist.
    """

    provider: str
    model: str
    price: Price

    def answer(self, question: Question) -> Reply | NoAnswer: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What the command line hands over so that nothing else reads the environment."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_key: str = field(default="", repr=False)
    price: Price | None = None
    stop: StopRequest = field(default_factory=StopRequest)  # Ctrl-C: who is asked then is not waited for


OpenModel = Callable[[ModelSettings, Access], LanguageModel]
"""Makes a model from the settings. Raises ProposerError where it cannot be reached or is not priced."""
