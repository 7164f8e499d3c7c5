"""A gain clearly above its ceiling is set aside; whatever else is judged keeps its word."""

import pytest

from pesquared.core.verdict import Gain, Verdict, Word
from pesquared.core.words import percent
from pesquared.verify.profiling.quarantine import below_ceiling


def accepted(median, low):
    return Verdict(Word.ACCEPTED, "faster", "faster", gain=Gain(median, low, median + 0.05, 20, "cpu", 0.001))


@pytest.mark.parametrize(
    ("low", "ceiling", "word"),
    [
        (0.55, 0.10, Word.QUARANTINED),
        (0.16, 0.10, Word.QUARANTINED),
        (0.14, 0.10, Word.ACCEPTED),
        (0.61, 0.50, Word.ACCEPTED),
        (0.63, 0.50, Word.QUARANTINED),
        (0.04, 0.0, Word.ACCEPTED),
        (0.99, 1.0, Word.ACCEPTED),
        (0.99, None, Word.ACCEPTED),
    ],
)
def test_only_a_lower_end_clearly_above_the_ceiling_counts(low, ceiling, word):
    verdict = below_ceiling(accepted(low + 0.02, low), ceiling)
    assert (verdict.word, verdict.ceiling) == (word, ceiling)
    assert (verdict.reason_code == "above-ceiling") == (word is Word.QUARANTINED)


def test_what_was_not_accepted_keeps_its_word():
    slower = Verdict(Word.SLOWER, "slower", "slower")
    assert below_ceiling(slower, 0.1).word is Word.SLOWER


def test_the_judge_sets_a_gain_above_its_ceiling_aside(court):
    from tests.unit.verify.conftest import FAST

    it = court()
    it.judge.establish()
    fast = it.commit({"kernel.c": FAST})
    verdict = it.judge.judge(fast, 0.1)
    assert (verdict.word, verdict.reason_code, verdict.ceiling) == (Word.QUARANTINED, "above-ceiling", 0.1)
    assert verdict.gain is not None
    assert percent(verdict.gain.median) in verdict.reason
    assert "10.0 %" in verdict.reason
