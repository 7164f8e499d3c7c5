"""A server on this machine that speaks the wire formats of language models, and misbehaves as it is told.

It works on the socket itself: what it sends need not be HTTP.
"""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

TEXT = "It is faster.\n\n```c\nint f(int x) { return x; }\n```\n"
READ, WRITTEN = 1000, 500  # tokens of an answer


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    sent: dict[str, object]

    @property
    def api(self) -> str:
        return {"completions": "chat", "responses": "responses"}.get(self.path.rsplit("/", 1)[-1], "messages")


@dataclass
class Talk:
    """One connection with its request, to answer as one likes."""

    link: socket.socket
    asked: Asked
    closing: threading.Event

    def send(self, data: bytes) -> bool:
        """Sends; False once the other side has gone."""
        try:
            self.link.sendall(data)
        except OSError:
            return False
        return True

    def reply(self, status: int = 200, body: bytes = b"", headers: str = "", length: int | None = None) -> None:
        """An ordinary HTTP answer; ``length`` may lie."""
        length = len(body) if length is None else length
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}"
        self.send(head.encode("latin-1") + b"Connection: close\r\n\r\n" + body)

    def reset(self) -> None:
        """Ends the connection as a crashed server does."""
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.link.close()


Behaviour = Callable[[Talk], object]


def answer(api: str, text: str | None = TEXT, ending: str = "", usage: bool = True) -> dict[str, object]:
    """A proper answer in the wire format; ``ending`` "" for a good one, "cut" or "refused"."""
    if api == "chat":
        finish = {"": "stop", "cut": "length", "refused": "content_filter"}[ending]
        message = {"role": "assistant", "content": text, "refusal": "no" if ending == "refused" else None}
        body: dict[str, object] = {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        }  # fmt: skip
        told: dict[str, object] = {
            "prompt_tokens": READ, "completion_tokens": WRITTEN, "total_tokens": READ + WRITTEN,
            "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 0},
        }  # fmt: skip
    elif api == "responses":
        part: dict[str, object] = (
            {"type": "refusal", "refusal": "no"}
            if ending == "refused"
            else {"type": "output_text", "text": text, "annotations": []}
        )
        content = [part] if text is not None else []
        body = {
            "id": "resp_1", "object": "response", "created_at": 1, "model": "m", "error": None,
            "status": "incomplete" if ending == "cut" else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if ending == "cut" else None,
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content},
            ],
        }  # fmt: skip
        told = {
            "input_tokens": READ, "output_tokens": WRITTEN, "total_tokens": READ + WRITTEN,
            "input_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 100},
        }  # fmt: skip
    else:
        reason = {"": "end_turn", "cut": "max_tokens", "refused": "refusal"}[ending]
        content = [{"type": "thinking", "thinking": "hm", "signature": "s"}]
        content += [{"type": "text", "text": text}] if text is not None else []
        body = {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
            "stop_reason": reason, "stop_sequence": None,
        }  # fmt: skip
        told = {
            "input_tokens": READ - 400, "output_tokens": WRITTEN, "cache_read_input_tokens": 400,
            "cache_creation_input_tokens": None, "service_tier": "standard",
        }  # fmt: skip
    return body | ({"usage": told} if usage else {})


def good(talk: Talk) -> None:
    talk.reply(body=json.dumps(answer(talk.asked.api)).encode())


@dataclass
class ModelServer:
    """Answers by its script, one behaviour a request, then by ``otherwise``; remembers what it was asked."""

    script: list[Behaviour] = field(default_factory=list)
    otherwise: Behaviour = good
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    tls: ssl.SSLContext | None = None
    closing: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, link: socket.socket) -> None:
        link.settimeout(20)
        with (
            contextlib.suppress(OSError),
            self.tls.wrap_socket(link, server_side=True) if self.tls else link as talking,
        ):
            asked = _request(talking)
            if asked is None:
                return
            with self._lock:
                self.asked.append(asked)
                behaviour = self.script.pop(0) if self.script else self.otherwise
            behaviour(Talk(talking, asked, self.closing))


def _request(link: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += (chunk := link.recv(65536))
        if not chunk:
            return None
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += link.recv(65536)
    return Asked(first.split()[1], headers, json.loads(body) if body else {})


@contextmanager
def serving(server: ModelServer) -> Iterator[ModelServer]:
    """The server, listening on a port of this machine; nothing of it stays behind."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.settimeout(0.01)
        server.url = f"http{'s' if server.tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
        talks: list[threading.Thread] = []

        def listen() -> None:
            while not server.closing.is_set():
                with contextlib.suppress(TimeoutError):
                    link, _ = listening.accept()
                    talk = threading.Thread(target=server.serve, args=(link,))
                    talk.start()
                    talks.append(talk)
                    talks[:] = [one for one in talks if one.is_alive()]

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            thread.join()
            for talk in talks:
                talk.join()
