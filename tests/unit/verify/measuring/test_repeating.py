"""Short benchmarks are run several times for one sample, each run fresh and checked."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.settings import AcceptSettings, BenchSettings
from pesquared.core.verdict import Word
from pesquared.errors import StoppedError
from pesquared.verify.judge import TreeJudge
from pesquared.verify.measuring.repeating import SAMPLE_S, runs_in_a_sample
from tests.unit.verify.conftest import KERNEL, SETTINGS

SHORT = KERNEL.replace("0.02", "0.006")
FASTER = KERNEL.replace("0.02", "0.003")
# Counts its runs outside the tree. Where a file "wrong" is, every fourth run after the first is.
COUNTS = """\
echo run >> {counts}; n=$(( $(wc -l < {counts}) - $(cat {first}) ))
if [ -f wrong ] && [ $n -gt 0 ] && [ $((n % 4)) = 0 ]; then echo other; fi; ./prog"""


def counted(court, tmp_path):
    (tmp_path / "first").write_text("0")
    command = COUNTS.format(counts=tmp_path / "counts", first=tmp_path / "first")
    return court(replace(SETTINGS, bench=BenchSettings(command=command, timeout_s=5.0)), kernel__c=SHORT)


def runs(tmp_path) -> int:
    return len((tmp_path / "counts").read_text().splitlines())


@given(st.floats(min_value=1e-9, max_value=1e4))
def test_a_sample_fills_its_time_and_no_more(run_s):
    number = runs_in_a_sample(run_s)
    assert 1 <= number <= 50
    assert number == 50 or number * run_s >= 0.95 * SAMPLE_S * (1 - 1e-9)
    assert number == 1 or (number - 1) * run_s < SAMPLE_S


def test_samples_of_known_lengths():
    assert [runs_in_a_sample(ms / 1000) for ms in (0, 0.1, 1, 2.1, 9, 19.5, 20, 700)] == [
        50,
        50,
        19,
        10,
        3,
        1,
        1,
        1,
    ]


def test_what_takes_long_enough_is_run_once(court):
    it = court()
    it.judge.establish()
    assert not any("a sample is" in notice for notice in it.recorder.notices)


def test_a_short_benchmark_is_run_several_times_for_a_pair(court, tmp_path):
    it = counted(court, tmp_path)
    it.judge.establish()
    assert [notice for notice in it.recorder.notices if "a sample is 4 of them" in notice] != []
    assert it.judge.runtime_s == pytest.approx(0.006, rel=0.05)  # of one run
    before = runs(tmp_path)
    verdict = it.judge.compare(it.commit({"kernel.c": FASTER}))
    assert verdict.accepted
    pairs = sum(len(it.recorder.pairs(stage)) for stage in ("confirm", "claim"))
    # The first run, that of the build from nothing, and those that read memory.
    assert runs(tmp_path) - before == 8 * pairs + 2 + 6
    assert verdict.gain is not None
    assert verdict.gain.median == pytest.approx(0.5, abs=0.03)


def test_every_run_of_a_sample_is_checked(court, tmp_path):
    it = counted(court, tmp_path)
    it.judge.establish()
    (tmp_path / "first").write_text(str(runs(tmp_path) + 1))  # the candidate's first run, outside any sample
    verdict = it.judge.compare(it.commit({"kernel.c": FASTER, "wrong": ""}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "output")
    assert not it.recorder.pairs("confirm")


def test_a_sample_follows_the_baseline(court):
    it = court(replace(SETTINGS, accept=AcceptSettings(max_pairs=40)))
    it.judge.establish()
    fast = it.commit({"kernel.c": FASTER})
    assert it.judge.judge(fast).accepted
    it.judge.adopt(fast)
    it.sandbox.commands.clear()
    before = len(it.recorder.pairs("screen"))
    assert not it.judge.judge(it.commit({"kernel.c": FASTER + "int more = 1;\n"})).accepted
    pairs = len(it.recorder.pairs("screen")) - before
    assert it.sandbox.commands.count("./prog") == 14 * pairs + 1


@dataclass
class Noted:
    """A lock that counts how many commands are run while it is held, and can refuse to be entered."""

    commands: list[str]
    held: list[int] = field(default_factory=list)
    refuses: bool = False

    @contextmanager
    def measuring(self):
        if self.refuses:
            raise StoppedError("interrupted while waiting")
        before = len(self.commands)
        yield
        self.held.append(len(self.commands) - before)

    working = measuring


def test_the_host_is_held_over_all_runs_of_a_pair(court):
    it = court(kernel__c=SHORT)
    noted = Noted(it.sandbox.commands)
    judge = TreeJudge(replace(it.rig, host=noted), it.base)
    judge.establish()
    assert noted.held.count(8) == len(it.recorder.pairs("noise"))


def test_a_stop_while_waiting_for_the_host_is_an_interruption(court):
    it = court()
    noted = Noted(it.sandbox.commands)
    judge = TreeJudge(replace(it.rig, host=noted), it.base)
    judge.establish()
    noted.refuses = True
    fast = it.commit({"kernel.c": FASTER})
    assert judge.compare(fast).reason_code == "interrupted"
    assert judge.conclude(fast)[0].reason_code == "interrupted"
