"""The rung of sanitizers: real compilers, real reports, and baselines that trip by themselves."""

import shutil
from dataclasses import replace

import pytest

from pesquared.core.settings import BuildSettings, CheckCase, CheckSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from tests.unit.verify.conftest import FAST, KERNEL, MAIN, MAKEFILE, SETTINGS

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")
WITH = replace(SETTINGS, check=CheckSettings(sanitizers=True))
BEYOND = "int s = 0; if (n == {n}) {{ volatile char *a = malloc(4); s += 0 * a[n % 1 + 4]; }}"
READS_BEYOND = "#include <stdlib.h>\n" + FAST.replace("int s = 0;", BEYOND.format(n=100))
OVERFLOW = "UndefinedBehaviorSanitizer: signed integer overflow"
OVERFLOWS = "if (n == {n}) {{ volatile int big = 2147483647; big = big + n; }} return s"


def sanitized(verdict):
    return next(gate for gate in verdict.gates if gate.name == "sanitizers")


def test_what_is_right_passes_and_is_adopted(court) -> None:
    it = court(WITH)
    it.judge.establish()
    assert it.recorder.notices == []
    fast = it.commit({"kernel.c": FAST})
    verdict = it.judge.judge(fast)
    names = ["build", "quick-tests", "output", "sanitizers", "full-tests"]
    assert [gate.name for gate in verdict.gates if gate.passed] == names
    it.judge.adopt(fast)
    assert (it.workspaces.codebase / "kernel.c").read_text() == FAST  # the baseline stands at the constant path
    assert not (it.workspaces.tree / ".pesquared-sanitizers").exists()
    wrong = it.judge.check(it.commit({"kernel.c": READS_BEYOND.replace("0.01", "0.005")}))
    assert wrong.reason_code == "sanitizer"
    assert (it.workspaces.codebase / "kernel.c").read_text() == FAST
    assert it.judge.conclude(fast)[0].word is Word.ACCEPTED


def test_what_no_output_shows_is_found(court) -> None:
    it = court(WITH)
    it.judge.establish_gates()
    for kernel, reason, place in (
        (READS_BEYOND, "the benchmark: AddressSanitizer: heap-buffer-overflow", "kernel.c:3"),
        (KERNEL.replace("return s", OVERFLOWS.format(n=100)), f"the benchmark: {OVERFLOW}", "kernel.c:2"),
        (KERNEL.replace("return s", OVERFLOWS.format(n=3)), f"the quick tests: {OVERFLOW}", "kernel.c:2"),
    ):
        verdict = it.judge.check(it.commit({"kernel.c": kernel}))
        assert (verdict.word, verdict.reason_code) == (Word.WRONG, "sanitizer")
        assert verdict.reason.startswith(reason)
        assert place in sanitized(verdict).detail
        assert str(it.workspaces.tree) not in sanitized(verdict).detail


def test_what_the_unchanged_code_trips_over_is_a_finding_and_not_held_against_anybody(court) -> None:
    it = court(WITH, kernel__c=KERNEL.replace("return s", OVERFLOWS.format(n=100)))
    it.judge.establish_gates()
    (notice,) = it.recorder.notices
    assert notice.startswith(f"found in the unchanged code, and not held against candidates: {OVERFLOW}: ")
    assert notice.endswith(", kernel.c:2")
    also = FAST.replace("return s", OVERFLOWS.format(n=3))
    assert it.judge.check(it.commit({"kernel.c": also})).reason_code == "not-measured"
    shifts = FAST.replace("return s", "volatile int by = n; if (n == 100) by = 1 << by; return s")
    assert "shift exponent" in it.judge.check(it.commit({"kernel.c": shifts})).reason
    assert it.judge.check(it.commit({"kernel.c": READS_BEYOND})).reason_code == "sanitizer"


def test_a_memory_error_of_the_unchanged_code_leaves_the_other_sanitizer(court) -> None:
    it = court(WITH, kernel__c=READS_BEYOND)
    it.judge.establish_gates()
    assert "AddressSanitizer: heap-buffer-overflow, kernel.c:3" in it.recorder.notices[0]
    assert len(it.recorder.notices) == 1
    also = READS_BEYOND.replace("0.01", "0.02")
    assert it.judge.check(it.commit({"kernel.c": also})).reason_code == "not-measured"
    overflows = KERNEL.replace("return s", OVERFLOWS.format(n=100))
    assert it.judge.check(it.commit({"kernel.c": overflows})).reason_code == "sanitizer"


HIDES = """\
test: prog
\t./prog test > /dev/null 2>&1; true
prog: main.o kernel.o
\tcc -o prog main.o kernel.o
"""


def test_a_harness_that_hides_reports_hides_no_memory_error(court) -> None:
    settings = replace(WITH, test=replace(WITH.test, quick="make test"))
    it = court(settings, Makefile=HIDES)
    it.judge.establish_gates()
    kernel = "#include <stdlib.h>\n" + FAST.replace("int s = 0;", BEYOND.format(n=3))
    assert "the quick tests: AddressSanitizer" in it.judge.check(it.commit({"kernel.c": kernel})).reason


ABSOLUTE = MAKEFILE.replace("cc ", "/usr/bin/cc ")
COMPILES = (
    "main.o: main.c\n\t/usr/bin/cc {flags} -c main.c\nkernel.o: kernel.c\n\t/usr/bin/cc {flags} -c kernel.c\n"
)


