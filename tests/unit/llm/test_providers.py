"""Who can be asked: what is sent to each in its own wire format, prices, keys, folders and recordings."""

import asyncio
import json
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from pesquared.core.proposal import Stage
from pesquared.core.settings import ModelSettings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError, UsageError
from pesquared.llm import (
    Access,
    Failed,
    Kind,
    Prompt,
    Provider,
    Question,
    Reply,
    ReplyStore,
    Spoken,
    open_provider,
)
from pesquared.llm.knobs import DEFAULT_MODELS, knobs_of
from pesquared.llm.mixture import Mixture, parse_mix
from pesquared.llm.providers.files import FolderModel
from pesquared.llm.spending.price import FREE, Listed, Stated, Usage, parse_price, price_of
from tests.support.answers import ScriptedModel
from tests.support.behaviours import made
from tests.support.model_server import READ, TEXT, WRITTEN, ModelServer, serving

QUESTION = Question(Prompt("stable \udce9", "varying"), "ns::f", Stage.OPTIMIZE, 1)
CUT = replace(QUESTION, so_far="half \n")
ASKED = {"role": "user", "content": "stable ?\nvarying"}
GO_ON = {"role": "user", "content": "Go on exactly where you stopped. Repeat nothing, and say nothing about it."}
PRICE = Stated(2.0, 4.0)


def ask(provider: Provider, question: Question = QUESTION) -> Spoken | Failed:
    body = provider.send(question)
    return body if isinstance(body, Failed) else provider.read(body, question)


def at(server: ModelServer, provider: str = "openai", **settings: object) -> Provider:
    url = server.url if provider == "anthropic" else f"{server.url}/v1"
    chosen = ModelSettings(provider=provider, base_url=url, **settings)  # type: ignore[arg-type]
    return open_provider(chosen, Access({"SECRET": "s3cret-value"}, "key-0123456789"))


def test_chat_completions_as_they_are_sent():
    with serving(ModelServer()) as server:
        assert ask(at(server, model="small", temperature=0.5)) == Spoken(TEXT, Usage(READ, WRITTEN, 400))
        ask(at(server, model="gpt-5-mini", max_tokens=999), CUT)
    plain, cut = server.asked
    assert plain.path == "/v1/chat/completions"
    assert plain.headers["authorization"] == "Bearer key-0123456789"
    assert plain.sent == {"model": "small", "temperature": 0.5, "max_tokens": 16384, "messages": [ASKED]}
    assert cut.sent == {
        "model": "gpt-5-mini",
        "max_tokens": 999,
        "messages": [ASKED, {"role": "assistant", "content": "half \n"}, GO_ON],
    }


def test_responses_as_they_are_sent():
    with serving(ModelServer()) as server:
        provider = at(server, model="gpt-4o", api="responses")
        assert ask(provider) == Spoken(TEXT, Usage(READ, WRITTEN, 400))
        ask(at(server, model="gpt-6.1-sol", api="responses"), CUT)
    plain, cut = server.asked
    assert plain.path == "/v1/responses"
    assert plain.sent == {
        "model": "gpt-4o", "temperature": 0.7, "max_output_tokens": 16384, "store": False, "input": [ASKED],
    }  # fmt: skip
    assert "temperature" not in cut.sent
    assert cut.sent["input"] == [ASKED, {"role": "assistant", "content": "half \n"}, GO_ON]


def test_messages_as_they_are_sent():
    with serving(ModelServer()) as server:
        provider = at(server, "anthropic", model="claude-sonnet-5")
        assert ask(provider) == Spoken(TEXT, Usage(READ, WRITTEN, 400))
        ask(provider, CUT)
    plain, cut = server.asked
    assert plain.path == "/v1/messages"
    assert "key-0123456789" in plain.headers.get("authorization", "") + plain.headers.get("x-api-key", "")
    asked = {
        "role": "user",
        "content": [
            {"type": "text", "text": "stable ?", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "varying"},
        ],
    }
    assert plain.sent == {"model": "claude-sonnet-5", "max_tokens": 16384, "messages": [asked]}
    assert cut.sent["messages"] == [asked, {"role": "assistant", "content": "half"}, GO_ON]


def test_without_usage_it_is_estimated():
    with serving(ModelServer(otherwise=made(usage=False))) as server:
        said = ask(at(server, model="local"))
    assert isinstance(said, Spoken)
    assert said.usage.estimated
    assert said.usage.written > 0


def test_headers_are_sent_and_their_secrets_come_from_variables():
    with serving(ModelServer(otherwise=made(text="you sent s3cret-value"))) as server:
        provider = at(server, model="m", headers=("api-key: ${SECRET}", "X-Team: speed"))
        said = ask(provider)
    assert server.asked[0].headers["api-key"] == "s3cret-value"
    assert server.asked[0].headers["x-team"] == "speed"
    assert "s3cret-value" not in repr(provider)
    assert "s3cret-value" not in provider.identity
    assert isinstance(said, Spoken)
    assert said.text == "you sent [a key]"


