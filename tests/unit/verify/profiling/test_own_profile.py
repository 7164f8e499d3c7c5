"""The benchmark's own profile, recorded by the real perf; and what happens where that cannot be had."""

from dataclasses import replace

import pytest

from pesquared.core.profile import UNKNOWN, UNSEEN
from pesquared.core.protocols import Slot
from pesquared.core.settings import BenchSettings
from pesquared.verify.ladder.commands import run_build
from pesquared.verify.measuring.bench import Bench, BenchPlan
from pesquared.verify.profiling.own_profile import Baseline, OwnProfile
from pesquared.verify.profiling.recording import PerfSandbox
from pesquared.verify.trees.linked import Fingerprint, fingerprint
from tests.support.fake_sandbox import ScriptedSandbox
from tests.support.perf import SaidByPerf, require_perf
from tests.unit.verify.conftest import SETTINGS

WORK = """\
#include <stdio.h>
#define BURN(n) for (long i = 0; i < (n); i++) s = s * 1103515245u + 12345u
__attribute__((noinline)) static unsigned small(unsigned s) { BURN(1000); return s; }
static inline unsigned big(unsigned s) { BURN(9000); return s; }
int main(void)
{
    unsigned s = 1;
    for (int i = 0; i < 4000; i++) { s = small(s); s = big(s); }
    printf("%u\\n", s);
    return 0;
}
"""
MAKEFILE = "prog: main.c\n\tcc -O1 -g -o prog main.c\n"


@pytest.fixture
def built(court, request):
    """The program, built in the slot BASELINE, and what runs it."""
    makefile = getattr(request, "param", MAKEFILE)
    it = court(replace(SETTINGS, bench=BenchSettings(command="./prog")), main__c=WORK, Makefile=makefile)
    it.workspaces.place(Slot.BASELINE, it.base)
    it.workspaces.activate(Slot.BASELINE)
    run_build(it.rig, Slot.BASELINE)
    it.bench = Bench(it.rig.verifier, it.workspaces, it.sandbox, BenchPlan(60.0, writable=False), it.rig.host)
    it.bench.capture(Slot.BASELINE)
    it.baseline = lambda runtime_s: Baseline(it.bench, it.base, None, runtime_s)
    return it


def test_perf_finds_the_functions_inlined_ones_too(built, tmp_path):
    require_perf(tmp_path)
    own = OwnProfile(built.rig)
    plain = built.bench.run(Slot.BASELINE).result.stdout
    sandbox = PerfSandbox(ScriptedSandbox(), 499)
    assert built.bench.run(Slot.BASELINE, sandbox=sandbox).result.stdout == plain
    assert b"cpu-clock" in sandbox.printed[0]

    profile = own.of(built.baseline(0.02))
    assert profile is not None
    assert built.recorder.notices == []
    assert profile.total >= 50
    small = profile.share_where(lambda stack: "small" in stack)
    big = profile.share_where(lambda stack: "main" in stack and "small" not in stack)
    assert 0.02 < small / (small + big) < 0.3
    assert "building the baseline with debug information" not in built.recorder.stages
    assert profile.share_where(lambda stack: UNKNOWN in stack) < 0.4


@pytest.mark.parametrize("built", [MAKEFILE.replace(" -g", "")], indirect=True)
def test_a_program_without_lines_is_built_with_them_and_proved_to_be_the_same(built, tmp_path):
    require_perf(tmp_path)
    print_of_baseline = fingerprint(built.workspaces.tree, ["prog"])
    own = OwnProfile(built.rig)
    profile = own.of(replace(built.baseline(0.02), built=print_of_baseline))
    assert profile is not None
    assert profile.share_where(lambda stack: UNKNOWN in stack) < 0.4
    assert profile.share_where(lambda stack: "small" in stack and UNKNOWN not in stack) > 0.02
    assert "building the baseline with debug information" in built.recorder.stages


def samples(number, period_ns, line=b"  a.c:3\n"):
    frames = b"\t 1 f (/tree/prog)\n" + line + b"\t 2 _start (/tree/prog)\n  :0\n"
    return (b"prog 1/1 1.5: %d cpu-clock:\n" % period_ns + frames + b"\n") * number


def test_time_that_no_sample_saw_is_part_of_the_profile(built):
    # 2500 samples are wanted of a run of 1 s; each of these stands for a 2500th of it.
    sandbox = SaidByPerf(text=samples(2000, 400_000))
    own = OwnProfile(replace(built.rig, sandbox=sandbox))
    profile = own.of(built.baseline(1.0))
    assert profile is not None
    assert profile.total == pytest.approx(2500, rel=1e-4)
    assert profile.share_where(lambda stack: tuple(stack) == ("_start", "f")) == pytest.approx(0.8, rel=1e-4)
    assert profile.share_where(lambda stack: UNSEEN in stack) == pytest.approx(0.2, rel=1e-4)
    assert own.of(built.baseline(1.0)) is profile
    assert sandbox.runs == 1
    own.forget()
    assert own.of(built.baseline(1.0)) is not profile
    assert sandbox.runs == 2


def test_a_short_benchmark_is_run_until_there_are_samples_enough(built):
    sandbox = SaidByPerf(text=samples(600, 100_000))
    profile = OwnProfile(replace(built.rig, sandbox=sandbox)).of(built.baseline(0.02))
    assert profile is not None
    assert sandbox.runs == 1 + 3
    few = SaidByPerf(text=samples(2, 100_000))
    assert OwnProfile(replace(built.rig, sandbox=few)).of(built.baseline(0.02)) is None
    assert "too little" in built.recorder.notices[-1]


def test_another_program_with_lines_is_no_help(built):
    sandbox = SaidByPerf(text=samples(2000, 400_000, line=b""))
    own = OwnProfile(replace(built.rig, sandbox=sandbox))
    other = replace(built.baseline(1.0), built=Fingerprint({"prog": "0"}, frozenset({"prog"})))
    profile = own.of(other)
    assert profile is not None
    assert profile.share_where(lambda stack: UNKNOWN in stack) > 0.7
    assert built.recorder.stages.count("building the baseline with debug information") == 1
    assert "building with -g may help" in built.recorder.notices[-1]
    own.forget()
    own.of(other)
    assert built.recorder.stages.count("building the baseline with debug information") == 1
    assert sandbox.runs == 2


@pytest.mark.parametrize(
    ("said", "exit_code", "told"),
    [
        (b"sh: 4: perf: not found\n", 127, "perf: not found"),
        (b"Error:\nAccess to performance monitoring is limited", 255, "Error:"),
        (b"", 0, "printed no stacks"),
    ],
)
def test_where_perf_is_refused_there_is_a_notice_and_no_profile(built, said, exit_code, told):
    rig = replace(built.rig, sandbox=SaidByPerf(said=said, exit_code=exit_code))
    own = OwnProfile(rig)
    assert own.of(built.baseline(0.02)) is None
    assert own.of(built.baseline(0.02)) is None
    own.forget()
    assert own.of(built.baseline(0.02)) is None
    (notice,) = built.recorder.notices
    assert "no ceiling" in notice
    assert told in notice


def test_there_is_none_for_another_metric_than_cpu_time(court):
    it = court()
    it.sandbox.accounting = "wall"
    it.judge.establish()
    assert it.judge.metric == "wall"
    assert it.judge.benchmark_profile() is None
    assert not any("perf" in notice for notice in it.recorder.notices)