@pytest.mark.parametrize(
    ("makefile", "notice"),
    [
        (MAKEFILE + "CC = gcc\nCFLAGS = -O2 -Werror\n", ""),
        (ABSOLUTE.replace("cc -o", "cc $(LDFLAGS) -o") + COMPILES.format(flags="$(CFLAGS)"), ""),
        (ABSOLUTE + COMPILES.format(flags=""), "skipped: the build does not take their options"),
        (MAKEFILE.replace("cc -o", "cc -static -o"), ""),
        (MAKEFILE + "ifdef ASAN_OPTIONS\n$(shell sleep 60)\nendif\n", "skipped: the build took too long"),
        (
            MAKEFILE + "ifdef ASAN_OPTIONS\n$(error no, thanks)\nendif\n",
            "skipped: the build ended with exit code 2",
        ),
        ("prog:\n\tprintf '#!/bin/sh\\necho sum 4950; echo cpu 0.02 >&2' > prog; chmod +x prog\n", "skipped:"),
    ],
)
def test_builds_take_the_options_or_the_rung_is_skipped(court, makefile, notice) -> None:
    it = court(replace(WITH, build=BuildSettings(timeout_s=5.0)), Makefile=makefile)
    it.judge.establish_gates()
    skipped = [text for text in it.recorder.notices if "sanitizers are" in text]
    assert len(skipped) == bool(notice)
    assert notice in "".join(skipped)
    overflows = KERNEL.replace("return s", OVERFLOWS.format(n=100))
    verdict = it.judge.check(it.commit({"kernel.c": overflows + "int more = 3;\n"}))
    assert (verdict.reason_code == "sanitizer") == (not notice)


def test_cmake_takes_the_options_and_keeps_its_cache(court) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("there is no cmake")
    lists = "project(p C)\ncmake_minimum_required(VERSION 3.10)\nadd_executable(prog main.c kernel.c)\n"
    settings = replace(
        WITH,
        build=BuildSettings(command="cmake -B build -DCMAKE_C_COMPILER_WORKS=1 && cmake --build build"),
        test=SuiteSettings(),
        bench=replace(WITH.bench, command="build/prog"),
    )
    it = court(settings, CMakeLists__txt=lists, Makefile="")
    it.judge.establish_gates()
    assert it.recorder.notices == []
    assert it.judge.check(it.commit({"kernel.c": READS_BEYOND})).reason_code == "sanitizer"


def test_clang_is_as_good(court) -> None:
    if shutil.which("clang") is None:
        pytest.skip("there is no clang")
    makefile = MAKEFILE.replace("cc -o", "clang -o") + "CC = clang\n"
    it = court(WITH, Makefile=makefile, kernel__c=KERNEL.replace("return s", OVERFLOWS.format(n=3)))
    it.judge.establish_gates()
    (notice,) = it.recorder.notices
    assert OVERFLOW in notice
    assert "kernel.c:3" in it.judge.check(it.commit({"kernel.c": READS_BEYOND})).reason


def test_a_header_that_no_rule_names_is_built_from_nothing(court) -> None:
    files = {"kernel__c": '#include "hot.h"\n', "hot__h": KERNEL}
    it = court(WITH, **files)
    it.judge.establish_gates()
    assert it.judge.check(it.commit({"hot.h": READS_BEYOND})).reason_code == "sanitizer"


@pytest.mark.parametrize("condition", ['getenv("ASAN_OPTIONS")', 'getenv("ASAN_OPTIONS") && getppid()'])
def test_tests_that_fail_with_sanitizers_by_themselves_are_left_out(court, condition) -> None:
    main = MAIN.replace(
        "#include <stdio.h>", "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>"
    ).replace("return sum(3) != 3;", f"return sum(3) != 3 || ({condition});")
    it = court(WITH, main__c=main)
    it.judge.establish_gates()
    assert it.recorder.notices == [
        "the quick tests: not run with sanitizers, since the quick tests ended with exit code 1"
    ]
    assert it.judge.check(it.commit({"kernel.c": FAST})).reason_code == "not-measured"
    assert it.judge.check(it.commit({"kernel.c": READS_BEYOND})).reason_code == "sanitizer"


def test_a_result_that_only_sanitizers_change_is_found(court) -> None:
    """What an uninitialised variable holds depends on the build."""
    it = court(WITH)
    it.judge.establish_gates()
    differs = "#include <stdlib.h>\n" + FAST.replace("return s", 'return s + (n == 100 && getenv("ASAN_OPTIONS"))')
    verdict = it.judge.check(it.commit({"kernel.c": differs}))
    assert verdict.reason_code == "sanitizer"
    assert "expected “sum 4950”, got “sum 4951”" in sanitized(verdict).detail
    refuses = FAST + "#if defined __SANITIZE_ADDRESS__\n#error not here\n#endif\n"
    verdict = it.judge.check(it.commit({"kernel.c": refuses}))
    assert "does not build with sanitizers" in verdict.reason
    assert "not here" in sanitized(verdict).detail


CASED = CheckSettings(
    command="./prog", case=(CheckCase("open", argv=("x", "7")), CheckCase("secret", argv=("x", "8"), hidden=True))
)
BY_ARGUMENT = MAIN.replace("sum(100)", "sum(argc > 2 ? atoi(argv[2]) : 100)").replace(
    "#include <stdio.h>", "#include <stdio.h>\n#include <stdlib.h>"
)


@pytest.mark.parametrize(("n", "told"), [(7, True), (8, False)])
def test_cases_are_run_with_sanitizers_and_hidden_ones_stay_hidden(court, n, told) -> None:
    it = court(replace(WITH, check=CASED), main__c=BY_ARGUMENT)
    it.judge.establish_gates()
    verdict = it.judge.check(it.commit({"kernel.c": KERNEL.replace("return s", OVERFLOWS.format(n=n))}))
    assert verdict.reason_code == "sanitizer"
    assert ("2147483647" in sanitized(verdict).detail) == told
    if not told:
        assert verdict.reason == sanitized(verdict).detail == "with sanitizers, a hidden case differs: secret"
