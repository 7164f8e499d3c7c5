"""A limit on what a run may spend, checked before every question with the most that it could cost."""

from pesquared.errors import BudgetError
from pesquared.llm.model import LONGEST_ANSWER, LanguageModel, NoAnswer, Question, Reply
from pesquared.llm.tokens import estimate_tokens

# Vocabularies differ between models: a prompt may be more tokens to this one than our estimate says.
_MARGIN = 1.35


class Budgeted:
    """A model that is not asked when the answer could cost more than what is left.

    Args:
        model: who answers.
        limit_usd: for the whole run.
    """

    def __init__(self, model: LanguageModel, limit_usd: float) -> None:
        self.provider = model.provider
        self.model = model.model
        self.price = model.price
        self._model = model
        self._limit = limit_usd
        self.spent_usd = 0.0

    def answer(self, question: Question) -> Reply | NoAnswer:
        """Asks, if the worst case fits. A question without an answer counts as if it had cost its worst.

        Raises:
            BudgetError: it does not fit.
        """
        worst = self.price.cost(round(_MARGIN * estimate_tokens(question.prompt.text)), LONGEST_ANSWER)
        left = self._limit - self.spent_usd
        if worst > left:
            raise BudgetError(
                f"the next question could cost {worst:.2f} USD, and {left:.2f} of {self._limit:.2f} USD are left",
                "allow more with --max-cost USD",
            )
        reply = self._model.answer(question)
        self.spent_usd += reply.cost_usd if isinstance(reply, Reply) else worst
        return reply
