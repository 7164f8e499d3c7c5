"""What stops a run before it begins: each with what is wrong and what to do."""

from dataclasses import replace

import pytest

from pesquared.core.settings import AcceptSettings, BenchSettings, BuildSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from pesquared.errors import BaselineError, NoiseError, UsageError
from pesquared.verifiers.command import CommandVerifier
from tests.unit.verify.conftest import FAST, KERNEL, MAKEFILE, SETTINGS


def bench(command: str, **more) -> BenchSettings:
    return BenchSettings(command=command, timeout_s=20.0, **more)


def test_a_build_that_fails_is_shown(court) -> None:
    with pytest.raises(BaselineError, match=r"(?s)the build ended with exit code 2.*kernel\.c:2") as caught:
        court(kernel__c=KERNEL.replace("int s = 0;", "")).judge.establish()
    assert caught.value.exit_code == 4


def test_a_missing_program_is_named(court) -> None:
    it = court(replace(SETTINGS, build=BuildSettings(command="no-such-compiler -o x")))
    with pytest.raises(BaselineError, match="command not found: no-such-compiler") as caught:
        it.judge.establish()
    assert "install no-such-compiler" in caught.value.fix


def test_an_ignored_file_that_the_build_needs_is_named(court) -> None:
    it = court(kernel__c='#include "made/config.h"\n' + KERNEL, __gitignore="made/\n")
    (it.root / "made").mkdir()
    (it.root / "made" / "config.h").write_text("")
    with pytest.raises(BaselineError, match=r"made/config\.h is missing: git ignores it") as caught:
        it.judge.establish()
    assert '[build] include = ["made/config.h"]' in caught.value.fix


def test_tests_that_fail_on_the_unchanged_code_stop_the_run(court) -> None:
    it = court(replace(SETTINGS, test=SuiteSettings(quick="echo broken >&2; exit 3")))
    with pytest.raises(BaselineError, match=r"(?s)the quick test command ended with exit code 3.*broken"):
        it.judge.establish()


@pytest.mark.parametrize("command", ["./prog; exit 1", "kill -SEGV $$"])
def test_a_benchmark_that_fails_on_the_unchanged_code_stops_the_run(court, command) -> None:
    with pytest.raises(BaselineError, match=r"the benchmark .* on the unchanged code"):
        court(replace(SETTINGS, bench=bench(command))).judge.establish()


BUILDS = replace(
    SETTINGS, build=BuildSettings(command="true"), bench=bench("make && ./prog"), test=SuiteSettings()
)


def test_a_benchmark_that_builds_what_it_runs_is_run_once_after_each_build(court) -> None:
    it = court(replace(BUILDS, bench=bench("make >&2 && ./prog")))
    it.judge.establish()
    assert any("run once after each build" in notice for notice in it.recorder.notices)
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted
    broken = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("int s = 0;", "")}))
    assert broken.word is Word.BUILD_FAILED
    assert "kernel.c" in broken.gates[0].detail
    crashes = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("return s;", "__builtin_trap();")}))
    assert (crashes.word, crashes.reason_code) == (Word.WRONG, "exit-code")


def test_a_benchmark_that_links_in_every_run_is_refused(court) -> None:
    it = court(replace(BUILDS, bench=bench("rm -f prog; make >&2 && ./prog")))
    with pytest.raises(BaselineError, match="the benchmark command builds") as caught:
        it.judge.establish()
    assert "--build" in caught.value.fix


def test_without_tests_and_output_there_is_nothing_to_be_right_by(court) -> None:
    untested = replace(SETTINGS, test=SuiteSettings(), bench=bench("./prog > /dev/null"))
    with pytest.raises(BaselineError, match="nothing to be right by"):
        court(untested).judge.establish()


def test_output_that_varies_is_dropped_and_said_if_there_are_tests(court) -> None:
    it = court(replace(SETTINGS, bench=bench("./prog; head -c 4 /dev/urandom | base64 | tr 0-9 a-j")))
    it.judge.establish()
    assert any("stdout varies by itself" in notice for notice in it.recorder.notices)


