"""What a run looks like: table, JSON, live lines. Foreign text cannot steer the terminal."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pesquared.core.attempt import Attempt, RunReport, Skipped
from pesquared.core.document import report_document
from pesquared.core.events import AttemptFinished, BaselineReady, Notice, PairMeasured
from pesquared.core.plan import PlannedFunction
from pesquared.core.verdict import Evidence, Finding, Gain, Gate, Noise, Part, Verdict, Word
from pesquared.core.words import percent
from pesquared.reporters.json_document import render
from pesquared.reporters.plan import plan_text
from pesquared.reporters.table import summary
from pesquared.reporters.terminal import Terminal
from pesquared.reporters.words import gain_text, printable

GAIN = Gain(0.341, 0.32, 0.362, 23, "cpu", 0.0005)
NOISE = Noise(0.012, 30, "cpu")


def attempt(word=Word.ACCEPTED, function="work", reason="faster", gain=GAIN, branch="pesq/r/01-work"):
    verdict = Verdict(word, "code", reason, (Gate("build", True), Gate("output", word is Word.ACCEPTED)), gain)
    return Attempt("r/01-work", 1, function, "src/a.c", branch, "c1", verdict, 0, "command", "./ask", 0.0)


def report(*attempts, best="pesq/r/best", total=GAIN):
    word = "accepted" if total else ""
    return RunReport("r", "base0123456789", "c1", best, "host", "none", attempts, (), NOISE, total, word)


def test_percentages_carry_a_true_minus_sign():
    assert [percent(x) for x in (0.341, -0.05, -0.0004, 1)] == ["34.1 %", "−5.0 %", "0.0 %", "100.0 %"]


def test_a_gain_shows_its_interval():
    assert gain_text(GAIN) == "34.1 % [32.0, 36.2]"


def test_the_summary_names_the_branch_and_how_to_look_at_it():
    text = summary(report(attempt()), "/src/thing")
    assert "pesq/r/best" in text
    assert "git -C /src/thing diff base01234567 pesq/r/best" in text
    assert "34.1 % [32.0, 36.2]" in text


def test_nothing_accepted_is_said_and_where_the_attempts_are():
    text = summary(report(attempt(Word.WRONG, reason="prints 2"), best="", total=None), "code")
    assert "Nothing accepted" in text
    assert "refs/heads/pesq/r" in text
    assert "prints 2" in text


def test_findings_that_deserve_a_look_are_shown_for_accepted_attempts_only():
    findings = (Finding("size", "as before"), Finding("symbols", "new:\x1b helper", concern=True))
    good, bad = attempt(), attempt(Word.WRONG)
    reviewed = [replace(one, verdict=replace(one.verdict, findings=findings)) for one in (good, bad)]
    text = summary(report(*reviewed), "code")
    assert text.count("new:� helper") == 1
    assert "before you merge:\n  #1 symbols: " in text
    assert "as before" not in text


def test_each_of_several_benchmarks_is_shown_and_what_they_are_worth():
    parts = tuple(Part(f"bench \x1b{n}", replace(GAIN, median=0.01 * n)) for n in range(12))
    several = attempt(Word.INCONCLUSIVE)
    verdict = replace(several.verdict, parts=parts, evidence=Evidence.SUMMARY)
    text = summary(report(replace(several, verdict=verdict)), "code")
    assert "#1 by benchmark:\n             11.0 % [32.0, 36.2]  bench �11\n" in text
    assert "and 2 more, in the JSON document" in text
    assert "34.1 % [32.0, 36.2] (summary)" in text
    assert "by benchmark" not in summary(report(attempt()), "code")


def test_a_metric_that_is_no_time_is_not_called_one():
    memory = replace(GAIN, metric="peak-memory")
    assert "peak-memory saved: 34.1 %" in summary(report(attempt(gain=memory), total=memory), "code")
    shown = io.StringIO()
    noise = replace(NOISE, metric="peak-memory")
    with Terminal(console=Console(file=shown, width=400)) as terminal:
        terminal.notify(BaselineReady("peak-memory", 4.5e7, noise, 0.01))
        terminal.notify(BaselineReady("cpu", 0.02, Noise(None, 0, "cpu"), None))
    memory_line, unknown = shown.getvalue().splitlines()
    assert memory_line.startswith("baseline: 45,000,000 (peak-memory), noise ±1.2 %")
    assert unknown == "baseline: 20.0 ms a run (cpu), noise not known (0 pairs)"


def test_skipped_functions_are_listed():
    whole = RunReport("r", "b", "b", "", "h", "none", (), (Skipped("main", "sealed"),), NOISE, None)
    assert "main: sealed" in summary(whole, "code")


def test_the_document_has_the_keys_that_are_documented():
    document = json.loads(render(report_document(report(attempt()))))
    assert document["schema"] == 1
    (one,) = document["attempts"]
    assert one["gain"] == {
        "median": 0.341,
        "low": 0.32,
        "high": 0.362,
        "pairs": 23,
        "metric": "cpu",
        "alpha": 0.0005,
    }
    assert one["gates"][0] == {"name": "build", "passed": True, "detail": ""}
    assert one["level"] == "output"
    assert document["noise"] == {"half_width": 0.012, "pairs": 30, "metric": "cpu"}
    assert document["total_verdict"] == "accepted"


def test_text_that_is_no_unicode_comes_out_as_json():
    assert (
        json.loads(render(report_document(report(attempt(function="f\udcff")))))["attempts"][0]["function"]
        == "f\udcff"
    )


@given(st.text())
def test_no_control_character_is_printed(text):
    shown = printable(text)
    assert len(shown) == len(text)
    assert all(char.isprintable() or char in "\u00a0 " or char.isspace() for char in shown)
    assert "\x1b" not in shown
    assert "\n" not in shown


@pytest.mark.parametrize("debug", [False, True])
def test_without_a_terminal_only_whole_lines_are_printed(debug):
    out = io.StringIO()
    with Terminal(debug=debug, console=Console(file=out, highlight=False, width=200)) as terminal:
        terminal.notify(BaselineReady("cpu", 0.02, NOISE, 0.01))
        terminal.notify(PairMeasured("screen", 1, 40, 0.02, 0.01, GAIN))
        terminal.notify(Notice("name\x1b[2J"))
        terminal.notify(Notice("name\x1b[2J"))
        terminal.notify(AttemptFinished(attempt()))
    text = out.getvalue()
    assert "\x1b" not in text
    assert "\r" not in text
    assert text.count("note: ") == 1
    assert ("pair 1" in text) is debug
    assert "20.0 ms a run (cpu), noise ±1.2 % over 30 pairs: gains from about 1.0 % can be seen here" in text


def test_the_plan_shows_what_each_function_could_save():
    text = plan_text(
        [PlannedFunction("f", "a.c:3", "leaf", 0.5), PlannedFunction("main", "", "root", 1.0, "sealed")], 2
    )
    assert "a.c:3" in text
    assert "50.0 %" in text
    assert "not tried: sealed" in text
    assert "proposals: 2 at most" in text
    assert "nothing to try" in plan_text([], 1)
