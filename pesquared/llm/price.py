"""What tokens cost. Prices drift, so none is built in: the user states them, and only a local model is free."""

import ipaddress
import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from pesquared.errors import ProposerError, UsageError


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float
    output: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """USD for one exchange."""
        return (self.input * input_tokens + self.output * output_tokens) / 1e6


FREE = Price(0.0, 0.0)


def parse_price(text: str) -> Price:
    """Reads ``IN/OUT``, such as ``1.25/10``.

    Raises:
        UsageError: these are not two numbers from 0 up.
    """
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        numbers = []
    if len(numbers) != 2 or not all(math.isfinite(number) and number >= 0 for number in numbers):
        raise UsageError(
            f"{text!r} is not a price", "give USD per million tokens read and written, such as --price 1.25/10"
        )
    return Price(*numbers)


def price_of(provider: str, model: str, base_url: str, stated: Price | None) -> Price:
    """The stated price; nothing for a model on this machine.

    Raises:
        ProposerError: nobody has said what the model costs.
    """
    if stated is not None:
        return stated
    if base_url and _is_local(base_url):
        return FREE
    raise ProposerError(
        f"{provider} model {model!r} is not priced, so its cost cannot be kept in bounds",
        "add --price IN/OUT, in USD per million tokens read and written (0/0 for a model of your own)",
    )


def _is_local(base_url: str) -> bool:
    try:
        host = urlsplit(base_url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
