"""``openai`` by chat completions: what Ollama, vLLM, llama.cpp and gateways speak, and OpenAI's older models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pesquared.core.stopping import StopRequest
from pesquared.llm.model import Question
from pesquared.llm.provider import Failed, Spoken, estimated, sendable
from pesquared.llm.spending.price import Price, Usage
from pesquared.llm.wire.exchange import Streamed, exchange
from pesquared.llm.wire.reading import read_json
from pesquared.llm.wire.transport import Line, open_client

GO_ON = "Go on exactly where you stopped. Repeat nothing, and say nothing about it."


class Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class Choice(msgspec.Struct):
    message: Message
    finish_reason: str | None = None


class Details(msgspec.Struct):
    cached_tokens: int | None = None


class Tokens(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: Details | None = None


class Completion(msgspec.Struct):
    """The part of a chat completion that is used; the rest is not looked at."""

    choices: list[Choice]
    usage: Tokens | None = None


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model behind an OpenAI-compatible address.

    ``limit_name`` is what the address calls the longest answer: OpenAI ``max_completion_tokens``, all others
    ``max_tokens``.
    """

    model: str
    line: Line
    price: Price
    longest_answer: int
    temperature: float | None
    limit_name: str = "max_tokens"
    stop: StopRequest = field(default_factory=StopRequest)
    provider: str = "openai"

    @property
    def identity(self) -> str:
        return f"chat {self.line.described} {self.model} {self.temperature} {self.longest_answer}"

    def send(self, question: Question) -> bytes | Failed:
        """Asks once."""
        import openai

        return exchange(openai, lambda: self._ask(question), self.line, self.stop)

    def read(self, body: bytes, question: Question) -> Spoken | Failed:
        """What the completion says; without usage it is estimated."""
        completion = read_json(body, Completion, self.provider)
        if isinstance(completion, Failed):
            return completion
        choice = completion.choices[0] if completion.choices else Choice(Message())
        text = choice.message.content or ""
        usage = _usage(completion.usage) if completion.usage else estimated(question, text)
        truncated = choice.finish_reason == "length"
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return Spoken(text, usage, problem="refused", detail=choice.message.refusal or "content filter")
        return Spoken(text, usage, truncated, "" if text.strip() else "empty-reply")

    @asynccontextmanager
    async def _ask(self, question: Question) -> AsyncIterator[Streamed]:
        import openai

        options: dict[str, Any] = {} if self.temperature is None else {"temperature": self.temperature}
        if self.longest_answer:
            options[self.limit_name] = self.longest_answer
        async with (
            openai.AsyncOpenAI(
                api_key=self.line.api_key,
                base_url=self.line.base_url,
                max_retries=0,
                timeout=self.line.timeout_s,
                http_client=open_client(self.line),
            ) as client,
            client.chat.completions.with_streaming_response.create(
                model=self.model, messages=turns(question), **options
            ) as response,
        ):
            yield response


def turns(question: Question) -> list[Any]:
    """The question as messages; an answer that was cut off is put before the wish to go on with it."""
    asked = {"role": "user", "content": sendable(question.prompt.text)}
    if not question.so_far:
        return [asked]
    return [asked, {"role": "assistant", "content": sendable(question.so_far)}, {"role": "user", "content": GO_ON}]


def _usage(tokens: Tokens) -> Usage:
    details = tokens.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details else 0
    return Usage(max(0, tokens.prompt_tokens), max(0, tokens.completion_tokens), max(0, cached))
