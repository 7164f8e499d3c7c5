"""What the doctor says of models."""

import json

import pytest
from click.testing import CliRunner

from pesquared.cli.doctor import doctor
from pesquared.llm import reach as reach_module
from pesquared.llm.reach import Reached, reach
from pesquared.llm.wire.transport import Line
from tests.support.behaviours import error, said
from tests.support.model_server import ModelServer, serving

MODELS = said(json.dumps({"data": [{"id": "small"}, {"id": "large"}]}).encode())
KEY = "sk-canary-90210f"


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        (MODELS, Reached(("small", "large"))),
        (said(b"[]"), Reached(problem="it answers, but with no list of models")),
        (said(b"<html>"), Reached(problem="it answers, but with no list of models")),
        (error(401, message=f"wrong: {KEY}"), Reached(problem="it answered 401: wrong: [a key]")),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_who_is_there(behaviour, found, provider):
    with serving(ModelServer(otherwise=behaviour)) as server:
        assert reach(Line(server.url, KEY, 5.0), provider) == found
    assert server.asked[0].path == ("/v1/models" if provider == "anthropic" else "/models")


def test_nobody_is_there():
    with serving(ModelServer()) as server:
        pass
    assert reach(Line(server.url, KEY, 5.0)).problem


def test_the_doctor_looks_at_what_is_set(tmp_path, monkeypatch):
    monkeypatch.setenv("PESQUARED_STATE_DIR", str(tmp_path / "state"))
    with serving(ModelServer(otherwise=MODELS)) as server:
        url = ("--base-url", server.url + "/v1", "--provider", "openai")

        def told(*arguments: str) -> str:
            done = CliRunner().invoke(doctor, [str(tmp_path), *arguments], obj={"PATH": "/usr/bin:/bin"})
            assert done.exit_code == 0, done.output
            return done.output

        assert "ok  openai " + server.url + "/v1: small, free; reached\n" in told("--model", "small", *url)
        assert "!!" in told("--model", "tiny", *url)
        assert "it does not list it, but small, large" in told("--model", "tiny", *url)
        assert "!!  command: there is no program" in told("--provider", "command", "--model", "no-such-program")
        assert "ok  command: cat, free" in told("--provider", "command", "--model", "cat")
        assert "--  anthropic: no key (ANTHROPIC_API_KEY)" in told()
    assert reach_module.PATIENCE_S <= 5
