"""Differential cases: what the unchanged code does with an input, a candidate must do, too."""

from dataclasses import replace

import pytest

from pesquared.core.settings import BenchSettings, CheckCase, CheckSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from pesquared.errors import BaselineError, UsageError
from tests.unit.verify.conftest import SETTINGS

ADD = "int add(int a, int b) { return a + b; }\n"
MAIN = r"""
#include <stdio.h>
#include <stdlib.h>
int add(int a, int b);
int main(int argc, char **argv)
{
    int n, sum = argc > 1 ? atoi(argv[1]) : 0;
    while (scanf("%d", &n) == 1)
        sum = add(sum, n);
    fputs("cpu 0.02\n", stderr);
    printf("sum %d\n", sum);
    if (argc > 2) { FILE *f = fopen(argv[2], "w"); fprintf(f, "%d\n", add(sum, sum)); fclose(f); }
    return sum > 100 ? 3 : 0;
}
"""
MAKEFILE = "prog: main.o add.o\n\tcc -o prog main.o add.o\n"
FILES = {"main__c": MAIN, "kernel__c": "", "add__c": ADD, "Makefile": MAKEFILE, "data__txt": "7 8 9\n"}


def settings(*cases: CheckCase, command="./prog", **more):
    check = CheckSettings(command=command, case=cases, sanitizers=False, **more)
    bench = BenchSettings(command="./prog 1 > /dev/null", timeout_s=5.0)
    return replace(SETTINGS, test=SuiteSettings(), bench=bench, check=check)


def judged(it, code):
    return it.judge.check(it.commit({"add.c": code}))


def when(condition):
    """An ``add`` that is wrong in one place."""
    return f"int add(int a, int b) {{ return a + b + ({condition}); }}\n"


WIDE = (
    CheckCase("none"),
    CheckCase("some", argv=("5",), stdin="1 2 3\n"),
    CheckCase("file", stdin_file="data.txt", files=("data.txt",)),
    CheckCase("large", stdin="90 90"),
    CheckCase("seeded", argv=("{seed}",), stdin="1", seeds=(11, 12)),
    CheckCase("written", argv=("40", "out dir's.txt"), compare=("file:out dir's.txt", "stdout")),
    CheckCase("script", command='echo "$PESQUARED_SEED" | ./prog', seeds=(31,)),
)


@pytest.mark.parametrize(
    ("condition", "label", "shown"),
    [
        ("b == 3", "some", "line 1: expected “sum 11”, got “sum 12”"),
        ("b == 9", "file", "< data.txt"),
        ("b == 90 ? -100 : 0", "large", "it ended with exit code 0, not 3"),
        ("a == 12", "seeded, seed 12", "PESQUARED_SEED=12"),
        ("a == 40", "written", "file:out dir's.txt: line 1: expected “80”, got “81”"),
        ("b == 31", "script, seed 31", "sum"),
        ("b == 8 ? __builtin_trap(), 0 : 0", "file", "exit code"),
        ('b == 2 ? puts("Assertion `b\' failed"), 0 : 0', "some", "an assertion"),
    ],
)
def test_what_a_candidate_does_otherwise_is_found(court, condition, label, shown) -> None:
    it = court(settings(*WIDE), **FILES)
    it.judge.establish_gates()
    verdict = judged(it, "#include <stdio.h>\n" + when(condition))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "case")
    assert (verdict.gates[-1].name, verdict.gates[-1].passed) == ("cases", False)
    assert repr(label) in verdict.reason
    assert shown in verdict.gates[-1].detail
    assert "$ " in verdict.gates[-1].detail


def test_cases_are_something_to_be_right_by_and_pass_what_is_right(court) -> None:
    it = court(settings(*WIDE), **FILES)
    it.judge.establish_gates()
    assert it.recorder.notices == []
    verdict = judged(it, "int add(int a, int b) { return b + (a ^ 0) + (a & 0); }\nint unused = 3;\n")
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "not-measured")
    assert [gate.name for gate in verdict.gates] == ["build", "output", "cases"]
    assert not (it.workspaces.codebase / "out dir's.txt").exists()


@pytest.mark.parametrize("cases", [(), (CheckCase("silent", command="./prog > /dev/null"),)])
def test_without_cases_that_print_something_there_is_nothing_to_be_right_by(court, cases) -> None:
    with pytest.raises(BaselineError, match="no cases") as caught:
        court(settings(*cases), **FILES).judge.establish_gates()
    assert "[[check.case]]" in caught.value.fix


SECRET = CheckCase("odd sums", argv=("31337",), stdin="4711", hidden=True, seeds=(815,))


@pytest.mark.parametrize("condition", ["a == 31337", 'a == 31337 ? puts("Assertion `a\' failed"), 0 : 0'])
def test_nothing_of_a_hidden_case_is_told(court, condition) -> None:
    it = court(settings(SECRET, CheckCase("none")), **FILES)
    it.judge.establish_gates()
    verdict = judged(it, "#include <stdio.h>\n" + when(condition))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "case")
    assert verdict.reason == verdict.gates[-1].detail == "a hidden case differs: odd sums"
    told = " ".join([*it.recorder.notices, *it.recorder.stages, repr(verdict)])
    assert not any(secret in told for secret in ("31337", "4711", "36048", "815"))


