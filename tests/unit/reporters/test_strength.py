"""How strong the gates are, as people and programs read it."""

import json

from pesquared.core.events import Notice, StageStarted
from pesquared.core.proposal import Edit
from pesquared.core.strength import Fate, FunctionGroup, GateStrength, Kind, Mutant, Reach, Sample, Tried
from pesquared.reporters.json_document import render
from pesquared.reporters.strength import NEVER, FirstSteps, strength_document, strength_text, tried_line

MUTANT = Mutant(
    Kind.BOUND,
    "passes",
    13,
    Edit("src/a.c", 0, 0, "", b""),
    "return p >= 50;",
    "return p > 50;",
    (),
    "a case with 50",
)
HARMLESS = Tried(MUTANT, Fate.SURVIVED)


def report(*tried, harmless=(HARMLESS,), interrupted=False):
    functions = (FunctionGroup("passes", "src/a.c:9", 12), FunctionGroup("main", "", skipped="ambiguous"))
    sample = Sample("base", 1, functions, (MUTANT,), (MUTANT,) * len(tried))
    return GateStrength(sample, ("build", "quick-tests", "output"), harmless, tried, interrupted)


KILLED = Tried(MUTANT, Fate.KILLED, "quick-tests", "the test command ended with exit code 1")
UNSEEN = Tried(MUTANT, Fate.SURVIVED, reach=Reach.NEVER)
OVERLOOKED = Tried(MUTANT, Fate.SURVIVED, reach=Reach.RUNS)
STILLBORN = Tried(MUTANT, Fate.STILLBORN)


def test_the_text_says_how_many_were_killed_by_whom_and_what_would_kill_the_rest():
    text = strength_text(report(KILLED, UNSEEN, OVERLOOKED, STILLBORN))
    assert "Killed: 1 of 3 mutants (33.3 %), drawn with seed 1." in text
    assert "not counted: 1 did not build" in text
    assert "let pass: 1 of 1" in text
    assert "    - return p >= 50;\n    + return p > 50;\n" in text
    assert NEVER in text
    assert "no gate looks at what it changes; what would: a case with 50" in text
    assert "quick-tests" in text.partition("killed first")[2]
    assert "ambiguous" in text


def test_gates_that_reject_what_is_right_get_no_figure():
    text = strength_text(report(harmless=(KILLED,)))
    assert "nothing that they say can be trusted" in text
    assert "quick-tests: the test command ended with exit code 1" in text
    assert "Killed:" not in text


def test_nothing_that_counts_is_no_figure_either():
    assert "nothing can be said" in strength_text(report(STILLBORN))
    assert report(STILLBORN).score is None


def test_an_interrupted_look_says_so():
    assert "Interrupted" in strength_text(report(KILLED, interrupted=True))


def test_the_document_holds_every_mutant_and_its_fate():
    document = json.loads(render(strength_document(report(KILLED, UNSEEN))))
    assert (document["score"], document["killed"], document["counted"]) == (0.5, 1, 2)
    assert [one["fate"] for one in document["mutants"]] == ["killed", "survived"]
    assert document["mutants"][1]["advice"] == NEVER
    assert document["functions"][1]["skipped"] == "ambiguous"


def test_a_line_of_progress_names_place_kind_and_gate():
    assert tried_line(KILLED) == "src/a.c:13 bound: killed by quick-tests"
    assert tried_line(UNSEEN) == "src/a.c:13 bound: survived"


def test_steps_are_told_until_hushed_and_each_notice_once():
    class Recorder:
        def __init__(self):
            self.texts = []

        def notify(self, event):
            self.texts.append(event.text)

    inner = Recorder()
    steps = FirstSteps(inner)
    for text in ("building", "running"):
        steps.notify(StageStarted(text))
        steps.notify(Notice("the tests link programs"))
        steps.hush()
    assert inner.texts == ["building", "the tests link programs"]
