"""``openai`` by the responses API, which OpenAI's present models are made for. Nothing is kept there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pesquared.core.stopping import StopRequest
from pesquared.llm.model import Question
from pesquared.llm.provider import Failed, Kind, Spoken, estimated
from pesquared.llm.providers.chat import turns
from pesquared.llm.spending.price import Price, Usage
from pesquared.llm.wire.exchange import Streamed, exchange
from pesquared.llm.wire.failures import NO_MONEY
from pesquared.llm.wire.reading import read_json
from pesquared.llm.wire.transport import Line, open_client


class Part(msgspec.Struct):
    type: str
    text: str = ""
    refusal: str = ""


class Item(msgspec.Struct):
    """A message has ``content``; reasoning and calls of tools are passed over."""

    type: str
    content: list[Part] | None = None


class Why(msgspec.Struct):
    reason: str | None = None


class Fault(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class Details(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class Tokens(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: Details | None = None


class Response(msgspec.Struct):
    """The part of a response that is used."""

    output: list[Item]
    status: str | None = None
    incomplete_details: Why | None = None
    error: Fault | None = None
    usage: Tokens | None = None


@dataclass(frozen=True, slots=True)
class ResponsesModel:
    """A model of OpenAI's."""

    model: str
    line: Line
    price: Price
    longest_answer: int
    temperature: float | None
    stop: StopRequest = field(default_factory=StopRequest)
    provider: str = "openai"

    @property
    def identity(self) -> str:
        return f"responses {self.line.described} {self.model} {self.temperature} {self.longest_answer}"

    def send(self, question: Question) -> bytes | Failed:
        """Asks once."""
        import openai

        return exchange(openai, lambda: self._ask(question), self.line, self.stop)

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        """What the response says."""
        response = read_json(body, Response, self.provider)
        if isinstance(response, Failed):
            return response
        parts = [part for item in response.output if item.type == "message" for part in item.content or ()]
        text = "".join(part.text for part in parts if part.type == "output_text")
        usage = _usage(response.usage) if response.usage else estimated(question, text)
        if response.status == "failed" and response.error:
            return _failed(response.error)
        why = (response.incomplete_details.reason or "") if response.incomplete_details else ""
        refusal = "".join(part.refusal for part in parts if part.type == "refusal")
        if refusal or why == "content_filter":
            return Spoken(text, usage, problem="refused", detail=refusal or "content filter")
        truncated = response.status == "incomplete"
        return Spoken(text, usage, truncated, "" if text.strip() else "empty-reply", why)

    @asynccontextmanager
    async def _ask(self, question: Question) -> AsyncIterator[Streamed]:
        import openai

        options: dict[str, Any] = {} if self.temperature is None else {"temperature": self.temperature}
        async with (
            openai.AsyncOpenAI(
                api_key=self.line.api_key,
                base_url=self.line.base_url,
                max_retries=0,
                timeout=self.line.timeout_s,
                http_client=open_client(self.line),
            ) as client,
            client.responses.with_streaming_response.create(
                model=self.model,
                input=turns(question),
                max_output_tokens=self.longest_answer,
                store=False,
                **options,
            ) as response,
        ):
            yield response


def _failed(fault: Fault) -> Failed:
    said = f"{fault.code or ''} {fault.message or ''}".strip()[:200]
    kind = Kind.FATAL_BUDGET if NO_MONEY.search(said) else Kind.RETRY
    return Failed(kind, f"openai failed: {said}", perhaps_paid=True)


def _usage(tokens: Tokens) -> Usage:
    details = tokens.input_tokens_details or Details()
    return Usage(
        max(0, tokens.input_tokens),
        max(0, tokens.output_tokens),
        max(0, details.cached_tokens or 0),
        max(0, details.cache_write_tokens or 0),
    )