@pytest.mark.parametrize(
    ("case", "notice"),
    [
        (CheckCase("endless", command="sleep 60; :"), "'endless' is left out: the unchanged code took too long"),
        (CheckCase("loud", command="yes"), "'loud' is left out: the unchanged code printed too much"),
        (CheckCase("crash", command="kill -SEGV $$"), "'crash' is left out: the unchanged code"),
        (CheckCase("random", command="head -c 30 /dev/urandom"), "case 'random': stdout varies by itself"),
        (CheckCase("link", command="rm -rf d; mkdir d; ln -s . d/d", compare=("file:d/d",)), ""),
        (CheckCase("once", command="test ! -e FLAG || exit 7; touch FLAG"), "'once' is left out"),
    ],
)
def test_a_case_that_judges_nobody_is_said(court, tmp_path, case, notice) -> None:
    case = replace(case, command=case.command.replace("FLAG", str(tmp_path / "flag")))
    it = court(settings(CheckCase("some", stdin="1"), case, timeout_s=2.0), **FILES)
    it.judge.establish_gates()
    assert notice in " ".join(it.recorder.notices)
    assert judged(it, when("0 * a") + "int unused = 3;\n").reason_code == "not-measured"


def test_a_case_may_need_a_terminal_fork_a_daemon_and_make_scratch_files(court) -> None:
    cases = (
        CheckCase("terminal", command="tty; ./prog"),
        CheckCase("daemon", command="(sleep 50 &) ; ./prog 3"),
        CheckCase("scratch", command="echo 1 | ./prog 4 scratch && rm scratch"),
        CheckCase("quoted", argv=("6 'x' \"$HOME\" {seed}",)),
    )
    it = court(settings(*cases), **FILES)
    it.judge.establish_gates()
    assert it.recorder.notices == []
    assert judged(it, when("0 * a") + "int unused = 3;\n").reason_code == "not-measured"
    assert judged(it, when("a == 4")).reason == "the case 'scratch' differs from the unchanged code's"


def test_a_case_that_the_unchanged_code_fails_later_blames_nobody(court, tmp_path) -> None:
    flag = tmp_path / "later"
    cases = CheckCase("some", stdin="1"), CheckCase("moody", command=f"test ! -e {flag} && ./prog 2")
    it = court(settings(*cases), **FILES)
    it.judge.establish_gates()
    flag.touch()
    verdict = judged(it, when("0 * a") + "int unused = 3;\n")
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "baseline-unstable")
    assert "'moody'" in verdict.reason
    flag.unlink()
    assert judged(it, when("0 * a") + "int unused = 4;\n").reason_code == "not-measured"


def test_a_case_that_takes_too_long_on_its_fifth_run_blames_nobody(court, tmp_path) -> None:
    (tmp_path / "runs").write_text("")
    counts = f"printf x >> {tmp_path}/runs; test $(wc -c < {tmp_path}/runs) -lt 5 || sleep 60; ./prog 2"
    it = court(settings(CheckCase("some", stdin="1"), CheckCase("fifth", command=counts), timeout_s=1.0), **FILES)
    it.judge.establish_gates()
    codes = [judged(it, when("0 * a") + f"int unused = {number};\n").reason_code for number in (3, 4, 5)]
    assert codes == ["not-measured", "not-measured", "baseline-unstable"]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (CheckCase("a", stdin_file="no.txt"), "reads 'no.txt', and the code base holds no such file"),
        (CheckCase("a", files=("data.txt", "../main.c")), "reads '../main.c'"),
        (CheckCase("a", files=("/etc/passwd",)), "reads '/etc/passwd'"),
        (CheckCase("a", stdin="'" * 50_000), "longer than 100000 bytes"),
        (CheckCase("a", seeds=tuple(range(20_000))), "20000 runs of cases"),
    ],
)
def test_what_is_wrong_with_a_case_is_said_before_anything_is_built(court, case, message) -> None:
    it = court(settings(case), **FILES)
    with pytest.raises(UsageError, match=message):
        it.judge.establish_gates()
    assert it.sandbox.commands == []


def test_a_file_of_a_case_may_not_be_a_link_out_of_the_tree(court, tmp_path) -> None:
    it = court(settings(CheckCase("a", stdin_file="link")), **FILES)
    (it.root / "link").symlink_to("/etc/passwd")
    it.judge._base_commit = it.commit({})
    with pytest.raises(UsageError, match="no such file"):
        it.judge.establish_gates()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CheckCase(""),
        lambda: CheckCase("a\x1b[2J"),
        lambda: CheckCase("a", stdin="x", stdin_file="y"),
        lambda: CheckCase("a", argv=("x\0",)),
        lambda: CheckCase("a", compare=("stdin",)),
        lambda: CheckSettings(case=(CheckCase("a"),)),
        lambda: CheckSettings(command="x", case=(CheckCase("a"), CheckCase("a"))),
        lambda: CheckSettings(timeout_s=0),
    ],
)
def test_cases_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ValueError):
        wrong()
