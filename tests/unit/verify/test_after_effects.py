"""A run that burdens the one after it: who pays for that must not be decided by the coin."""

import random

import pytest

from pesquared.core.protocols import Slot
from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import Settings
from pesquared.core.verdict import Word
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.measuring.bench import BenchRun
from pesquared.verify.measuring.meter import Meter
from pesquared.verify.measuring.pairs import Pair, PairedRuns
from tests.unit.verify.conftest import SETTINGS

BURDENED = """\
#include <stdio.h>
#include <unistd.h>
const char *says = "";
int sum(int n)
{
    int s = 0;
    for (int i = 0; i < n; i++) s += i;
    if (n == 100) { /* not in the tests */
        fprintf(stderr, "cpu %%g\\n", access("%(burden)s", F_OK) ? 0.02 : 0.024);
        unlink("%(burden)s");
    }
    return s;
}
"""
LEAVES = """if (n == 100) fclose(fopen("%(burden)s", "w")); return s;"""


def test_a_candidate_that_burdens_its_successor_gains_nothing_by_it(court, tmp_path) -> None:
    """Whatever runs after the candidate takes a fifth longer, itself included: in no order is that a gain."""
    names = {"burden": tmp_path / "burden"}
    it = court(kernel__c=BURDENED % names)
    it.judge.establish()
    leaves = BURDENED.replace("return s;", LEAVES)
    burdening = it.commit({"kernel.c": leaves % names})
    assert it.judge.judge(burdening).word is not Word.ACCEPTED
    compared = it.judge.compare(burdening)
    assert compared.word in {Word.NOT_FASTER, Word.SLOWER}
    assert compared.gain is not None
    assert compared.gain.median <= 0
    final, _ = it.judge.conclude(burdening)
    assert final.word in {Word.NOT_FASTER, Word.SLOWER}


class Order:
    """Stands where the bench does and writes down what was run; every run takes a hundredth longer than the last."""

    own_metric = ""

    def __init__(self, host) -> None:
        self.alone = host.measuring
        self.slots: list[Slot] = []

    def run(self, slot: Slot) -> BenchRun:
        self.slots.append(slot)
        seconds = 0.01 * len(self.slots)
        return BenchRun(RunResult(0, b"", b"", Usage(seconds, seconds, None, "task-clock")), {})


@pytest.mark.parametrize(
    ("repeats", "apart", "runs", "times"),
    [
        (1, False, 2, (0.01, 0.02)),
        (1, True, 3, (0.01, 0.03)),
        (2, False, 4, (0.015, 0.035)),
        (2, True, 4, (0.015, 0.04)),
        (5, True, 10, (0.03, 0.085)),
    ],
)
def test_between_the_timed_runs_stands_one_of_the_seconds_own_side(court, repeats, apart, runs, times) -> None:
    order = Order(court().rig.host)
    meter = Meter(CommandVerifier(Settings()), Usage(0.0, 0.0, None, "task-clock"))
    meter.repeats = repeats
    sides = [(slot, lambda _run: None) for slot in (Slot.BASELINE, Slot.CANDIDATE)]
    pairs = PairedRuns(order, meter, random.Random(1), *sides)  # type: ignore[arg-type] # but for the bench
    pair = pairs.next_apart() if apart else pairs.next()
    assert isinstance(pair, Pair)
    first, second = order.slots[0], order.slots[-1]
    assert order.slots == [first] * repeats + [second] * (runs - repeats)
    by_slot = {Slot.BASELINE: pair.baseline.cpu_s, Slot.CANDIDATE: pair.candidate.cpu_s}
    assert (by_slot[first], by_slot[second]) == pytest.approx(times)
    assert pair.spent_s == pytest.approx(sum(0.01 * number for number in range(1, runs + 1)))


def test_a_screen_goes_without_the_third_run(court) -> None:
    it = court()
    it.judge.establish()
    before = it.sandbox.commands.count(SETTINGS.bench.command)
    equal = it.commit({"kernel.c": BURDENED.replace("0.024", "0.02") % {"burden": "none"}})
    assert it.judge.judge(equal).word is Word.NOT_FASTER
    runs = it.sandbox.commands.count(SETTINGS.bench.command) - before
    assert runs == 1 + 2 * len(it.recorder.pairs("screen"))  # the first run of all is looked at for its output
