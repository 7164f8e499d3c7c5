"""What tokens cost: by the user's word, by genai-prices, or nothing for a model on this machine."""

import ipaddress
import math
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from pesquared.errors import ProposerError, UsageError

WRITING_TO_A_CACHE = 1.25  # times the price of reading: the dearest that a provider takes by default


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one exchange. ``read`` counts all of the prompt, whether it came from a cache or not."""

    read: int
    written: int
    cached: int = 0  # of ``read``: found in the provider's cache
    cache_written: int = 0  # of ``read``: put there
    estimated: bool = False  # counted by us


class Price(Protocol):
    """What a model costs."""

    def cost(self, usage: Usage) -> float:
        """USD for one exchange."""

    def describe(self) -> str:
        """For people."""


@dataclass(frozen=True, slots=True)
class Stated:
    """USD per million tokens, as the user says. What a cache saves is not counted: the sum is an upper bound."""

    input: float
    output: float

    def cost(self, usage: Usage) -> float:
        """USD for one exchange."""
        read = usage.read + (WRITING_TO_A_CACHE - 1) * usage.cache_written
        return (self.input * read + self.output * usage.written) / 1e6

    def describe(self) -> str:
        if self == FREE:
            return "free"
        return f"{self.input:g} USD per million tokens read, {self.output:g} written"


FREE = Stated(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that genai-prices knows, with tiers and prices of caches."""

    model: str
    provider: str = ""
    base_url: str = ""  # names the provider where that is ""

    def cost(self, usage: Usage) -> float:
        """USD for one exchange."""
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price

        tokens = Tokens(
            input_tokens=usage.read,
            output_tokens=usage.written,
            cache_read_tokens=min(usage.cached, usage.read),
            cache_write_tokens=min(usage.cache_written, usage.read - min(usage.cached, usage.read)),
        )
        if self.provider:
            return float(calc_price(tokens, self.model, provider_id=self.provider).total_price)
        return float(calc_price(tokens, self.model, provider_api_url=self.base_url).total_price)

    def describe(self) -> str:
        million = Usage(10**5, 0), Usage(0, 10**5)
        read, written = (10 * self.cost(usage) for usage in million)
        return f"{read:g} USD per million tokens read, {written:g} written"

    @property
    def known(self) -> bool:
        """Does the list hold it?"""
        try:
            self.cost(Usage(1, 1))
        except (LookupError, ValueError):
            return False
        return True


def parse_price(text: str) -> Stated:
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
    return Stated(*numbers)


def price_of(provider: str, model: str, base_url: str, stated: Price | None) -> Price:
    """The stated price, else nothing for a model on this machine, else the listed one.

    Raises:
        ProposerError: nobody knows what the model costs.
    """
    if stated is not None:
        return stated
    if base_url and is_local(base_url):
        return FREE
    listed = Listed(model, base_url=base_url) if base_url else Listed(model, provider)
    if listed.known:
        return listed
    raise ProposerError(
        f"{provider} model {model!r} is not priced, so its cost cannot be kept in bounds",
        "add --price IN/OUT, in USD per million tokens read and written (0/0 for a model of your own)",
    )


def is_local(base_url: str) -> bool:
    """Is it an address of this machine?"""
    try:
        host = urlsplit(base_url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
