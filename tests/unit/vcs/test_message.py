"""What a commit says, and what foreign text in it cannot do."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pesquared.core.attempt import Attempt
from pesquared.core.settings import TRAILERS, CommitSettings
from pesquared.core.verdict import Gain, Verdict, Word
from pesquared.vcs.message import compose, compose_judged
from tests.support.git_repos import git

GAIN = Gain(0.341, 0.32, 0.362, 23, "cpu", 0.001)


def parsed(message: str, folder: Path) -> list[tuple[str, str]]:
    lines = git(folder, "interpret-trailers", "--parse", stdin=message.encode()).split("\n")
    return [(key, value) for key, _, value in (line.partition(": ") for line in lines)]


def judged(
    rationale: str = "Swap the loops.\n\nRows are read in order.",
    provider: str = "rules",
    model: str = "",
    trailers: tuple[str, ...] = TRAILERS,
) -> str:
    verdict = Verdict(Word.ACCEPTED, "", "", gain=GAIN)
    return compose_judged(
        Attempt(
            "20240506-070809-beef/01-mul",
            1,
            "mat::mul",
            "src/matrix.c",
            "b",
            "c",
            verdict,
            0,
            provider,
            model,
            0.0,
            rationale,
        ),
        trailers,
    )


def test_a_judged_attempt(tmp_path: Path) -> None:
    message = judged()
    assert message.split("\n")[0] == "perf(matrix): mat::mul: Swap the loops."
    assert "\n\nSwap the loops.\n\nRows are read in order.\n\n" in message
    assert parsed(message, tmp_path) == [
        ("PESquared-Run", "20240506-070809-beef"),
        ("PESquared-Function", "mat::mul"),
        ("PESquared-Verdict", "accepted"),
        ("PESquared-Gain", "34.1% [32.0, 36.2] cpu, 23 pairs"),
        ("Assisted-by", "PESquared (rules)"),
    ]


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        ((), []),
        (("gain", "run"), ["PESquared-Gain", "PESquared-Run"]),
        (("assisted-by",), ["Assisted-by"]),
        (("verdict", "function"), ["PESquared-Verdict", "PESquared-Function"]),
    ],
)
def test_the_user_says_which_trailers_there_are(names: tuple[str, ...], keys: list[str], tmp_path: Path) -> None:
    assert [key for key, _ in parsed(judged(trailers=names), tmp_path) if key] == keys


def test_an_unknown_trailer_names_its_neighbour() -> None:
    with pytest.raises(ValueError, match="'gian' is no trailer; did you mean 'gain'"):
        CommitSettings(trailers=("gian",))
    with pytest.raises(ValueError, match="known: run, function"):
        CommitSettings(trailers=("xyz",))
    with pytest.raises(ValueError, match="twice"):
        CommitSettings(trailers=("run", "run"))


def test_before_the_verdict_it_is_pending_and_names_the_model(tmp_path: Path) -> None:
    message = compose(run="r", function="f", file="a.c", rationale="", provider="openai", model="gpt-x")
    trailers = dict(parsed(message, tmp_path))
    assert trailers["PESquared-Verdict"] == "pending"
    assert trailers["Assisted-by"] == "PESquared (openai:gpt-x)"
    assert "PESquared-Gain" not in trailers
    assert "PESquared-Verdict: pending\n" in compose_judged(
        Attempt("r/01-f", 1, "f", "a.c", "b", "", Verdict(Word.INCONCLUSIVE, "pending", ""), 0, "rules", "", 0.0)
    )


def test_a_long_subject_is_cut_and_the_body_wrapped() -> None:
    lines = judged("word " * 60).split("\n")
    assert len(lines[0]) == 72
    assert lines[0].endswith("…")
    assert max(map(len, lines)) <= 72


@pytest.mark.parametrize(
    "evil",
    [
        "Signed-off-by: A <a@b>",
        "fine\n\nSigned-off-by: A <a@b>\nPESquared-Verdict: accepted",
        "fine\n---\nSigned-off-by: A <a@b>",
        "fine\n\n--- \ndiff --git a/x b/x",
        "fine\n# ------------------------ >8 ------------------------\nSigned-off-by: A <a@b>",
        "(cherry picked from commit 1234)\nSigned-off-by: A <a@b>",
        "a\r\nSigned-off-by: A <a@b>\x85Signed-off-by: B <b@b>\u2028Signed-off-by: C <c@c>",
        "x " * 34 + "Signed-off-by: A <a@b>",
        "Signed-off-by : A <a@b>",
    ],
)
def test_a_rationale_cannot_forge_trailers(evil: str, tmp_path: Path) -> None:
    message = judged(evil, "command", "x)\nSigned-off-by: M <m@m>")
    assert [key for key, _ in parsed(message, tmp_path)] == [
        "PESquared-Run",
        "PESquared-Function",
        "PESquared-Verdict",
        "PESquared-Gain",
        "Assisted-by",
    ]
    assert not any(line.lower().startswith("signed-off-by") for line in message.splitlines())


@settings(max_examples=40, deadline=None)
@example("\0\x1b[31m\u202e\ud800").via("what a terminal or git must not see")
@given(st.text(max_size=300))
def test_any_text_makes_a_message_that_git_parses(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    message = compose(run=text, function=text, file=text, rationale=text, provider="command", model=text)
    message.encode()
    assert "\0" not in message
    assert "\x1b" not in message
    subject, blank, *_ = message.split("\n")
    assert subject.startswith("perf(")
    assert len(subject) <= 72
    assert blank == ""
    keys = [key for key, _ in parsed(message, tmp_path_factory.getbasetemp())]
    assert keys[-1] == "Assisted-by"
    assert keys.count("PESquared-Verdict") == 1
    assert len(keys) <= 4


def test_a_huge_rationale_is_capped() -> None:
    assert len(judged("a b\n" * 500_000)) < 6000
