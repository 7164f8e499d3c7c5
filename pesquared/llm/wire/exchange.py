"""One exchange with a provider's SDK: a deadline on the wall clock, and every failure a value.

The SDKs' own timeout counts per read, so that a server which sends a byte now and then is never given up. And the
deadline is kept from another thread, because a name that does not resolve blocks a whole event loop.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Protocol

from pesquared.core.stopping import StopRequest
from pesquared.llm.provider import Failed, Kind
from pesquared.llm.wire.failures import failure_of
from pesquared.llm.wire.transport import Line, UnusableBody

TICK_S = 0.1  # how soon Ctrl-C is noticed
GRACE_S = 1.0  # for a loop to end after its deadline
HIDDEN = "[a key]"
SHOWN = 300  # characters of an error


class Streamed(Protocol):
    """What the SDKs' ``with_streaming_response`` gives."""

    def iter_bytes(self) -> AsyncIterator[bytes]: ...


Ask = Callable[[], AbstractAsyncContextManager[Streamed]]


@dataclass(slots=True)
class _Exchange:
    """Runs in a thread of its own; ``done`` is set when ``result`` or ``bug`` is."""

    sdk: ModuleType
    ask: Ask
    timeout_s: float
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    result: bytes | Failed | None = None
    bug: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = asyncio.run(self._read_or_fail())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
            self.bug = error
        finally:
            self.done.set()

    async def _read_or_fail(self) -> bytes | Failed:
        import httpx2

        who = self.sdk.__name__
        try:
            return await self._read_unless_cancelled()
        except self.sdk.APIStatusError as error:
            response = error.response
            body = response.content if response.is_stream_consumed else b""
            return failure_of(response.status_code, dict(response.headers), body, who, time.time())
        except TimeoutError:
            return _late(who, self.timeout_s)
        except (self.sdk.APIError, httpx2.HTTPError, httpx2.InvalidURL, UnusableBody) as error:
            return _broken(who, error)
        except asyncio.CancelledError:
            return Failed(Kind.STOPPED, f"{who} was not waited for", perhaps_paid=True)

    async def _read_unless_cancelled(self) -> bytes:
        reading = asyncio.ensure_future(self._read())
        while not reading.done():
            await asyncio.wait({reading}, timeout=TICK_S)
            if self.cancelled.is_set():
                reading.cancel()
        return await reading

    async def _read(self) -> bytes:
        body = bytearray()
        async with asyncio.timeout(self.timeout_s), self.ask() as response:
            async for chunk in response.iter_bytes():
                body += chunk
        return bytes(body)


def exchange(sdk: ModuleType, ask: Ask, line: Line, stop: StopRequest) -> bytes | Failed:
    """Sends a request and reads its answer, whatever it is; a key that comes back is taken out of it.

    Args:
        sdk: the module ``openai`` or ``anthropic``: both name their errors alike.
        ask: opens the streamed response; called inside an event loop.
        line: what it is sent over, with the seconds for all of it.
        stop: the answer is not waited for once it is set.
    """
    result = _exchanged(sdk, ask, line.timeout_s, stop)
    for secret in line.secrets:
        if isinstance(result, bytes):
            result = result.replace(secret.encode(), HIDDEN.encode())
        else:
            result = replace(
                result, reason=result.reason.replace(secret, HIDDEN), fix=result.fix.replace(secret, HIDDEN)
            )
    return result


def _exchanged(sdk: ModuleType, ask: Ask, timeout_s: float, stop: StopRequest) -> bytes | Failed:
    one = _Exchange(sdk, ask, timeout_s)
    threading.Thread(target=one.run, name=f"asking {sdk.__name__}", daemon=True).start()
    end = time.monotonic() + timeout_s + GRACE_S
    while not one.done.wait(TICK_S):
        if stop.requested:
            one.cancelled.set()
            end = min(end, time.monotonic() + GRACE_S)
        if time.monotonic() > end:
            stopped = Failed(Kind.STOPPED, f"{sdk.__name__} was not waited for", perhaps_paid=True)
            return stopped if stop.requested else _late(sdk.__name__, timeout_s)
    if one.bug is not None:
        raise one.bug
    return one.result if one.result is not None else _late(sdk.__name__, timeout_s)


def _late(who: str, timeout_s: float) -> Failed:
    return Failed(Kind.RETRY, f"{who} did not answer within {timeout_s:g} s", perhaps_paid=True)


def _broken(who: str, error: Exception) -> Failed:
    """What the network did. Before the request was sent nothing can have been charged for."""
    import httpx2

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, httpx2.HTTPError | httpx2.InvalidURL | UnusableBody):
        cause = cause.__cause__ or cause.__context__
    unsent = isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol)
    if isinstance(cause, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return Failed(Kind.FATAL_CONFIG, f"{who}: {str(cause)[:SHOWN]}", fix="check --base-url")
    said = str(cause or error)[:SHOWN] or type(cause or error).__name__
    return Failed(
        Kind.RETRY,
        f"{who} could not be asked: {said}",
        perhaps_paid=not unsent,
        strange=unsent or isinstance(cause, UnusableBody),
        fix="is the server there? check --base-url and the network" if unsent else "",
    )
