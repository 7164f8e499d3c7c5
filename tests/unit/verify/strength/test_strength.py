"""Faults in a real program whose tests miss a bound: what is noticed, by whom, and why the rest is not."""

from dataclasses import replace
from hashlib import sha256

import pytest

from pesquared.core.events import MutantTried
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.strength import Fate, Kind, Reach
from pesquared.core.verdict import Gate, Verdict, Word
from pesquared.errors import BaselineError, PesquaredError
from pesquared.source import DependencyExtractor
from pesquared.source.mutants import faults_of, sample
from pesquared.verify.strength.strength import StrengthCheck, fate_of, reach_of
from tests.unit.verify.conftest import MAKEFILE, SETTINGS

KERNEL = """\
const char *says = "cpu 0.02\\n";
int sum(int n)
{
    int s = 0;
    for (int i = 0; i < n; i++)
        s += i;
    return s;
}
int passes(int points)
{
    if (points < 0)
        return 2;
    return points >= 50;
}
"""
MAIN = """\
#include <stdio.h>
#include <string.h>
extern const char *says;
int sum(int n);
int passes(int points);
int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "test"))
        return passes(20) || !passes(80);
    fputs(says, stderr);
    printf("sum %d\\n", sum(100));
    return 0;
}
"""


def faults_in(court, name):
    definition = DependencyExtractor.for_codebase(court.root).index.find(name)
    return faults_of(court.repository.read(court.base, definition.extent.path), definition)


def strength(court, chosen, commit=None):
    check = StrengthCheck(
        judge=court.judge,
        commit=commit or (lambda edits, message: court.repository.commit_edits(court.base, edits, message)),
        established=lambda: None,
        observer=court.recorder,
        stop=court.recorder.stop,
    )
    return check.run(chosen)


def chosen(court, functions, wanted):
    """A sample of the mutants whose changed lines are wanted."""
    faults = [faults_in(court, name) for name in functions]
    every = sample(court.base, faults, 1000, 1)
    mutants = tuple(mutant for mutant in every.mutants if mutant.after in wanted)
    assert len(mutants) == len(wanted)
    return replace(every, mutants=mutants)


def test_a_bound_that_no_test_looks_at_survives_and_is_explained(court):
    opened = court(kernel__c=KERNEL, main__c=MAIN)
    wanted = [
        "return points > 50;",
        "return points <= 50;",
        "if (points <= 0)",
        "return 3;",
        "s -= i;",
        "for (int i = 0; i <= n; i++)",
        "for (int i = 1; i < n; i++)",
    ]
    report = strength(opened, chosen(opened, ["sum", "passes"], wanted))
    fates = {one.mutant.after: (one.fate, one.gate, one.reach) for one in report.tried}
    assert fates == {
        "return points > 50;": (Fate.SURVIVED, "", Reach.RUNS),
        "return points <= 50;": (Fate.KILLED, "quick-tests", Reach.UNKNOWN),
        "if (points <= 0)": (Fate.SURVIVED, "", Reach.RUNS),
        "return 3;": (Fate.SURVIVED, "", Reach.NEVER),
        "s -= i;": (Fate.KILLED, "output", Reach.UNKNOWN),
        "for (int i = 0; i <= n; i++)": (Fate.KILLED, "output", Reach.UNKNOWN),
        "for (int i = 1; i < n; i++)": (Fate.SURVIVED, "", Reach.RUNS),
    }
    assert report.score == pytest.approx(3 / 7)
    assert [one.fate for one in report.harmless] == [Fate.SURVIVED] * 2
    assert report.gates == ("build", "quick-tests", "output", "full-tests")
    survivor = next(one for one in report.tried if one.mutant.after == "return points > 50;")
    assert survivor.mutant.kind is Kind.BOUND
    assert "both sides of >= equal" in survivor.mutant.advice
    tried = [event for event in opened.recorder.events if isinstance(event, MutantTried)]
    assert [(event.number, event.of) for event in tried][-1] == (7, 7)


