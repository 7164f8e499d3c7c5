"""Is somebody there? Asks an address for its list of models, which costs nothing."""

import asyncio
from dataclasses import dataclass

import msgspec

from pesquared.llm.wire.failures import failure_of
from pesquared.llm.wire.transport import Line, UnusableBody, open_client

PATIENCE_S = 5.0
LOCAL = (
    ("Ollama", "http://127.0.0.1:11434/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
    ("vLLM", "http://127.0.0.1:8000/v1"),
)
ANTHROPIC_VERSION = "2023-06-01"


@dataclass(frozen=True, slots=True)
class Reached:
    """What an address said. ``problem`` is "" where it has a list of models."""

    models: tuple[str, ...] = ()
    problem: str = ""


class Listed(msgspec.Struct):
    id: str


class Models(msgspec.Struct):
    """The form that OpenAI, Anthropic and those who speak like them give the list."""

    data: list[Listed]


def reach(line: Line, provider: str = "openai") -> Reached:
    """Asks for the list of models; everything that can go wrong is a problem."""
    import httpx2

    try:
        status, headers, body = asyncio.run(_ask(line, provider))
    except TimeoutError:
        return Reached(problem=f"no answer within {PATIENCE_S:g} s")
    except (httpx2.HTTPError, httpx2.InvalidURL, UnusableBody) as error:
        return Reached(problem=_without(line, str(error)) or type(error).__name__)
    if status != 200:
        return Reached(problem=_without(line, failure_of(status, headers, body, "it", 0).reason))
    try:
        return Reached(tuple(model.id for model in msgspec.json.decode(body, type=Models).data))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return Reached(problem="it answers, but with no list of models")


async def _ask(line: Line, provider: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"Authorization": f"Bearer {line.api_key}"}
    path = "/models"
    if provider == "anthropic":
        headers |= {"x-api-key": line.api_key, "anthropic-version": ANTHROPIC_VERSION}
        path = "/v1/models"
    async with asyncio.timeout(PATIENCE_S), open_client(line) as client:
        response = await client.get(line.base_url.rstrip("/") + path, headers=headers)
        return response.status_code, dict(response.headers), response.content


def _without(line: Line, text: str) -> str:
    for secret in line.secrets:
        text = text.replace(secret, "[a key]")
    return text[:200]
