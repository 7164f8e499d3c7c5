"""A candidate is built warm where that can be trusted; a build tool that misses a change fools nobody."""

from dataclasses import replace

import pytest

from pesquared.core.settings import BenchSettings, BuildSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from tests.unit.verify.conftest import FAST, KERNEL, MAIN, MAKEFILE, SETTINGS

HEADER_ONLY = {"kernel__c": '#include "hot.h"\n', "hot__h": KERNEL}  # of which the Makefile knows nothing
UNITY = {
    "kernel__c": KERNEL,
    "all__c": '#include "kernel.c"\n#include "main.c"\n',
    "Makefile": "prog: all.c\n\tcc -o prog all.c\n",
    "main__c": MAIN.replace("extern const char *says;\n", ""),
}
LIBRARY = """\
all: hot.a tool
hot.a: kernel.o
\tar rcs hot.a kernel.o
tool: main.c kernel.o
\tcc -DTOOL -o tool -x c tool.txt
bench: main.o hot.a
\tcc -o bench main.o hot.a
"""


def cold_builds(it) -> list[str]:
    return [text for text in it.recorder.stages if text.startswith("building the candidate from nothing")]


def test_an_edited_header_is_built_from_nothing(court) -> None:
    it = court(**HEADER_ONLY)
    it.judge.establish()
    assert it.judge.judge(it.commit({"hot.h": FAST})).word is Word.ACCEPTED
    assert cold_builds(it) == ["building the candidate from nothing: hot.h is part of other files"]


def test_an_adopted_header_leads_to_no_false_verdict_later(court) -> None:
    it = court(**HEADER_ONLY)
    it.judge.establish()
    fast = it.commit({"hot.h": FAST})
    it.judge.judge(fast)
    it.judge.adopt(fast)
    same = it.judge.judge(it.commit({"hot.h": FAST + "/* nothing else */\n"}))
    assert (same.word, same.reason_code) == (Word.UNCHANGED, "same-program")
    assert it.judge.judge(it.commit({"hot.h": KERNEL})).word is Word.SLOWER
    assert it.judge.conclude(fast)[0].word is Word.ACCEPTED


def test_a_change_that_the_build_misses_is_seen_all_the_same(court) -> None:
    it = court(**UNITY)
    it.judge.establish()
    assert it.judge.judge(it.commit({"kernel.c": FAST})).word is Word.ACCEPTED
    assert cold_builds(it) == ["building the candidate from nothing: the warm build made nothing new"]


def test_it_is_seen_where_builds_do_not_repeat_themselves_too(court) -> None:
    it = court(**UNITY | {"Makefile": UNITY["Makefile"] + "\tdate +%N > stamp\n"})
    it.judge.establish()
    assert any("two builds of the same code differ" in notice for notice in it.recorder.notices)
    assert it.judge.judge(it.commit({"kernel.c": FAST})).word is Word.ACCEPTED


def test_what_no_build_can_compile_is_said_even_if_the_warm_build_missed_it(court) -> None:
    it = court(**UNITY)
    it.judge.establish()
    assert it.judge.judge(it.commit({"kernel.c": "broken"})).word is Word.BUILD_FAILED


@pytest.mark.parametrize(
    "tests",
    [SuiteSettings(quick="make bench && ./bench test"), SuiteSettings(full="make bench && ./bench test")],
)
def test_a_program_that_the_tests_link_is_measured_with_the_new_code(court, tests) -> None:
    settings = replace(
        SETTINGS, build=BuildSettings(command="make"), test=tests, bench=BenchSettings("./bench", timeout_s=5.0)
    )
    it = court(settings, Makefile=LIBRARY, tool__txt="int main(void) { return 0; }\n")
    it.judge.establish()
    assert any("the tests link programs" in notice for notice in it.recorder.notices)
    assert it.judge.judge(it.commit({"kernel.c": FAST})).word is Word.ACCEPTED


@pytest.mark.parametrize(
    "tests", [SuiteSettings(quick="echo 1 > made"), SuiteSettings(quick="./prog test", full="echo 1 > made")]
)
def test_what_tests_make_is_there_for_the_benchmark_in_every_tree(court, tests) -> None:
    settings = replace(SETTINGS, test=tests, bench=BenchSettings("cat made && ./prog", timeout_s=5.0))
    it = court(settings, **HEADER_ONLY, Makefile=MAKEFILE)
    it.judge.establish()
    fast = it.commit({"hot.h": FAST})
    assert it.judge.judge(fast).word is Word.ACCEPTED
    it.judge.adopt(fast)
    assert it.judge.conclude(fast)[0].word is Word.ACCEPTED
