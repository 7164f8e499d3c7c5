"""What is asked of a language model and what comes back, whoever answers."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Protocol

from pesquared.core.proposal import Stage


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
    so_far: str = ""  # an answer that was cut off and is to be gone on with

    @property
    def digest(self) -> str:
        """A hash that is equal for equal questions, whoever is asked."""
        parts = [self.target, self.stage.value, str(self.attempt), str(self.turn), self.prompt.text, self.so_far]
        return _digest(parts)

    def key(self, identity: str) -> str:
        """A hash that is equal for equal questions to the same model: ``identity`` is a provider's."""
        return _digest([identity, self.digest])


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
    truncated: bool = False  # it ends where the model had no room left


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The question was asked and no usable reply came: a fault of this one time, the run goes on."""

    reason: str
    reason_code: str = field(default="no-answer")  # or "refused", "empty-reply"
    cost_usd: float = 0.0


class LanguageModel(Protocol):
    """Answers questions. Safe to be asked from several threads.

    Raises from ``answer``:
        ProposerError: asking again cannot help: the key is refused, the model does not exist.
        BudgetError: the worst case of the question does not fit into what is left.
    """

    provider: str
    model: str

    def answer(self, question: Question) -> Reply | NoAnswer: ...


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