def test_too_short_a_benchmark_is_refused(court) -> None:
    it = court(kernel__c=KERNEL.replace("0.02", "0.0004"))
    it.sandbox.noise = 0.0
    with pytest.raises(NoiseError, match=r"0\.4\d? ms beyond its launch") as caught:
        it.judge.establish()
    assert caught.value.exit_code == 5


def test_a_hopeless_host_is_said(court) -> None:
    it = court(replace(SETTINGS, accept=AcceptSettings(metric="cpu")))
    it.sandbox.noise = 4.0
    with pytest.raises(NoiseError, match="differs from itself by up to"):
        it.judge.establish()


def test_cpu_time_needs_accounting(court) -> None:
    it = court(replace(SETTINGS, accept=AcceptSettings(metric="cpu")))
    it.sandbox.accounting = "wall"
    with pytest.raises(UsageError, match="not accounted for here"):
        it.judge.establish()


@pytest.mark.parametrize(
    ("says", "accounting", "metric"),
    [("cpu 0.02", "task-clock", "cpu"), ("cpu 0.02", "wall", "wall"), ("cpu 0.04\\nwall 0.02", "task-clock", "wall"),
     ("cpu 0.01\\nwall 0.02", "task-clock", "wall")],
)  # fmt: skip
def test_the_metric_follows_what_the_baseline_is_bound_by(court, says, accounting, metric) -> None:
    it = court(kernel__c=KERNEL.replace("cpu 0.02", says))
    it.sandbox.accounting = accounting
    assert it.judge.establish().metric == metric
    assert it.judge.metric == metric


def test_long_benchmarks_are_measured_for_two_minutes(court) -> None:
    it = court(kernel__c=KERNEL.replace("0.02", "4.2"))
    assert it.judge.establish().pairs == 10  # three runs of 4.2 seconds each


def test_files_with_other_names_each_time_must_be_declared(court) -> None:
    settings = replace(SETTINGS, bench=bench("./prog; echo x > out-$$"))
    with pytest.raises(BaselineError, match="writes other files from run to run") as caught:
        court(settings).judge.establish()
    assert "[bench] writes" in caught.value.fix


def test_declared_files_may_have_any_name(court) -> None:
    it = court(replace(SETTINGS, bench=bench("./prog; echo x > out-$$", writes=("out-*",))))
    assert it.judge.establish().pairs == 30


def test_a_benchmark_that_leaves_nothing_but_needs_to_write_may(court) -> None:
    it = court(replace(SETTINGS, bench=bench("./prog && echo x > tmp && rm tmp")))
    assert it.judge.establish().pairs == 30


def test_overwritten_inputs_are_put_back(court) -> None:
    settings = replace(SETTINGS, bench=bench("./prog && cat count && echo more >> count"))
    it = court(settings, count="one\n")
    it.judge.establish()
    assert not any("varies" in notice for notice in it.recorder.notices)


def test_builds_that_do_not_repeat_themselves_turn_the_shortcut_off(court) -> None:
    it = court(Makefile=MAKEFILE.replace("kernel.o\n\t", "kernel.o\n\tdate +%N > stamp; ", 1))
    it.judge.establish()
    assert any("two builds of the same code differ (" in notice for notice in it.recorder.notices)


def test_what_a_benchmark_prints_is_compared_after_what_is_ignored(court) -> None:
    it = court(
        replace(SETTINGS, test=SuiteSettings(), bench=bench("./prog; echo id $(date +%N)x", ignore=("^id .*$",)))
    )
    it.judge.establish()
    assert it.recorder.notices == []


class Unsteady(CommandVerifier):
    metric_name = "unsteady"
    deterministic = True

    def metric(self, result):
        return float(result.stdout.split()[-1])


def test_a_metric_said_to_be_deterministic_must_be(court) -> None:
    it = court(replace(SETTINGS, bench=bench("./prog; echo $$")))
    it.use(Unsteady)
    with pytest.raises(BaselineError, match="said to be deterministic"):
        it.judge.establish()
