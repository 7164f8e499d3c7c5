"""A metric of the verifier's own: a deterministic one is compared directly, and no own one is won at any price."""

import pytest

from pesquared.core.verdict import Word
from pesquared.errors import BaselineError
from pesquared.verifiers.command import CommandVerifier
from tests.unit.verify.conftest import FAST, KERNEL

COUNTED = """\
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void pick(void)
{
    FILE *file = fopen("%s", "a");
    fputc(46, file);
    if (ftell(file) >= %d)
        says = "cpu 0.02\\npeak 905\\n";
    fclose(file);
}
"""


def says(peak: int, more: str = "") -> str:
    return KERNEL.replace("cpu 0.02", f"cpu 0.02\\npeak {peak}{more}")


class Instructions(CommandVerifier):
    """A deterministic metric of its own: what the program says of its memory."""

    metric_name = "peak-said"
    deterministic = True

    def metric(self, result):
        return float(result.stderr.split(b"peak ")[1].split()[0]) if b"peak " in result.stderr else None


def test_a_deterministic_metric_is_compared_directly(court) -> None:
    it = court(kernel__c=KERNEL.replace("0.02", "0.02\\npeak 1000"))
    it.use(Instructions)
    assert it.judge.establish().half_width == 0
    assert it.judge.runtime_s == 1000
    better = it.commit({"kernel.c": KERNEL.replace("0.02", "0.02\\npeak 900")})
    verdict = it.judge.judge(better)
    assert verdict.word is Word.ACCEPTED
    assert [len(it.recorder.pairs(stage)) for stage in ("screen", "confirm", "claim")] == [10, 1, 1]
    assert verdict.gain is not None
    assert verdict.gain.median == verdict.gain.low == verdict.gain.high == pytest.approx(0.1)
    worse = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("0.02", "0.02\\npeak 1100")}))
    assert worse.word is Word.SLOWER
    assert len(it.recorder.pairs("screen")) == 11  # one look is enough at what is no gain
    silent = it.judge.judge(it.commit({"kernel.c": FAST}))
    assert (silent.word, silent.reason_code) == (Word.WRONG, "no-metric")


class Steady(Instructions):
    """The same figure, but not said to be the same in every run."""

    is_time = False  # bytes
    deterministic = False


def test_a_figure_that_varies_by_chance_is_no_gain(court, tmp_path) -> None:
    it = court(kernel__c=says(1000))
    it.use(Instructions)
    it.judge.establish()
    lucky = says(900) + COUNTED % (tmp_path / "runs", 6)
    verdict = it.judge.judge(it.commit({"kernel.c": lucky}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "no-metric")
    assert "varies from run to run" in verdict.reason


def test_a_baseline_whose_figure_varies_later_leaves_nothing_to_compare_with(court, tmp_path) -> None:
    it = court(kernel__c=says(1000) + COUNTED % (tmp_path / "runs", 11))
    it.use(Instructions)
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": says(900)}))
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "baseline-unstable")


@pytest.mark.parametrize("verifier", [Instructions, Steady])
@pytest.mark.parametrize(
    ("more", "code"), [("\\nwall 0.09", "guard-wall"), ("\\ncpu 0.09\\nwall 0.02", "guard-cpu")]
)
def test_time_guards_beside_a_metric_of_its_own(court, verifier, more, code) -> None:
    it = court(kernel__c=says(1000))
    it.use(verifier)
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": says(900, more)}))
    assert (verdict.word, verdict.reason_code) == (Word.NOT_FASTER, code)
    assert it.judge.judge(it.commit({"kernel.c": says(900)})).word is Word.ACCEPTED


def test_an_own_metric_missing_on_the_unchanged_code_is_said(court, tmp_path) -> None:
    it = court(kernel__c=says(1000) + (COUNTED % (tmp_path / "runs", 9)).replace("peak 905", "nothing"))
    it.use(Steady)
    with pytest.raises(BaselineError, match="does not report peak-said"):
        it.judge.establish()
