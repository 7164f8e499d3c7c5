"""One attempt down the ladder: each way it can end, with real builds and scripted times."""

from dataclasses import replace

import pytest

from pesquared.core.settings import BenchSettings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.verdict import Word
from pesquared.errors import PesquaredError
from tests.unit.verify.conftest import FAST, KERNEL, MAIN, SETTINGS


def gates(verdict) -> list[tuple[str, bool]]:
    return [(gate.name, gate.passed) for gate in verdict.gates]


def test_nothing_is_judged_before_the_baseline_is_known(court) -> None:
    with pytest.raises(PesquaredError, match="before establish"):
        court().judge.judge("HEAD")


def test_faster_is_accepted_adopted_and_confirmed_against_the_original(court) -> None:
    it = court()
    noise = it.judge.establish()
    assert noise.metric == "cpu"
    assert noise.half_width < 0.05
    assert it.judge.runtime_s == pytest.approx(0.02, rel=0.1)

    fast = it.commit({"kernel.c": FAST})
    verdict = it.judge.judge(fast)
    assert verdict.word is Word.ACCEPTED
    assert verdict.reason_code == "faster"
    assert gates(verdict) == [("build", True), ("quick-tests", True), ("output", True), ("full-tests", True)]
    assert verdict.level == "full-tests"
    assert verdict.gain is not None
    assert verdict.gain.low < 0.5 < verdict.gain.high
    assert verdict.gain.pairs == 20
    assert verdict.gain.alpha == pytest.approx(0.0005)
    assert [len(it.recorder.pairs(stage)) for stage in ("noise", "claim")] == [30, 20]

    it.judge.adopt(fast)
    assert it.judge.runtime_s == pytest.approx(0.01, rel=0.1)
    again = it.judge.judge(it.commit({"kernel.c": FAST.replace("and wall", "nor wall")}))
    assert again.word is Word.UNCHANGED  # the fingerprint moved on with the baseline
    slow = it.judge.judge(it.commit({"kernel.c": KERNEL}))
    assert slow.word is Word.SLOWER

    final, gain = it.judge.conclude(fast)
    assert final.word is Word.ACCEPTED
    assert gain is not None
    assert gain.median == pytest.approx(0.5, abs=0.02)
    assert gain.alpha == pytest.approx(0.001 / 6)


def test_a_comment_makes_the_same_program(court) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL + "/* no change */\n"}))
    assert (verdict.word, verdict.reason_code) == (Word.UNCHANGED, "same-program")
    assert not it.recorder.pairs("screen")
    assert (it.workspaces.codebase / "kernel.c").read_text() == KERNEL  # the baseline stands at the constant path
    assert it.judge.judge(it.base).reason_code == "identical"


def test_an_equal_program_is_not_faster(court) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("s += i", "s += (i | 0) * 1; s += n < 0")}))
    assert verdict.word in {Word.NOT_FASTER, Word.UNCHANGED, Word.INCONCLUSIVE}
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("peak", "more") + "int unused = 5;\n"}))
    assert verdict.word is Word.NOT_FASTER
    assert verdict.gain is not None
    assert verdict.gain.low < 0 < verdict.gain.high


def test_what_does_not_compile_is_said_with_the_compilers_words(court) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("int s = 0;", "")}))
    assert (verdict.word, verdict.reason_code) == (Word.BUILD_FAILED, "build")
    assert gates(verdict) == [("build", False)]
    assert "kernel.c:2" in verdict.gates[0].detail
    assert "undeclared" in verdict.gates[0].detail
    assert verdict.level == ""


@pytest.mark.parametrize(
    ("change", "gate", "code"),
    [
        (("s += i", "s += i + 1"), "quick-tests", "tests"),
        (("return s", "return n == 100 ? 7 : s"), "output", "output"),
        (("return s", "if (n == 100) __builtin_trap(); return s"), "output", "exit-code"),
    ],
)
def test_what_is_wrong_is_caught_however_fast(court, change, gate, code) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": FAST.replace(*change)}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, code)
    assert gates(verdict)[-1] == (gate, False)
    assert verdict.gates[-1].detail


def test_the_full_tests_are_run_before_an_accept(court) -> None:
    it = court(replace(SETTINGS, test=SuiteSettings(quick="", full="./prog test")))
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": FAST.replace("return s", "return n == 3 ? 9 : s")}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "tests")
    assert gates(verdict) == [("build", True), ("output", True), ("full-tests", False)]
    assert it.recorder.pairs("confirm")
    assert not it.recorder.pairs("claim")