def test_what_does_not_build_and_what_makes_the_same_program_does_not_count(court):
    kernel = KERNEL.replace("    int s = 0;\n", "    int s = 0;\n    int unused = 3;\n    unused++;\n")
    opened = court(kernel__c=kernel, main__c=MAIN, Makefile="CFLAGS = -O2\n" + MAKEFILE)
    whole = sample(opened.base, [faults_in(opened, "sum")], 1000, 1)
    same = next(mutant for mutant in whole.mutants if mutant.after == "int unused = 4;")
    broken = replace(same, edit=replace(same.edit, replacement=b"no_such_thing"))
    report = strength(opened, replace(whole, mutants=(same, broken)))
    assert [one.fate for one in report.tried] == [Fate.EQUIVALENT, Fate.STILLBORN]
    assert (report.counted, report.score) == (0, None)


def test_gates_that_reject_a_change_without_effect_are_not_asked_further(court):
    # The test compares the source text, so it rejects whatever is changed.
    digest = sha256(KERNEL.encode()).hexdigest()
    tests = SuiteSettings(quick=f'test "$(sha256sum < kernel.c)" = "{digest}  -"')
    opened = court(replace(SETTINGS, test=tests), kernel__c=KERNEL, main__c=MAIN)
    report = strength(opened, chosen(opened, ["sum"], ["s -= i;"]))
    assert [one.gate for one in report.rejected] == ["quick-tests"]
    assert report.tried == ()


def test_an_interrupted_look_reports_what_is_known(court):
    opened = court(kernel__c=KERNEL, main__c=MAIN)
    opened.recorder.stop_at = lambda event: isinstance(event, MutantTried) and event.of == 2
    report = strength(opened, chosen(opened, ["sum"], ["s -= i;", "for (int i = 0; i <= n; i++)"]))
    assert report.interrupted
    assert [one.fate for one in report.tried] == [Fate.KILLED]


def test_what_stops_it_in_the_middle_leaves_what_is_known(court):
    opened = court(kernel__c=KERNEL, main__c=MAIN)
    left = iter([True, True])

    def commit(edits, message):
        if next(left, None) is None:
            raise PesquaredError("the disk is full")
        return opened.repository.commit_edits(opened.base, edits, message)

    report = strength(opened, chosen(opened, ["sum"], ["s -= i;", "for (int i = 0; i <= n; i++)"]), commit)
    assert [(one.fate, one.reason) for one in report.tried][1:] == [(Fate.UNJUDGED, "the disk is full")]
    assert report.score == 1


def test_a_baseline_that_fails_its_tests_is_said_before_any_fault(court):
    opened = court(kernel__c=KERNEL, main__c=MAIN.replace("!passes(80)", "passes(80)"))
    with pytest.raises(BaselineError):
        strength(opened, chosen(opened, ["sum"], ["s -= i;"]))
    assert not [event for event in opened.recorder.events if isinstance(event, MutantTried)]


@pytest.mark.parametrize(
    ("word", "code", "fate", "reach"),
    [
        (Word.UNCHANGED, "same-program", Fate.EQUIVALENT, Reach.NEVER),
        (Word.BUILD_FAILED, "build", Fate.STILLBORN, Reach.UNKNOWN),
        (Word.INCONCLUSIVE, "not-measured", Fate.SURVIVED, Reach.NEVER),
        (Word.INCONCLUSIVE, "baseline-unstable", Fate.UNJUDGED, Reach.UNKNOWN),
        (Word.WRONG, "tests", Fate.KILLED, Reach.RUNS),
        (Word.SLOWER, "timeout", Fate.KILLED, Reach.RUNS),
    ],
)
def test_a_verdict_says_what_became_of_a_fault_and_of_a_trap(word, code, fate, reach):
    verdict = Verdict(word, code, "", (Gate("build", passed=True),))
    assert (fate_of(verdict), reach_of(verdict)) == (fate, reach)
