"""The limits of a run: money, calls, minutes. Looked at before every call, with the most that it could cost."""

from dataclasses import dataclass, field

from pesquared.core.attempt import Spending
from pesquared.errors import BudgetError
from pesquared.llm.model import Question
from pesquared.llm.patience.clock import Clock, SystemClock
from pesquared.llm.provider import Provider
from pesquared.llm.spending.ledger import Ledger
from pesquared.llm.spending.price import Usage
from pesquared.llm.tokens import MARGIN, estimate_tokens

ROUNDING = 1e-9  # of sums of floats


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a run. 0 calls or minutes: no limit; 0 USD: nothing that costs anything is asked."""

    usd: float = 1.0
    calls: int = 0
    minutes: float = 0.0


@dataclass(slots=True)
class Budget:
    """What is left. The minutes count from when it is made."""

    limits: Limits
    ledger: Ledger = field(default_factory=Ledger)
    clock: Clock = field(default_factory=SystemClock)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock.monotonic()

    @property
    def left_s(self) -> float:
        """Seconds until the minutes are over."""
        if not self.limits.minutes:
            return float("inf")
        return self._began + 60 * self.limits.minutes - self.clock.monotonic()

    def reserve(self, call: str, provider: Provider, question: Question) -> None:
        """Takes the worst case of a call out of what is left.

        Raises:
            BudgetError: it does not fit.
        """
        if self.left_s <= 0:
            raise BudgetError(
                f"the {self.limits.minutes:g} minutes are over", "allow more with --max-minutes MINUTES"
            )
        if self.limits.calls and self.ledger.calls >= self.limits.calls:
            raise BudgetError(f"the {self.limits.calls} calls are made", "allow more with --max-calls N")
        worst = worst_case(provider, question)
        left = self.ledger.reserve(call, worst, self.limits.usd + ROUNDING)
        if left is not None:
            raise BudgetError(
                f"the next question could cost {worst:.4f} USD, and {max(0.0, left):.4f} of "
                f"{self.limits.usd:g} USD are left",
                "allow more with --max-cost USD",
            )

    def spending(self) -> Spending:
        """Until now."""
        return self.ledger.spending(self.limits.usd)


def worst_case(provider: Provider, question: Question) -> float:
    """USD: every token of the prompt put into a cache, and the longest answer.

    Vocabularies differ between models, so that a prompt may be more tokens to this one than our estimate says.
    """
    tokens = round(MARGIN * (estimate_tokens(question.prompt.text) + estimate_tokens(question.so_far))) + 64
    plain = provider.price.cost(Usage(tokens, provider.longest_answer))
    return max(plain, provider.price.cost(Usage(tokens, provider.longest_answer, cache_written=tokens)))
