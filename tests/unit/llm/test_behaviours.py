"""Every hostile behaviour of a server, in all three wire formats, through the real SDKs: each has its kind."""

import time

import pytest

from pesquared.core.proposal import Stage
from pesquared.core.stopping import StopRequest
from pesquared.llm.model import Prompt, Question
from pesquared.llm.provider import Failed, Spoken
from tests.support.behaviours import BEHAVIOURS, LARGE, SLOW
from tests.support.chaos import FORMATS, KEY, provider_at
from tests.support.model_server import READ, TEXT, WRITTEN, ModelServer, serving

QUESTION = Question(Prompt("stable \udce9", "varying"), "f", Stage.OPTIMIZE, 1)


def heard(url: str, api: str, timeout_s: float) -> Spoken | Failed:
    provider = provider_at(url, api, timeout_s)
    body = provider.send(QUESTION)
    return body if isinstance(body, Failed) else provider.read(body, QUESTION)


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """The SDKs take seconds to load on a busy machine: not in the time of an answer."""
    import anthropic
    import openai

    assert anthropic.AsyncAnthropic(api_key="k").messages
    client = openai.AsyncOpenAI(api_key="k")
    assert client.responses
    assert client.chat.completions


@pytest.mark.parametrize("api", FORMATS)
@pytest.mark.parametrize("name", BEHAVIOURS)
def test_every_behaviour_has_its_kind(name, api):
    behaviour, expected = BEHAVIOURS[name]
    if name in LARGE and api != "chat":
        pytest.skip("the transport is the same for all")
    timeout_s = 0.4 if name in SLOW else 20.0
    with serving(ModelServer([behaviour])) as server:
        begun = time.monotonic()
        said = heard(server.url, api, timeout_s)
        took = time.monotonic() - begun
    assert took < timeout_s + 5
    if expected.kind is None:
        assert isinstance(said, Spoken), said
        assert said.problem == expected.word
        assert said.truncated is expected.truncated
        assert (said.usage.read, said.usage.written, said.usage.cached) == (READ, WRITTEN, 400)
        assert said.text == TEXT or expected.word
        return
    assert isinstance(said, Failed), said
    assert said.kind is expected.kind, said
    assert said.reason
    assert KEY not in repr(said)
    assert said.reason_code == (expected.word or "no-answer")
    if expected.after_s is not None:
        assert said.after_s == pytest.approx(expected.after_s, abs=3)


@pytest.mark.parametrize("api", FORMATS)
def test_nobody_is_there(api):
    with serving(ModelServer()) as server:
        pass
    said = heard(server.url, api, 5.0)
    assert isinstance(said, Failed)
    assert said.strange
    assert not said.perhaps_paid


@pytest.mark.parametrize("api", FORMATS)
def test_who_stops_is_not_kept_waiting(api):
    stop = StopRequest()
    with serving(ModelServer(otherwise=BEHAVIOURS["hang"][0])) as server:
        stop.request()
        begun = time.monotonic()
        said = provider_at(server.url, api, 60.0, stop).send(QUESTION)
        assert time.monotonic() - begun < 10
    assert isinstance(said, Failed)
    assert said.kind.value == "stopped"
