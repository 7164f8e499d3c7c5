"""Several models, of which one is drawn for every proposal; its repair turns go to the same."""

import hashlib
import math
from collections.abc import Sequence

from pesquared.errors import UsageError
from pesquared.llm.model import LanguageModel, NoAnswer, Question, Reply


class Mixture:
    """A ``LanguageModel`` of weighted ones.

    What is drawn depends on the question's function and attempt alone: a run that is begun again asks the same.

    Args:
        models: with their weights, more than 0.
    """

    def __init__(self, models: Sequence[tuple[LanguageModel, float]]) -> None:
        self.provider = models[0][0].provider
        self.model = ", ".join(model.model for model, _ in models)
        self._models = models

    def answer(self, question: Question) -> Reply | NoAnswer:
        """Asks the one that was drawn; raises what it raises."""
        return self.drawn(question).answer(question)

    def drawn(self, question: Question) -> LanguageModel:
        """Who is asked."""
        seed = f"{question.attempt}\0{question.target}".encode("utf-8", "surrogatepass")
        place = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") / 2**64
        left = place * sum(weight for _, weight in self._models)
        for model, weight in self._models:
            left -= weight
            if left < 0:
                return model
        return self._models[-1][0]


def parse_mix(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Reads ``MODEL=WEIGHT``; without a weight it is 1.

    Raises:
        UsageError: a weight is no number above 0.
    """
    return [_parse_weighted(text) for text in texts]


def _parse_weighted(text: str) -> tuple[str, float]:
    model, equals, weight = text.rpartition("=")
    if not equals:
        return text, 1.0
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not model or not (math.isfinite(number) and number > 0):
        raise UsageError(f"{text!r} is no model with its weight", "write MODEL=WEIGHT, such as --model small=0.8")
    return model, number