def test_a_result_that_goes_wrong_only_sometimes_is_found_in_the_pairs(court, tmp_path) -> None:
    it = court()
    it.judge.establish()
    (tmp_path / "runs").write_text("")
    counts = f'FILE *f = fopen("{tmp_path}/runs", "a"); fputc(46, f); long runs = ftell(f); fclose(f);'
    ninth = FAST.replace("return s", f"if (n == 100) {{ {counts} if (runs == 9) return 7; }} return s")
    verdict = it.judge.judge(it.commit({"kernel.c": "#include <stdio.h>\n" + ninth}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "output")
    assert gates(verdict)[-1] == ("output", False)
    assert len((tmp_path / "runs").read_text()) == 9


def test_a_benchmark_that_does_not_end_is_slower(court) -> None:
    settings = replace(SETTINGS, bench=BenchSettings(command="./prog", timeout_s=3.0))
    it = court(settings)
    it.judge.establish()
    endless = KERNEL.replace("return s", "if (n == 100) for (;;) says = 0; return s")
    verdict = it.judge.judge(it.commit({"kernel.c": endless}))
    assert (verdict.word, verdict.reason_code) == (Word.SLOWER, "timeout")


@pytest.mark.parametrize(
    ("says", "code"), [("cpu 0.01\\nwall 0.03", "guard-wall"), ("cpu 0.01\\npeak 9e6", "guard-memory")]
)
def test_what_is_won_in_one_must_not_be_lost_in_another(court, says, code) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("cpu 0.02", says)}))
    assert (verdict.word, verdict.reason_code) == (Word.NOT_FASTER, code)
    assert verdict.gain is not None
    assert verdict.gain.median > 0.4


@pytest.mark.parametrize("says", ["cpu 0.01\\nwall 0.02", "cpu 0.001\\nwall 0.018"])
def test_computing_where_it_is_not_counted_is_no_gain(court, says) -> None:
    it = court()
    it.judge.establish()
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("cpu 0.02", says)}))
    assert (verdict.word, verdict.reason_code) == (Word.QUARANTINED, "wall")
    honest = KERNEL.replace("cpu 0.02", "cpu 0.01\\nwall 0.011")
    assert it.judge.judge(it.commit({"kernel.c": honest})).accepted


def test_the_last_comparison_has_the_guards_of_all_others(court) -> None:
    it = court()
    it.judge.establish()
    for says, code in (("cpu 0.01\\nwall 0.03", "guard-wall"), ("cpu 0.01\\npeak 9e6", "guard-memory")):
        final, _ = it.judge.conclude(it.commit({"kernel.c": KERNEL.replace("cpu 0.02", says)}))
        assert (final.word, final.reason_code) == (Word.NOT_FASTER, code)


def test_a_loss_that_only_the_pairs_of_the_claim_show_vetoes_too(court, tmp_path) -> None:
    it = court()
    it.judge.establish()

    def flag(event) -> bool:
        if it.recorder.pairs("claim"):
            (tmp_path / "now").touch()
        return False

    it.recorder.stop_at = flag
    says = f'fputs(access("{tmp_path}/now", F_OK) ? "cpu 0.01\\n" : "cpu 0.01\\nwall 0.06\\n", stderr);'
    kernel = KERNEL.replace("cpu 0.02\\n", "").replace("return s", f"if (n == 100) {{ {says} }} return s")
    verdict = it.judge.judge(it.commit({"kernel.c": "#include <stdio.h>\n#include <unistd.h>\n" + kernel}))
    assert (verdict.word, verdict.reason_code) == (Word.NOT_FASTER, "guard-wall")
    assert it.recorder.pairs("claim")


def test_an_interrupted_measurement_is_inconclusive(court) -> None:
    it = court()
    it.judge.establish()
    it.recorder.stop_at = lambda event: len(it.recorder.pairs("screen")) == 7
    verdict = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("peak", "more") + "int unused = 5;\n"}))
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "interrupted")
    assert len(it.recorder.pairs("screen")) == 7
    assert it.judge.conclude(it.base)[1] is None


