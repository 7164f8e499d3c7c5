"""Other builds of an accepted change, with real compilers; the programs say their own times."""

from dataclasses import replace

import pytest

from pesquared.core.verdict import Word
from pesquared.errors import UsageError
from tests.unit.verify.conftest import KERNEL, SETTINGS

FAST_BUT = """\
#ifdef SLOW
#undef SLOW
#define SLOW "cpu 0.02\\n"
#else
#define SLOW "cpu 0.01\\n"
#endif
""" + KERNEL.replace('"cpu 0.02\\n"', "SLOW")


def settings(*also):
    return replace(SETTINGS, accept=replace(SETTINGS.accept, also=also))


def findings(court, *also):
    it = court(settings(*also))
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": FAST_BUT}))
    assert verdict.word is Word.ACCEPTED, verdict
    return it, {finding.text.partition(":")[0]: finding for finding in verdict.findings if finding.topic == "also"}


def test_the_gain_is_measured_under_each_further_build(court):
    it, found = findings(court, "-O0", "gcc -DSLOW")
    assert list(found) == ["-O0", "gcc -DSLOW"]
    assert not found["-O0"].concern
    assert "less CPU time" in found["-O0"].text
    assert found["gcc -DSLOW"].concern, "nothing is gained there"
    assert len(it.recorder.pairs("also")) == 2 * it.rig.settings.accept.claim_pairs


def test_a_build_that_fails_and_a_compiler_that_is_not_there_are_said(court):
    _, found = findings(court, "-fno-such-option", "gcc-99")
    assert all(finding.concern and "the build ended with exit code" in finding.text for finding in found.values())
    assert len(found) == 2


def test_a_stop_ends_the_review_and_leaves_the_verdict(court):
    it = court(settings("-O0", "-O1"))
    it.judge.establish()
    it.recorder.stop_at = lambda _event: it.recorder.stages[-1] == "measuring under -O0"
    verdict = it.judge.judge(it.commit({"kernel.c": FAST_BUT}))
    assert verdict.word is Word.ACCEPTED
    assert [finding.text for finding in verdict.findings] == [
        "-O0: interrupted before it was measured",
        "-O1: interrupted before it was measured",
    ]
    assert "measuring under -O1" not in it.recorder.stages


def test_the_run_goes_on_from_the_accepted_change(court):
    it, _ = findings(court, "-O0")
    it.judge.adopt(it.commit({"kernel.c": FAST_BUT}))
    again = it.judge.judge(it.commit({"kernel.c": FAST_BUT.replace("0.01", "0.005")}))
    assert again.accepted
    assert [finding.topic for finding in again.findings] == ["also"]


def test_a_wrong_entry_is_said_before_anything_is_built(court):
    it = court(settings("icc -fast"))
    with pytest.raises(UsageError, match="icc -fast"):
        it.judge.establish()
    assert it.sandbox.commands == []
