"""``anthropic``: Claude by the messages API. It takes no temperature; the stable part of the prompt is cached."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.knobs import DEFAULT_MODELS, longest_answer
from pesquared.llm.model import Question
from pesquared.llm.provider import Access, Failed, Spoken, sendable
from pesquared.llm.providers.addressed import line_to
from pesquared.llm.providers.chat import GO_ON
from pesquared.llm.spending.price import Price, Usage, price_of
from pesquared.llm.wire.exchange import Streamed, exchange
from pesquared.llm.wire.reading import read_json
from pesquared.llm.wire.transport import Line, open_client

BASE_URL = "https://api.anthropic.com"
CUT_OFF = ("max_tokens", "model_context_window_exceeded")


class Block(msgspec.Struct):
    type: str
    text: str = ""


class Tokens(msgspec.Struct):
    """The API leaves what was read from or written to its cache out of ``input_tokens``."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None

    @property
    def usage(self) -> Usage:
        cached, written = max(0, self.cache_read_input_tokens or 0), max(0, self.cache_creation_input_tokens or 0)
        return Usage(max(0, self.input_tokens) + cached + written, max(0, self.output_tokens), cached, written)


class Message(msgspec.Struct):
    """The part of a message that is used."""

    content: list[Block]
    usage: Tokens
    stop_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClaudeModel:
    """A Claude model."""

    model: str
    line: Line
    price: Price
    longest_answer: int
    stop: StopRequest = field(default_factory=StopRequest)
    provider: str = "anthropic"

    @property
    def identity(self) -> str:
        return f"messages {self.line.described} {self.model} {self.longest_answer}"

    def send(self, question: Question) -> bytes | Failed:
        """Asks once."""
        import anthropic

        return exchange(anthropic, lambda: self._ask(question), self.line, self.stop)

    def read(self, body: bytes, question: Question) -> Spoken | Failed:  # noqa: ARG002 - the usage is always told
        """What the message says."""
        message = read_json(body, Message, self.provider)
        if isinstance(message, Failed):
            return message
        text = "".join(block.text for block in message.content if block.type == "text")
        if message.stop_reason == "refusal":
            return Spoken(text, message.usage.usage, problem="refused", detail=text[:200])
        truncated = message.stop_reason in CUT_OFF
        return Spoken(text, message.usage.usage, truncated, "" if text.strip() else "empty-reply")

    @asynccontextmanager
    async def _ask(self, question: Question) -> AsyncIterator[Streamed]:
        import anthropic

        async with (
            anthropic.AsyncAnthropic(
                api_key=self.line.api_key,
                base_url=self.line.base_url,
                max_retries=0,
                timeout=self.line.timeout_s,
                http_client=open_client(self.line),
            ) as client,
            client.messages.with_streaming_response.create(
                model=self.model, max_tokens=self.longest_answer, messages=_turns(question)
            ) as response,
        ):
            yield response


def _turns(question: Question) -> list[Any]:
    stable, varying = sendable(question.prompt.stable), sendable(question.prompt.varying)
    asked = [
        {"type": "text", "text": stable, "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": varying},
    ]
    messages: list[Any] = [{"role": "user", "content": asked}]
    if question.so_far:
        so_far = sendable(
            question.so_far
        ).rstrip()  # the API refuses white space at the end of what is gone on with
        messages += [{"role": "assistant", "content": so_far}, {"role": "user", "content": GO_ON}]
    return messages


def open_provider(settings: ModelSettings, access: Access) -> ClaudeModel:
    """The model named in the settings.

    Raises:
        ProposerError: no key or no price.
        UsageError: a header or the file of certificates cannot be used.
    """
    if not access.api_key:
        raise ProposerError("there is no key for Anthropic", "set ANTHROPIC_API_KEY")
    model = settings.model or DEFAULT_MODELS["anthropic"]
    price = price_of("anthropic", model, settings.base_url, access.price)
    line = line_to(settings.base_url or BASE_URL, access.api_key, settings, access)
    return ClaudeModel(model, line, price, longest_answer(model, settings.max_tokens), access.stop)
