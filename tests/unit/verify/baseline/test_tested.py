"""What tests write does not reach the benchmark, unless the benchmark needs it; then what is no program is the baseline's."""

from dataclasses import replace

import pytest

from pesquared.core.settings import BenchSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from tests.unit.verify.conftest import FAST, KERNEL, MAIN, SETTINGS

LOGGED = SuiteSettings(quick="./prog test > check.log")
# Tests run sum(3); what they leave in the log tells the next run how fast it may say to be.
CHEAT = """\
#include <stdio.h>
const char *says = "cpu 0.02\\n";
__attribute__((constructor)) static void look(void)
{
    FILE *log = fopen("check.log", "r");
    if (log && fgetc(log) == 'f')
        says = "cpu 0.01\\n";
    if (log)
        fclose(log);
}
int sum(int n)
{
    int s = 0;
    if (n == 3)
        fputs("fast", fopen("check.log", "w"));
    for (int i = 0; i < n; i++)
        s += i;
    return s;
}
"""


def needs(it) -> list[str]:
    return [
        notice for notice in it.recorder.notices if notice.startswith("the benchmark uses what the tests make")
    ]


@pytest.mark.parametrize("tests", [LOGGED, SuiteSettings(full="./prog test > check.log")])
def test_answers_in_a_file_that_the_tests_write_do_not_reach_the_benchmark(court, tests) -> None:
    it = court(replace(SETTINGS, test=tests))
    it.judge.establish()
    assert not needs(it)
    cheat = it.commit({"kernel.c": CHEAT})
    assert not it.judge.judge(cheat).accepted
    assert not it.judge.compare(cheat).accepted
    assert not it.judge.conclude(cheat)[0].accepted
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted


def test_they_do_not_in_a_file_of_the_build_that_tests_write_either(court) -> None:
    makefile = "prog: main.o kernel.o\n\techo > check.log\n\tcc -o prog main.o kernel.o\n"
    it = court(replace(SETTINGS, test=LOGGED), Makefile=makefile)
    it.judge.establish()
    assert not it.judge.judge(it.commit({"kernel.c": CHEAT})).accepted
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted


def test_times_of_a_folder_tell_the_benchmark_nothing(court) -> None:
    told = CHEAT.replace("#include <stdio.h>", "#include <sys/stat.h>\n#include <stdio.h>").replace(
        "log && fgetc(log) == 'f'", '!stat("data", &of) && of.st_mtime == 7'
    )
    told = told.replace("    FILE *log", "    struct stat of;\n    FILE *log").replace(
        'fputs("fast", fopen("check.log", "w"))',
        'utimensat(AT_FDCWD, "data", (struct timespec[2]){{7, 0}, {7, 0}}, 0)',
    )
    it = court(**{"data/input": "1"})
    it.judge.establish()
    assert not it.judge.judge(it.commit({"kernel.c": "#include <fcntl.h>\n" + told})).accepted


def test_a_benchmark_that_needs_the_file_reads_the_baselines(court) -> None:
    settings = replace(SETTINGS, test=LOGGED, bench=BenchSettings("test -e check.log && ./prog", timeout_s=5.0))
    it = court(settings)
    it.judge.establish()
    assert needs(it) == ["the benchmark uses what the tests make: check.log"]
    cheat = it.commit({"kernel.c": CHEAT})
    assert not it.judge.judge(cheat).accepted
    assert not it.judge.conclude(cheat)[0].accepted
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted


def test_a_benchmark_that_prints_something_else_without_it_needs_it(court) -> None:
    settings = replace(
        SETTINGS,
        test=SuiteSettings(quick="echo 1 > one", full="./prog test && echo 2 > two"),
        bench=BenchSettings("cat one two 2>/dev/null; ./prog", timeout_s=5.0),
    )
    it = court(settings)
    it.judge.establish()
    assert needs(it) == ["the benchmark uses what the tests make: one, two"]
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted


def test_output_that_varies_by_itself_is_no_need(court) -> None:
    prints = MAIN.replace("return 0;", 'printf("at %p\\n", (void *)&argc); return 0;')
    it = court(replace(SETTINGS, test=LOGGED), main__c=prints)
    it.judge.establish()
    assert not needs(it)


def test_full_tests_find_what_the_quick_ones_make_if_they_need_it(court) -> None:
    it = court(replace(SETTINGS, test=SuiteSettings(quick="./prog test > quick.log", full="cat quick.log")))
    it.judge.establish()
    assert not needs(it)
    verdict = it.judge.judge(it.commit({"kernel.c": FAST}))
    assert verdict.word is Word.ACCEPTED
    assert "full-tests" in [gate.name for gate in verdict.gates]
    assert not (it.workspaces.codebase / "quick.log").exists()


def test_what_the_tests_would_rewrite_of_the_program_is_as_it_was_built(court) -> None:
    it = court(replace(SETTINGS, test=SuiteSettings(quick="./prog test && touch kernel.o && make -s")))
    it.judge.establish()
    assert not any("link programs" in notice for notice in it.recorder.notices)
    same = it.judge.judge(it.commit({"kernel.c": KERNEL + "/* nothing */\n"}))
    assert (same.word, same.reason_code) == (Word.UNCHANGED, "same-program")
