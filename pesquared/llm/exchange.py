"""One exchange with a provider's SDK: a deadline on the wall clock, a cap on the body, its errors made ours.

The SDKs' own timeout counts per read, so that a server which sends a byte now and then is never given up; and they
take ``null`` for an answer. So the body is read here, and validated by the adapter.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from types import ModuleType
from typing import Protocol, TypeVar

import msgspec

from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError
from pesquared.llm.model import NoAnswer

LONGEST_BODY = 32 << 20
TICK_S = 0.1  # how soon Ctrl-C is noticed
SHOWN = 300  # characters of a server's message
HOPELESS = {401: "the key is refused", 403: "the key may not do this", 404: "there is no such model or address"}

T = TypeVar("T")


class Streamed(Protocol):
    """What the SDKs' ``with_streaming_response`` gives."""

    def iter_bytes(self) -> AsyncIterator[bytes]: ...


Ask = Callable[[], AbstractAsyncContextManager[Streamed]]


class Oversized(Exception):  # noqa: N818 - a signal of this file
    """The body is longer than any reply."""


def exchange(  # noqa: PLR0911 (one line for each way in which it fails)
    sdk: ModuleType, ask: Ask, timeout_s: float, schema: type[T], stop: StopRequest
) -> T | NoAnswer:
    """Sends a request and reads its answer.

    Args:
        sdk: the module ``openai`` or ``anthropic``: both name their errors alike.
        ask: opens the streamed response; called inside an event loop.
        timeout_s: for all of it.
        schema: what the body has to be.
        stop: the answer is not waited for once it is set.

    Raises:
        ProposerError: the provider refuses in a way that asking again cannot heal.
    """
    import httpx2

    try:
        body = _run(_read_unless(stop, ask, timeout_s))
        return msgspec.json.decode(body, type=schema)
    except sdk.APIStatusError as error:
        status = int(error.status_code)
        if status in HOPELESS:
            raise ProposerError(
                f"{sdk.__name__} answered {status}: {HOPELESS[status]}", "check the key, --model and --base-url"
            ) from error
        return NoAnswer(f"{sdk.__name__} answered {status}: {str(error)[:SHOWN]}")
    except TimeoutError:
        return NoAnswer(f"{sdk.__name__} did not answer within {timeout_s:g} s")
    except (sdk.APIError, httpx2.HTTPError) as error:
        return NoAnswer(f"{sdk.__name__} could not be asked: {str(error)[:SHOWN] or type(error).__name__}")
    except asyncio.CancelledError:
        return NoAnswer(f"{sdk.__name__} was not waited for")
    except Oversized:
        return NoAnswer(f"{sdk.__name__} sent more than {LONGEST_BODY >> 20} MiB")
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        return NoAnswer(f"{sdk.__name__} sent something that is no answer: {str(error)[:SHOWN]}")


async def _read_unless(stop: StopRequest, ask: Ask, timeout_s: float) -> bytes:
    reading = asyncio.ensure_future(_read(ask, timeout_s))
    while not reading.done():
        await asyncio.wait({reading}, timeout=TICK_S)
        if stop.requested:
            reading.cancel()
    return await reading


async def _read(ask: Ask, timeout_s: float) -> bytes:
    body = bytearray()
    async with asyncio.timeout(timeout_s), ask() as response:
        async for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LONGEST_BODY:
                raise Oversized
    return bytes(body)


def _run(work: Coroutine[None, None, T]) -> T:
    """Runs to the end, also below a running event loop, as notebooks have one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