@pytest.mark.parametrize("header", ["no colon", "na me: x", ": x", "a: ${NOT_SET}", "a: é", "a: x\ny: z"])
def test_headers_that_cannot_be_sent(header):
    with serving(ModelServer()) as server, pytest.raises(UsageError):
        at(server, model="m", headers=(header,))


def test_the_certificates_of_an_inspecting_proxy_are_trusted(tmp_path):
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(ModelServer(tls=context)) as server:
        refused = ask(at(server, model="m"))
        said = ask(at(server, model="m", ca_file=str(certificate)))
    assert isinstance(refused, Failed)
    assert refused.strange
    assert "certificate" in refused.reason.lower()
    assert isinstance(said, Spoken)
    with pytest.raises(UsageError, match="certificates"):
        at(server, model="m", ca_file=str(key.with_name("none")))


def test_it_answers_below_a_running_event_loop():
    async def notebook() -> Spoken | Failed:
        return ask(at(server, model="m"))

    with serving(ModelServer()) as server:
        assert isinstance(asyncio.run(notebook()), Spoken)


def test_each_provider_has_a_default_model_that_is_priced():
    for provider, model in DEFAULT_MODELS.items():
        opened = open_provider(ModelSettings(provider=provider), Access(api_key="k"))
        assert opened.model == model
        assert opened.price.cost(Usage(1000, 1000)) > 0
        assert " USD per million" in opened.price.describe()
        assert opened.identity.startswith(("responses https://", "messages https://"))


def test_the_model_of_old_stays_usable():
    opened = open_provider(ModelSettings(provider="openai", model="gpt-3.5-turbo"), Access(api_key="k"))
    assert opened.identity.startswith("chat ")
    assert opened.longest_answer == 4096
    assert opened.price.cost(Usage(10**6, 10**6)) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("model", "temperature"),
    [("gpt-5-mini", False), ("o3", False), ("gpt-10", False), ("claude-x", False), ("gpt-4o", True), ("olmo", True),
     ("openai/gpt-5", False), ("gpt-3.5-turbo", True)],
)  # fmt: skip
def test_a_temperature_goes_only_to_models_that_take_it(model, temperature):
    assert knobs_of(model).temperature is temperature


def test_prices_of_tiers_and_caches_are_those_of_the_list():
    sonnet = price_of("anthropic", "claude-sonnet-4-5", "", None)
    assert sonnet.cost(Usage(1000, 0)) == pytest.approx(0.003)
    assert sonnet.cost(Usage(1000, 0, cached=1000)) == pytest.approx(0.0003)
    assert sonnet.cost(Usage(1000, 0, cache_written=1000)) == pytest.approx(0.00375)
    assert sonnet.cost(Usage(10**6, 0)) > 1000 * sonnet.cost(Usage(1000, 0))
    assert price_of("openai", "gpt-4o", "https://x.openai.azure.com/openai/v1", None).cost(Usage(10**6, 0)) > 0
    assert Listed("gpt-5", "openai").cost(Usage(0, 0, cached=10)) == 0  # a server that talks nonsense


def test_a_stated_price_is_an_upper_bound():
    assert PRICE.cost(Usage(1000, 100, cached=500)) == PRICE.cost(Usage(1000, 100))
    assert PRICE.cost(Usage(1000, 100, cache_written=1000)) > PRICE.cost(Usage(1000, 100))
    assert price_of("openai", "gpt-5", "", PRICE) is PRICE
    assert price_of("openai", "x", "http://localhost:11434/v1", None) is FREE
    assert FREE.describe() == "free"


@pytest.mark.parametrize(
    "settings",
    [
        ModelSettings(provider="openai", model="gpt-nonsense"),
        ModelSettings(provider="openai", model="x", base_url="https://example.invalid/v1"),
        ModelSettings(provider="openai", model="x", base_url="http://127.0.0.1.example.invalid/v1"),
        ModelSettings(provider="anthropic", model="claude-nonsense"),
    ],
)
def test_a_model_without_a_price_is_refused(settings):
    with pytest.raises(ProposerError, match="not priced") as caught:
        open_provider(settings, Access(api_key="k"))
    assert "--price IN/OUT" in caught.value.fix
    assert open_provider(settings, Access(api_key="k", price=PRICE)).model == settings.model


@pytest.mark.parametrize("provider", ["openai", "anthropic", "command", "files", "replay"])
def test_what_is_needed_is_said(provider):
    with pytest.raises(ProposerError) as caught:
        open_provider(ModelSettings(provider=provider), Access())
    assert caught.value.fix
    assert "secret" not in repr(Access(environ={"A": "secret"}, api_key="secret"))


def test_an_unknown_provider_gets_a_suggestion():
    with pytest.raises(UsageError, match="provider"):
        open_provider(ModelSettings(provider="opanai"), Access())


