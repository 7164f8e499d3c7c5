"""How bytes travel: nothing is followed, taken from the environment or unpacked, and no body is longer than a cap.

The SDKs read the body of an error whole, whatever its length: so the cap is put below them.
"""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from pesquared.errors import UsageError

if TYPE_CHECKING:
    import httpx2

LONGEST_BODY = 32 << 20
SHORTEST_SECRET = 8  # a shorter one is none, and may be a word


class UnusableBody(Exception):  # noqa: N818 - a signal between this file and exchange.py
    """It is longer than any reply, or packed although that was not asked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """How a provider's address is reached."""

    base_url: str
    api_key: str = field(repr=False)
    timeout_s: float
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca_file: str = ""  # of certificates to trust beside the system's

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must come back to nobody, should a server say it again."""
        return tuple(
            text for text in (self.api_key, *(value for _, value in self.headers)) if len(text) >= SHORTEST_SECRET
        )

    @property
    def described(self) -> str:
        """Address and names of headers, without what is secret."""
        names = ",".join(name.lower() for name, _ in self.headers)
        return f"{self.base_url} {names}".strip()


def open_client(line: Line) -> "httpx2.AsyncClient":
    """A client for one exchange."""
    import httpx2

    inner = httpx2.AsyncHTTPTransport(verify=_certificates(line.ca_file), trust_env=False)
    headers = {"Accept-Encoding": "identity", **dict(line.headers)}
    return httpx2.AsyncClient(
        transport=_capped(inner), follow_redirects=False, trust_env=False, timeout=line.timeout_s, headers=headers
    )


@cache
def _certificates(ca_file: str) -> ssl.SSLContext:
    """What a server is believed by; made once, since that takes longer than a request."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"{ca_file} holds no certificates: {error}",
                "[model] ca_file is a file of certificates in PEM form",
            ) from error
    return context


def check_certificates(ca_file: str) -> None:
    """Raises UsageError where the file cannot be used."""
    _certificates(ca_file)


def _capped(inner: "httpx2.AsyncBaseTransport") -> "httpx2.AsyncBaseTransport":
    """A transport whose bodies end with ``UnusableBody`` where they go beyond the cap."""
    import httpx2

    class CappedStream(httpx2.AsyncByteStream):
        def __init__(self, stream: httpx2.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            length = 0
            async for chunk in self._stream:
                length += len(chunk)
                if length > LONGEST_BODY:
                    raise UnusableBody(f"more than {LONGEST_BODY >> 20} MiB")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    class CappedTransport(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            response = await inner.handle_async_request(request)
            stream = response.stream
            if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
                await response.aclose()
                raise UnusableBody("a packed body, which was not asked for")
            if isinstance(stream, httpx2.AsyncByteStream):
                response.stream = CappedStream(stream)
            return response

        async def aclose(self) -> None:
            await inner.aclose()

    return CappedTransport()