def test_tests_may_not_leave_anything_for_the_benchmark(court) -> None:
    it = court(
        main__c=MAIN.replace("#include <string.h>", "#include <string.h>\nvoid leave(void);").replace(
            "return sum(3) != 3;", "{ leave(); return sum(3) != 3; }"
        ),
        kernel__c=KERNEL + "void leave(void) {}\n",
    )
    it.judge.establish()
    leaves = "#include <stdio.h>\n" + FAST + 'void leave(void) { fclose(fopen("%s", "a")); }\n'
    verdict = it.judge.judge(it.commit({"kernel.c": leaves % "main.o"}))
    assert verdict.word is Word.ACCEPTED  # opened, not changed
    changed = (
        "#include <stdio.h>\n"
        + FAST
        + 'void leave(void) { FILE *f = fopen("%s", "a"); fputs("x", f); fclose(f); }\n'
    )
    verdict = it.judge.judge(it.commit({"kernel.c": changed % "Makefile"}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "tree-changed")
    verdict = it.judge.judge(it.commit({"kernel.c": changed % "answers"}))
    assert verdict.word is Word.ACCEPTED
    assert not (it.workspaces.codebase / "answers").exists()


def test_a_candidate_that_writes_into_the_tree_is_wrong(court) -> None:
    it = court()
    it.judge.establish()
    writes = "#include <stdio.h>\n" + FAST.replace(
        "int s = 0;", 'int s = 0; if (n == 100) fclose(fopen("memo", "w"));'
    )
    verdict = it.judge.judge(it.commit({"kernel.c": writes}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "tree-changed")


def test_files_the_benchmark_writes_are_compared_and_made_anew(court) -> None:
    settings = replace(
        SETTINGS, bench=BenchSettings(command="test ! -e out && ./prog > out", timeout_s=5.0), test=SuiteSettings()
    )
    it = court(settings)
    it.judge.establish()
    assert it.judge.judge(it.commit({"kernel.c": FAST})).word is Word.ACCEPTED
    verdict = it.judge.judge(it.commit({"kernel.c": FAST.replace("return s", "return s + 1")}))
    assert (verdict.word, verdict.reason_code) == (Word.WRONG, "output")
    assert verdict.gates[-1].detail == "file:out: line 1: expected “sum 4950”, got “sum 4951”"


@pytest.fixture
def at_times_seven(tmp_path):
    """A kernel whose result is wrong while a file is there; the file is not there yet."""
    flag = tmp_path / "now"
    return flag, "#include <unistd.h>\n" + KERNEL.replace(
        "return s", f'if (n == 100 && !access("{flag}", F_OK)) return 7; return s'
    )


def test_accepted_code_that_turns_out_wrong_teaches_nothing(court, at_times_seven) -> None:
    flag, kernel = at_times_seven
    it = court()
    it.judge.establish()
    unsteady = it.commit({"kernel.c": kernel.replace("0.02", "0.01")})
    assert it.judge.judge(unsteady).word is Word.ACCEPTED
    it.judge.adopt(unsteady)

    flag.touch()
    faster = it.commit({"kernel.c": KERNEL.replace("0.02", "0.005")})
    verdict = it.judge.judge(faster)
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "baseline-unstable")
    assert all(gate.passed for gate in verdict.gates)
    wrong = it.judge.judge(it.commit({"kernel.c": KERNEL.replace("return s", "return n == 100 ? 7 : s")}))
    assert (wrong.word, wrong.reason_code) == (Word.WRONG, "output")
    assert it.judge.conclude(unsteady)[0].word is Word.WRONG


@pytest.mark.parametrize("end", ["exit(3)", "__builtin_trap()", 'fclose(fopen("memo", "w"))'])
def test_an_adopted_baseline_that_fails_does_not_end_the_run(court, tmp_path, end) -> None:
    it = court()
    it.judge.establish()
    racy = FAST.replace("return s", f'if (n == 100 && !access("{tmp_path}/now", F_OK)) {end}; return s')
    racy = it.commit({"kernel.c": "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n" + racy})
    assert it.judge.judge(racy).word is Word.ACCEPTED
    it.judge.adopt(racy)
    (tmp_path / "now").touch()
    verdict = it.judge.judge(it.commit({"kernel.c": FAST.replace("0.01", "0.004")}))
    assert (verdict.word, verdict.reason_code) == (Word.INCONCLUSIVE, "baseline-unstable")


def test_unchanged_code_that_stops_repeating_itself_does_not_end_the_run(court, at_times_seven) -> None:
    flag, kernel = at_times_seven
    it = court(kernel__c=kernel)
    it.judge.establish()
    fast = it.commit({"kernel.c": FAST})
    assert it.judge.judge(fast).word is Word.ACCEPTED
    it.judge.adopt(fast)
    flag.touch()
    verdict, gain = it.judge.conclude(fast)
    assert (verdict.word, verdict.reason_code, gain) == (Word.INCONCLUSIVE, "baseline-unstable", None)
    assert "the baseline did not repeat itself" in verdict.reason


def test_what_tests_make_of_their_copy_reaches_nobody(court, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings = replace(
        SETTINGS,
        test=SuiteSettings(full="touch out/input && chmod 711 out && ./prog test"),
        bench=BenchSettings("./prog && cat out/input && echo more >> out/input", timeout_s=5.0),
    )
    it = court(settings, **{"out/input": "one\n"})
    it.judge.establish()
    links = FAST.replace("int s = 0;", f'int s = 0; if (n == 3) system("rm -rf out; ln -s {elsewhere} out");')
    verdict = it.judge.judge(it.commit({"kernel.c": "#include <stdlib.h>\n" + links}))
    assert verdict.accepted
    assert it.judge.judge(it.commit({"kernel.c": FAST})).accepted, "all trees are as they were"
    assert not any(elsewhere.iterdir()), "nothing was written through the link"
