"""The SDK adapters against a server on this machine; the registry; prices."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pesquared.core.proposal import Stage
from pesquared.core.settings import ModelSettings
from pesquared.errors import ProposerError, UsageError
from pesquared.llm import Access, NoAnswer, Prompt, Question, Reply, open_model
from pesquared.llm.anthropic import AnthropicModel
from pesquared.llm.openai import OpenAIModel
from pesquared.llm.price import Price, parse_price

QUESTION = Question(Prompt("stable \udce9", "varying"), "f", Stage.OPTIMIZE, 1)
CHAT = {
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 500},
}
MESSAGE = {
    "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "hello"}],
    "usage": {
        "input_tokens": 600,
        "output_tokens": 500,
        "cache_read_input_tokens": 400,
        "cache_creation_input_tokens": None,
    },
}
PRICE = Price(2.0, 4.0)


@dataclass
class Server:
    """Answers every POST alike and remembers what was asked."""

    status: int = 200
    body: bytes = b""
    drip: bool = False
    asked: list[tuple[str, dict[str, str], dict[str, object]]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append((self.path, {key.lower(): value for key, value in self.headers.items()}, sent))
            self.send_response(server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(10_000 if server.drip else len(server.body)))
            self.end_headers()
            while server.drip and not stop.wait(0.05):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return
            if not server.drip:
                self.wfile.write(server.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield server
    finally:
        stop.set()
        listening.shutdown()
        thread.join()
        listening.server_close()


def chat_model(server: Server, model: str = "small", **options: object) -> OpenAIModel:
    return OpenAIModel(model, base_url=server.url + "/v1", **options)  # type: ignore[arg-type]


def claude(server: Server, **options: object) -> AnthropicModel:
    return AnthropicModel("claude-x", api_key="key-a", base_url=server.url, **options)  # type: ignore[arg-type]


def test_openai_answers_with_usage_and_cost():
    with serving(Server(body=json.dumps(CHAT).encode())) as server:
        reply = chat_model(server, api_key="key-o", price=PRICE, temperature=0.5).answer(QUESTION)
    assert reply == Reply("hello", "openai", "small", 1000, 500, (1000 * 2.0 + 500 * 4.0) / 1e6)
    ((path, headers, sent),) = server.asked
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer key-o"
    assert sent == {
        "model": "small",
        "temperature": 0.5,
        "messages": [{"role": "user", "content": "stable ?\nvarying"}],
    }


def test_a_local_server_costs_nothing_and_may_tell_no_usage():
    with serving(Server(body=json.dumps({"choices": CHAT["choices"]}).encode())) as server:
        reply = chat_model(server).answer(QUESTION)
    assert isinstance(reply, Reply)
    assert reply.cost_usd == 0.0
    assert reply.estimated
    assert reply.output_tokens > 0


@pytest.mark.parametrize(
    ("model", "sends"), [("gpt-5-mini", False), ("o3", False), ("gpt-4o", True), ("olmo", True)]
)
def test_temperature_goes_only_to_models_that_take_it(model, sends):
    with serving(Server(body=json.dumps(CHAT).encode())) as server:
        chat_model(server, model).answer(QUESTION)
    assert ("temperature" in server.asked[0][2]) is sends


def test_anthropic_answers_with_usage_and_cost():
    with serving(Server(body=json.dumps(MESSAGE).encode())) as server:
        reply = claude(server, price=PRICE).answer(QUESTION)
    assert reply == Reply("hello", "anthropic", "claude-x", 1000, 500, (1000 * 2.0 + 500 * 4.0) / 1e6)
    ((path, headers, sent),) = server.asked
    assert path == "/v1/messages"
    assert "key-a" in headers.get("authorization", "") + headers.get("x-api-key", "")
    assert "temperature" not in sent
    assert sent["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "stable ?", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "varying"},
            ],
        }
    ]


@pytest.mark.parametrize("make", [chat_model, claude])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"error": {"message": "boom"}}'),
        (429, b"{}"),
        (529, b""),
        (307, b""),
        (200, b"null"),
        (200, b"{}"),
        (200, b""),
        (200, b"<html>"),
        (200, b'{"error": "no"}'),
        (200, b'{"choices": [], "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}'),
        (200, b'{"choices": null, "content": null}'),
        (200, b'{"choices": [{"message": {"content": "\xff"}}]}'),
        (200, b"[" * 100_000),
    ],
)
def test_what_is_no_answer_is_told_and_not_asked_again(make, status, body):
    with serving(Server(status=status, body=body)) as server:
        said = make(server).answer(QUESTION)
    assert isinstance(said, NoAnswer)
    assert said.reason
    assert len(server.asked) == 1


@pytest.mark.parametrize("make", [chat_model, claude])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_asking_again_cannot_heal_stops_the_run(make, status):
    with serving(Server(status=status, body=b'{"error": {"message": "key-a is wrong"}}')) as server:
        with pytest.raises(ProposerError) as caught:
            make(server).answer(QUESTION)
        assert "key-a" not in str(caught.value)


@pytest.mark.parametrize("make", [chat_model, claude])
def test_a_server_that_drips_is_given_up(make):
    with serving(Server(drip=True)) as server:
        said = make(server, timeout_s=1.0).answer(QUESTION)
    assert said == NoAnswer(f"{make(server).provider} did not answer within 1 s")


def test_nobody_listening_is_no_answer():
    with serving(Server()) as server:
        pass
    said = chat_model(server).answer(QUESTION)
    assert isinstance(said, NoAnswer)
    assert "could not be asked" in said.reason


def test_it_answers_below_a_running_event_loop():
    async def notebook() -> Reply | NoAnswer:
        return chat_model(server).answer(QUESTION)

    with serving(Server(body=json.dumps(CHAT).encode())) as server:
        assert isinstance(asyncio.run(notebook()), Reply)


@pytest.mark.parametrize(
    "settings",
    [
        ModelSettings(provider="openai", model="gpt-5"),
        ModelSettings(provider="openai", model="x", base_url="https://example.invalid/v1"),
        ModelSettings(provider="openai", model="x", base_url="http://127.0.0.1.example.invalid/v1"),
        ModelSettings(provider="anthropic", model="claude"),
    ],
)
def test_a_model_without_a_price_is_refused(settings):
    with pytest.raises(ProposerError, match="not priced") as caught:
        open_model(settings, Access(api_key="k"))
    assert "--price IN/OUT" in caught.value.fix
    assert open_model(settings, Access(api_key="k", price=PRICE)).model == settings.model


def test_keys_and_models_have_to_be_there():
    for provider in ("openai", "anthropic"):
        for settings, access in (
            (ModelSettings(provider=provider, model="m"), Access(price=PRICE)),
            (ModelSettings(provider=provider), Access(api_key="k", price=PRICE)),
        ):
            with pytest.raises(ProposerError):
                open_model(settings, access)
    with pytest.raises(UsageError, match="provider"):
        open_model(ModelSettings(provider="opanai"), Access())
    assert "secret" not in repr(Access(environ={"A": "secret"}, api_key="secret"))


@pytest.mark.parametrize(("text", "price"), [("1.25/10", Price(1.25, 10.0)), ("0/0", Price(0.0, 0.0))])
def test_prices_are_read(text, price):
    assert parse_price(text) == price


@pytest.mark.parametrize("text", ["", "1", "1/2/3", "a/b", "-1/2", "nan/1", "1/inf", "1e999/1"])
def test_what_is_no_price_is_said(text):
    with pytest.raises(UsageError, match="price"):
        parse_price(text)
