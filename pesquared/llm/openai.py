"""``openai``: OpenAI, and by ``--base-url`` all that speak its chat completions (Ollama, vLLM, llama.cpp)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.exchange import Streamed, exchange
from pesquared.llm.model import LONGEST_ANSWER, Access, NoAnswer, Question, Reply
from pesquared.llm.price import Price, price_of
from pesquared.llm.tokens import estimate_tokens

BASE_URL = "https://api.openai.com/v1"
FIXED_TEMPERATURE = re.compile(r"gpt-[5-9]|o[1-9]")  # reasoning models answer 400 when a temperature is sent


class Message(msgspec.Struct):
    content: str | None = None


class Choice(msgspec.Struct):
    message: Message


class Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completion(msgspec.Struct):
    """The part of a chat completion that is used; the rest is not looked at."""

    choices: list[Choice]
    usage: Usage | None = None


class OpenAIModel:
    """A model behind an OpenAI-compatible address.

    Args:
        model: its name there.
        api_key: "" for a server that wants none.
        base_url: "" for OpenAI itself.
        temperature: sent only to models that take one.
        price: what it costs; may be left out for an address on this machine.
        timeout_s: wall-clock seconds for one answer.
        stop: an answer is not waited for once it is set.

    Raises:
        ProposerError: no price, no key where one is needed, or no model named.
    """

    provider = "openai"

    def __init__(
        self,
        model: str,
        *,
        api_key: str = "",
        base_url: str = "",
        temperature: float = 0.7,
        price: Price | None = None,
        timeout_s: float = 300.0,
        stop: StopRequest | None = None,
    ) -> None:
        if not model:
            raise ProposerError("no model is named", "add --model NAME")
        if not api_key and not base_url:
            raise ProposerError(
                "there is no key for OpenAI", "set OPENAI_API_KEY, or --base-url for another server"
            )
        self.model = model
        self.price = price_of(self.provider, model, base_url, price)
        self._api_key = api_key or "none"
        self._base_url = base_url or BASE_URL
        self._temperature = None if FIXED_TEMPERATURE.match(model) else temperature
        self._timeout_s = timeout_s
        self._stop = stop or StopRequest()

    def answer(self, question: Question) -> Reply | NoAnswer:
        """Asks once.

        Raises:
            ProposerError: the key or the model is refused.
        """
        import openai

        text = question.prompt.text.encode("utf-8", "replace").decode("utf-8")
        completion = exchange(openai, lambda: self._ask(text), self._timeout_s, Completion, self._stop)
        if isinstance(completion, NoAnswer):
            return completion
        content = completion.choices[0].message.content if completion.choices else None
        if not content:
            return NoAnswer("openai sent an empty answer")
        usage = completion.usage or Usage(estimate_tokens(text), estimate_tokens(content))
        return Reply(
            content,
            self.provider,
            self.model,
            usage.prompt_tokens,
            usage.completion_tokens,
            self.price.cost(usage.prompt_tokens, usage.completion_tokens),
            estimated=completion.usage is None,
        )

    @asynccontextmanager
    async def _ask(self, text: str) -> AsyncIterator[Streamed]:
        import openai

        options: dict[str, Any] = {} if self._temperature is None else {"temperature": self._temperature}
        if self._base_url == BASE_URL:  # others know it by other names, or not at all
            options["max_completion_tokens"] = LONGEST_ANSWER
        transport = openai.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=False)
        async with (
            openai.AsyncOpenAI(
                api_key=self._api_key,
                base_url=self._base_url,
                max_retries=0,
                timeout=self._timeout_s,
                http_client=transport,
            ) as client,
            client.chat.completions.with_streaming_response.create(
                model=self.model, messages=[{"role": "user", "content": text}], **options
            ) as response,
        ):
            yield response


def open_model(settings: ModelSettings, access: Access) -> OpenAIModel:
    """The model named in the settings."""
    return OpenAIModel(
        settings.model,
        api_key=access.api_key,
        base_url=settings.base_url,
        temperature=settings.temperature,
        price=access.price,
        timeout_s=settings.timeout_s,
        stop=access.stop,
    )
