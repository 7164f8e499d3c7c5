"""``anthropic``: Claude by the messages API. It takes no temperature; the stable part of the prompt is cached."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.exchange import Streamed, exchange
from pesquared.llm.model import LONGEST_ANSWER, Access, NoAnswer, Question, Reply
from pesquared.llm.price import Price, price_of

BASE_URL = "https://api.anthropic.com"


class Block(msgspec.Struct):
    type: str
    text: str = ""


class Usage(msgspec.Struct):
    """The API leaves what was read from or written to its cache out of ``input_tokens``."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None

    @property
    def read(self) -> int:
        return self.input_tokens + (self.cache_read_input_tokens or 0) + (self.cache_creation_input_tokens or 0)


class Message(msgspec.Struct):
    """The part of a message that is used."""

    content: list[Block]
    usage: Usage


class AnthropicModel:
    """A Claude model.

    Args:
        model: its name.
        api_key: the key.
        base_url: "" for Anthropic itself.
        price: what it costs.
        timeout_s: wall-clock seconds for one answer.
        stop: an answer is not waited for once it is set.

    Raises:
        ProposerError: no price, no key or no model.
    """

    provider = "anthropic"

    def __init__(
        self,
        model: str,
        *,
        api_key: str = "",
        base_url: str = "",
        price: Price | None = None,
        timeout_s: float = 300.0,
        stop: StopRequest | None = None,
    ) -> None:
        if not model:
            raise ProposerError("no model is named", "add --model NAME")
        if not api_key:
            raise ProposerError("there is no key for Anthropic", "set ANTHROPIC_API_KEY")
        self.model = model
        self.price = price_of(self.provider, model, base_url, price)
        self._api_key = api_key
        self._base_url = base_url or BASE_URL
        self._timeout_s = timeout_s
        self._stop = stop or StopRequest()

    def answer(self, question: Question) -> Reply | NoAnswer:
        """Asks once.

        Raises:
            ProposerError: the key or the model is refused.
        """
        import anthropic

        message = exchange(anthropic, lambda: self._ask(question), self._timeout_s, Message, self._stop)
        if isinstance(message, NoAnswer):
            return message
        text = "".join(block.text for block in message.content if block.type == "text")
        if not text:
            return NoAnswer("anthropic sent an empty answer")
        read, written = message.usage.read, message.usage.output_tokens
        return Reply(text, self.provider, self.model, read, written, self.price.cost(read, written))

    @asynccontextmanager
    async def _ask(self, question: Question) -> AsyncIterator[Streamed]:
        import anthropic

        stable, varying = (
            part.encode("utf-8", "replace").decode("utf-8")
            for part in (question.prompt.stable, question.prompt.varying)
        )
        transport = anthropic.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=False)
        async with (
            anthropic.AsyncAnthropic(
                api_key=self._api_key,
                base_url=self._base_url,
                max_retries=0,
                timeout=self._timeout_s,
                http_client=transport,
            ) as client,
            client.messages.with_streaming_response.create(
                model=self.model,
                max_tokens=LONGEST_ANSWER,
                messages=[
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": stable, "cache_control": {"type": "ephemeral"}},
                            {"type": "text", "text": varying},
                        ],
                    }
                ],
            ) as response,
        ):
            yield response


def open_model(settings: ModelSettings, access: Access) -> AnthropicModel:
    """The model named in the settings."""
    return AnthropicModel(
        settings.model,
        api_key=access.api_key,
        base_url=settings.base_url,
        price=access.price,
        timeout_s=settings.timeout_s,
        stop=access.stop,
    )