@pytest.mark.parametrize(("text", "price"), [("1.25/10", Stated(1.25, 10.0)), ("0/0", FREE)])
def test_prices_are_read(text, price):
    assert parse_price(text) == price


@pytest.mark.parametrize("text", ["", "1", "1/2/3", "a/b", "-1/2", "nan/1", "1/inf", "1e999/1"])
def test_what_is_no_price_is_said(text):
    with pytest.raises(UsageError, match="price"):
        parse_price(text)


def test_prompts_are_written_and_answers_picked_up_whenever_they_come(tmp_path):
    stop = StopRequest()
    folder = tmp_path / "asked"
    provider = open_provider(ModelSettings(provider="files", model=str(folder)), Access(stop=stop))
    heard: dict[int, Spoken | Failed] = {}
    questions = [replace(QUESTION, attempt=1), replace(QUESTION, attempt=2, stage=Stage.REPAIR, turn=1)]
    threads = [
        threading.Thread(target=lambda one=one: heard.update({one.attempt: ask(provider, one)}))
        for one in questions
    ]
    for thread in threads:
        thread.start()
    names = ["001-ns-f-optimize.prompt.md", "002-ns-f-repair1.prompt.md"]
    while sorted(path.name for path in folder.glob("*.md")) != names:
        time.sleep(0.01)
    assert (folder / names[0]).read_bytes() == b"stable \xe9\nvarying"
    (folder / "002-ns-f-repair1.reply.md").write_text("second")  # in any order
    threads[1].join(20)
    assert heard[2].text == "second"
    assert 1 not in heard
    stop.request()
    threads[0].join(20)
    assert heard[1].kind is Kind.STOPPED

    (folder / "001-ns-f-optimize.reply.md").write_text("first")  # while nobody runs
    again = FolderModel(folder)
    assert ask(again, questions[0]).text == "first"
    other = replace(questions[0], prompt=Prompt("another", "prompt"))
    (folder / "001-ns-f-optimize.2.reply.md").write_text("somebody else's")
    assert again.place(other).name == "001-ns-f-optimize.3.reply.md"
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".md") == []


def test_a_folder_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProposerError):
        open_provider(ModelSettings(provider="files", model=str(tmp_path / "file")), Access())
    said = ask(open_provider(ModelSettings(provider="files", model=str(tmp_path / "file" / "below")), Access()))
    assert isinstance(said, Failed)
    assert said.kind is Kind.FATAL_CONFIG


def test_a_recorded_run_answers_as_it_did(tmp_path):
    store = ReplyStore(tmp_path / "r1" / "replies")
    store.keep(QUESTION.key("x"), QUESTION, Reply("said \udce9", "openai", "m", 1, 2, 3.0))
    for name in ("r1", str(tmp_path / "r1"), str(tmp_path / "r1" / "replies")):
        provider = open_provider(ModelSettings(provider="replay", model=name), Access(runs=str(tmp_path)))
        assert ask(provider) == Spoken("said \udce9", Usage(0, 0))
        assert ask(provider, replace(QUESTION, prompt=Prompt("other", "figures"))) == Spoken(
            "said \udce9", Usage(0, 0)
        )
        assert isinstance(ask(provider, replace(QUESTION, attempt=2)), Failed)
    with pytest.raises(ProposerError, match="no replies") as caught:
        open_provider(ModelSettings(provider="replay", model="r2"), Access(runs=str(tmp_path)))
    assert "r1" in caught.value.fix


def test_a_mixture_draws_by_weight_and_asks_the_same_again():
    one, other = ScriptedModel(["a"] * 2000, model="one"), ScriptedModel(["b"] * 2000, model="other")
    mixture = Mixture([(one, 3.0), (other, 1.0)])
    for attempt in range(1000):
        mixture.answer(replace(QUESTION, attempt=attempt))
    assert 680 <= len(one.asked) <= 820
    assert mixture.drawn(QUESTION) is mixture.drawn(replace(QUESTION, stage=Stage.REPAIR, turn=2))
    assert mixture.model == "one, other"


def test_weights_are_read():
    assert parse_mix(["a=0.8", "b", "c=d=2"]) == [("a", 0.8), ("b", 1.0), ("c=d", 2.0)]
    for text in ("a=", "a=x", "=1", "a=0", "a=-1", "a=nan", "a=inf"):
        with pytest.raises(UsageError):
            parse_mix([text])


def test_no_sdk_is_loaded_for_those_who_need_none():
    code = (
        "import sys\nfrom pesquared.core.settings import ModelSettings\nfrom pesquared.llm import *\n"
        "for name in ('command', 'files'): open_provider(ModelSettings(provider=name, model='cat'), "
        "Access({'PATH': '/usr/bin:/bin'}))\n"
        "import json; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"openai", "anthropic", "httpx2", "genai_prices", "tiktoken", "pydantic"} & set(
        json.loads(done.stdout)
    ) == set()
