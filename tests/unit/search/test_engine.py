"""The engine with scripted parts: order, repair turns, the moving baseline, evidence in git."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from pesquared.core.attempt import Attempt, RunReport
from pesquared.core.events import BenchmarksChosen, CeilingSet
from pesquared.core.profile import UNKNOWN, Sample
from pesquared.core.proposal import Answerer, Declined, Edit, InvalidReply, Proposal, Role, Stage
from pesquared.core.protocols import BenchmarkProfiles
from pesquared.core.settings import SearchSettings, Settings
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Verdict, Word
from pesquared.errors import BudgetError, PesquaredError, ProposerError, UsageError
from pesquared.profiles import StackAnalyzer
from pesquared.search.engine import Engine
from pesquared.search.parts import Parts, RunIdentity
from tests.support.scripted import (
    CodeJudge,
    LineSource,
    MemoryRepository,
    Recorder,
    ScriptedProfile,
    ScriptedProposer,
)

CODE = b"top: loop\nouter: loop\ninner: loop\n"
NOTHING = Declined("nothing to say")


class Scene:
    """One run with scripted parts."""

    def __init__(self, answers, frames=("top", "outer", "libc", "inner"), code=CODE, **search):
        self.repository = MemoryRepository({"code": code})
        self.judge = CodeJudge(self.repository)
        self.proposer = ScriptedProposer(list(answers))
        self.recorder = Recorder()
        self.stop = StopRequest()
        self.engine = Engine(
            Parts(
                profile=ScriptedProfile(frames),
                source=LineSource(self.repository, lambda: (self.judge.adopted or ["base"])[-1]),
                proposer=self.proposer,
                repository=self.repository,
                judge=self.judge,
                observer=self.recorder,
                stop=self.stop,
                settings=Settings(search=SearchSettings(**search)),
                message=_message,
            ),
            RunIdentity(
                "run1",
                "base",
                "host",
                "none",
                "code base",
                lambda n, f: f"pesq/run1/{n:02d}-{f}",
                "pesq/run1/best",
            ),
        )

    def run(self) -> RunReport:
        return self.engine.run()


def _message(attempt: Attempt) -> str:
    return f"{attempt.function}: {attempt.verdict.word} {attempt.verdict.reason_code}"


def words(report: RunReport) -> list[str]:
    return [attempt.verdict.word.value for attempt in report.attempts]


def test_the_chain_is_walked_root_first_and_only_through_the_code_base():
    scene = Scene([NOTHING] * 3)
    scene.run()
    assert [r.context.definition.name for r in scene.proposer.requests] == ["top", "outer", "inner"]
    assert [r.role for r in scene.proposer.requests] == [Role.ROOT, Role.PARENT, Role.LEAF]
    assert [r.hot_callee for r in scene.proposer.requests] == ["outer", "inner", ""]


def test_max_depth_counts_from_the_leaf():
    scene = Scene([NOTHING] * 2, max_depth=2)
    scene.run()
    assert [r.context.definition.name for r in scene.proposer.requests] == ["outer", "inner"]


def test_an_accepted_attempt_is_the_next_ones_parent_and_best():
    scene = Scene(["top: fast", NOTHING, "inner: fast"])
    report = scene.run()
    first, second = report.attempts
    assert words(report) == ["accepted", "accepted"]
    assert scene.repository.commits[first.commit][0] == "base"
    assert scene.repository.commits[second.commit][0] == first.commit
    assert report.best == second.commit == scene.repository.branches["pesq/run1/best"]
    assert report.best_branch == "pesq/run1/best"
    assert scene.repository.read(report.best, "code") == b"top: fast\nouter: loop\ninner: fast\n"
    assert report.total is not None


def test_every_applied_attempt_has_a_branch_whose_commit_shows_the_verdict_and_carries_the_evidence():
    scene = Scene(["top: slow", "outer: wrong", "inner: fast"], correction_attempts=0)
    report = scene.run()
    assert words(report) == ["not-faster", "wrong", "accepted"]
    for attempt in report.attempts:
        assert scene.repository.branches[attempt.branch] == attempt.commit
        assert attempt.verdict.word.value in scene.repository.commits[attempt.commit][2]
        assert json.loads(scene.repository.notes[attempt.commit])["verdict"] == attempt.verdict.word.value


def test_a_build_error_goes_back_with_the_original_function():
    scene = Scene([NOTHING, NOTHING, "inner: broken", "inner: fast"])
    report = scene.run()
    (attempt,) = report.attempts
    assert (attempt.verdict.word, attempt.repairs) == (Word.ACCEPTED, 1)
    repair = scene.proposer.requests[-1]
    assert repair.stage is Stage.REPAIR
    assert repair.context.text == "inner: loop"
    assert repair.failure is not None
    assert (repair.failure.gate, repair.failure.detail, repair.failure.reply) == (
        "build",
        "error: broken",
        "inner: broken",
    )
    assert attempt.cost_usd == 0.5


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_repair_turns_are_bounded(turns):
    answers = [f"inner: broken {n}" for n in range(turns + 1)]
    scene = Scene(answers, frames=("inner",), correction_attempts=turns)
    report = scene.run()
    assert words(report) == ["build-failed"]
    assert len(scene.proposer.requests) == turns + 1
    assert report.attempts[0].repairs == turns


def test_a_repair_that_brings_the_same_code_again_is_not_built_again():
    scene = Scene(["inner: wrong", "inner:   wrong", "never asked"], frames=("inner",))
    report = scene.run()
    assert words(report) == ["wrong"]
    assert len(scene.judge.judged) == 1


def test_code_that_differs_in_layout_only_is_unchanged_and_never_built():
    scene = Scene(["inner:    loop"], frames=("inner",))
    report = scene.run()
    assert words(report) == ["unchanged"]
    assert scene.judge.judged == []
    assert report.attempts[0].branch


def test_the_same_code_is_judged_once():
    scene = Scene(["inner: slow", "inner: slow"], frames=("inner",), attempts=2)
    report = scene.run()
    assert words(report) == ["not-faster", "not-faster"]
    assert report.attempts[1].verdict.reason_code == "duplicate"
    assert len(scene.judge.judged) == 1


def test_earlier_attempts_are_told_to_the_next_prompt():
    scene = Scene(["inner: slow", "inner: fast"], frames=("inner",), attempts=2)
    scene.run()
    (earlier,) = scene.proposer.requests[-1].earlier
    assert earlier.verdict == "not-faster"
    assert earlier.rationale == "because inner: slow"


def test_a_reply_that_cannot_be_applied_gets_its_word_and_no_branch():
    invalid = InvalidReply("no-code", "no code block", Answerer("scripted", "m", 0.1))
    scene = Scene([invalid, invalid, invalid], frames=("inner",))
    report = scene.run()
    assert words(report) == ["invalid-reply"]
    assert report.attempts[0].branch == ""
    assert scene.proposer.requests[1].failure.gate == "reply"


def test_nothing_in_common_between_profile_and_code_base_is_said_before_anything_is_built():
    scene = Scene([], frames=("elsewhere",))
    with pytest.raises(UsageError, match="elsewhere"):
        scene.run()


def test_a_stop_request_ends_the_run_after_the_attempt_at_hand():
    scene = Scene(["top: slow"], correction_attempts=0)
    judge = scene.judge.judge

    def stopping(commit, *_ceiling):
        scene.stop.request()
        return judge(commit)

    scene.judge.judge = stopping
    report = scene.run()
    assert report.interrupted
    assert len(report.attempts) == 1


def test_what_a_cold_build_does_not_confirm_is_taken_back():
    scene = Scene(["inner: fast"], frames=("inner",))
    scene.judge.final = Verdict(Word.WRONG, "output", "differs")
    report = scene.run()
    assert words(report) == ["quarantined"]
    assert report.best_branch == ""
    assert report.best == "base"


def test_a_function_asked_for_by_name_is_the_only_one_tried():
    scene = Scene([NOTHING], function="outer")
    scene.run()
    (request,) = scene.proposer.requests
    assert request.context.definition.name == "outer"
    assert request.hot_callee == "inner"


def test_a_function_asked_for_that_is_not_there_is_an_error():
    scene = Scene([], function="nowhere")
    with pytest.raises(UsageError, match="nowhere"):
        scene.run()


def test_main_is_left_alone_unless_it_is_asked_for():
    code = b"main: loop\ninner: loop\n"
    scene = Scene([NOTHING], frames=("main", "inner"), code=code)
    report = scene.run()
    assert [r.context.definition.name for r in scene.proposer.requests] == ["inner"]
    assert report.skipped[0].function == "main"
    assert "--function main" in report.skipped[0].reason
    scene = Scene([NOTHING], frames=("main", "inner"), code=code, function="main")
    scene.run()
    assert [r.context.definition.name for r in scene.proposer.requests] == ["main"]


def test_a_sealed_main_is_left_alone_even_then():
    scene = Scene([], frames=("main", "inner"), code=b"main: loop\ninner: loop\n", function="main")
    find = scene.engine.parts.source.find
    scene.engine.parts.source.find = lambda name: replace(
        find(name), extent=replace(find(name).extent, path="bench/bench.c")
    )
    report = scene.run()
    assert scene.proposer.requests == []
    assert "sealed" in report.skipped[0].reason


def test_a_repair_that_cannot_be_applied_does_not_hide_what_was_committed():
    invalid = InvalidReply("no-code", "no code block", Answerer("scripted", "m", 0.1))
    scene = Scene(["inner: broken", invalid], frames=("inner",), correction_attempts=1)
    (attempt,) = scene.run().attempts
    assert (attempt.verdict.word, attempt.repairs) == (Word.INVALID_REPLY, 1)
    assert scene.repository.branches[attempt.branch] == attempt.commit
    assert [gate.name for gate in attempt.verdict.gates] == ["build"]
    assert "invalid-reply" in scene.repository.commits[attempt.commit][2]
    assert attempt.cost_usd == pytest.approx(0.35)


def test_nobody_to_ask_for_a_repair_keeps_the_verdict_there_was():
    scene = Scene(["inner: broken"], frames=("inner",))
    scene.proposer.then = ProposerError("the program is gone")
    assert words(scene.run()) == ["build-failed"]


def test_a_budget_spent_half_way_concludes_what_was_accepted():
    scene = Scene(["top: fast"])
    scene.proposer.then = BudgetError("spent")
    report = scene.run()
    assert words(report) == ["accepted"]
    assert report.total is not None
    assert report.exit_code is None
    assert "spent" in report.notices[0]


def test_a_budget_spent_before_anything_is_an_error():
    scene = Scene([])
    scene.proposer.then = BudgetError("spent")
    with pytest.raises(BudgetError):
        scene.run()


@pytest.mark.parametrize("step", ["judge", "adopt", "conclude"])
def test_a_failure_in_the_middle_ends_the_run_with_what_there_is(step):
    scene = Scene(["top: fast", "outer: fast", "inner: fast"])
    original = getattr(scene.judge, step)
    calls = []

    def fails_at_last(commit, *_ceiling):
        calls.append(commit)
        if len(calls) == (1 if step == "conclude" else 2):
            raise PesquaredError("the disk is full")
        return original(commit)

    setattr(scene.judge, step, fails_at_last)
    report = scene.run()
    assert report.attempts[0].verdict.accepted
    assert report.exit_code == 1
    assert any("the disk is full" in notice for notice in report.notices)
    assert len(report.attempts) == (3 if step == "conclude" else 2)
    assert report.attempts[-1].branch in scene.repository.branches


def test_what_is_slower_than_the_original_is_taken_back_in_git_too():
    scene = Scene(["inner: fast"], frames=("inner",))
    scene.judge.final = Verdict(Word.SLOWER, "slower", "slower")
    report = scene.run()
    (attempt,) = report.attempts
    assert attempt.verdict.word is Word.QUARANTINED
    assert "pesq/run1/best" not in scene.repository.branches
    assert json.loads(scene.repository.notes[attempt.commit])["verdict"] == "quarantined"


def test_the_same_prompt_in_another_turn_is_asked_again_and_counted():
    invalid = InvalidReply("no-code", "no code block", Answerer("scripted", "m", 0.1))
    scene = Scene([invalid, invalid, invalid], frames=("inner",))
    (attempt,) = scene.run().attempts
    assert [r.turn for r in scene.proposer.requests] == [0, 1, 2]
    assert attempt.repairs == 2


def test_a_repair_with_the_same_code_counts_as_a_turn():
    scene = Scene(["inner: wrong", "inner: wrong"], frames=("inner",))
    (attempt,) = scene.run().attempts
    assert (attempt.verdict.word, attempt.repairs, attempt.cost_usd) == (Word.WRONG, 1, 0.5)


def test_nobody_ever_answered():
    silent = InvalidReply("no-answer", "exit code 1", Answerer("scripted", "m"))
    scene = Scene([silent] * 9)
    report = scene.run()
    assert words(report) == ["invalid-reply"] * 3
    assert report.exit_code == 7


def test_an_interrupted_question_is_no_attempt():
    scene = Scene([], frames=("inner",))

    def interrupted(_request):
        scene.stop.request()
        return InvalidReply("no-answer", "not waited for", Answerer("scripted", "m"))

    scene.proposer.propose = interrupted
    report = scene.run()
    assert report.attempts == ()
    assert report.interrupted


def own_profile(*stacks):
    return StackAnalyzer([Sample(tuple(stack.split(";")), 1000.0) for stack in stacks])


def rewriting(name, body):
    """An answer that says which function it rewrites."""

    def answer(request):
        extent = request.context.definition.extent
        digest = sha256(request.context.text.encode()).hexdigest()
        edit = Edit(extent.path, extent.start, extent.end, digest, f"{name}: {body}".encode())
        return Proposal((edit,), "why", Answerer("scripted", "m", 0.0), rewrites=(name,))

    return answer


def test_what_the_benchmark_never_runs_is_not_asked_about():
    scene = Scene([NOTHING] * 2)
    scene.judge.profile = own_profile("top;inner", "top")
    report = scene.run()
    assert [r.context.definition.name for r in scene.proposer.requests] == ["top", "inner"]
    (skipped,) = [one for one in report.skipped if not one.asked]
    assert skipped.function == "outer"
    assert "none of 2000 samples" in skipped.reason
    told = [event for event in scene.recorder.events if isinstance(event, CeilingSet)]
    assert [(event.function, event.share) for event in told] == [("top", 1.0), ("inner", 0.5)]


def test_an_open_stack_is_no_proof_that_it_never_runs():
    scene = Scene([NOTHING] * 3)
    scene.judge.profile = own_profile("top;inner", UNKNOWN)
    scene.run()
    assert len(scene.proposer.requests) == 3


def test_each_rewrite_is_judged_with_its_ceiling_and_the_baseline_of_the_moment():
    scene = Scene([NOTHING, rewriting("outer", "fast"), rewriting("inner", "slow")])
    first, second = own_profile("top;outer", "top"), own_profile("top;outer;inner", "top", "top", "top")
    scene.judge.profile = first
    adopt = scene.judge.adopt

    def adopting(commit):
        scene.judge.profile = second
        adopt(commit)

    scene.judge.adopt = adopting
    scene.run()
    assert scene.judge.ceilings == [pytest.approx(0.5, abs=0.04), pytest.approx(0.25, abs=0.03)]


def test_a_rewrite_that_does_other_things_too_has_no_ceiling():
    scene = Scene(["top: slow", NOTHING, NOTHING])
    scene.judge.profile = own_profile("top;outer;inner")
    scene.run()
    assert scene.judge.ceilings == [None]


def test_what_is_above_its_ceiling_is_said_at_the_end():
    scene = Scene([NOTHING, NOTHING, "inner: slow"])
    scene.judge.judge = lambda *_: Verdict(Word.QUARANTINED, "above-ceiling", "saves 60 %")
    report = scene.run()
    assert words(report) == ["quarantined"]
    assert report.best == report.base
    assert any("set aside: saves 60 %" in notice for notice in report.notices)


def test_a_stop_while_the_benchmark_is_looked_at_asks_nobody():
    scene = Scene([NOTHING])

    def stopping():
        scene.stop.request()

    scene.judge.benchmark_profile = stopping
    report = scene.run()
    assert report.interrupted
    assert scene.proposer.requests == []


def three_benchmarks(**each):
    """By name, the stack of each below the harness."""
    return BenchmarkProfiles({name: own_profile(stack) for name, stack in each.items()}, own_profile())


def chosen(scene):
    events = [event for event in scene.recorder.events if isinstance(event, BenchmarksChosen)]
    return [(event.functions, event.chosen, event.of) for event in events]


def test_a_rewrite_is_judged_on_the_benchmarks_that_reach_it_and_the_whole_on_all_of_those():
    scene = Scene([NOTHING, rewriting("outer", "fast"), rewriting("inner", "fast")])
    scene.judge.profiles = three_benchmarks(a="b1;outer", b="b2;inner", c="b3;top")
    report = scene.run()
    assert [attempt.verdict.benchmarks for attempt in report.attempts] == [("a",), ("b",)]
    assert chosen(scene) == [(("top",), ("c",), 3), (("outer",), ("a",), 3), (("inner",), ("b",), 3)]
    assert scene.judge.concluded == [("a", "b")]
    assert report.total_benchmarks == ("a", "b")
    assert "original against final is judged on a, b" in report.notices
    note = json.loads(scene.repository.notes[report.attempts[0].commit])
    assert note["benchmarks"] == ["a"]


def test_where_one_accepted_attempt_was_judged_on_all_so_is_the_whole():
    scene = Scene(["top: fast", rewriting("outer", "fast"), NOTHING])
    scene.judge.profiles = three_benchmarks(a="b1;outer", b="b2;inner", c="b3;top")
    report = scene.run()
    assert [attempt.verdict.benchmarks for attempt in report.attempts] == [(), ("a",)]
    assert scene.judge.concluded == [()]
    assert report.total_benchmarks == ()


def test_where_none_reaches_it_or_all_do_all_count():
    scene = Scene([rewriting("top", "slow"), rewriting("outer", "slow"), NOTHING])
    scene.judge.profiles = three_benchmarks(a="b1;outer;inner", b="b2;outer")
    report = scene.run()
    assert [attempt.verdict.benchmarks for attempt in report.attempts] == [(), ()]
    assert chosen(scene) == [(("top",), (), 2), (("inner",), ("a",), 2)]


def test_the_choice_is_made_anew_on_each_baseline():
    scene = Scene([NOTHING, rewriting("outer", "fast"), rewriting("inner", "slow")])
    scene.judge.profiles = three_benchmarks(a="b1;outer;inner", b="b2;top")
    adopt = scene.judge.adopt

    def adopting(commit):
        scene.judge.profiles = three_benchmarks(a="b1;outer", b="b2;top;inner")
        adopt(commit)

    scene.judge.adopt = adopting
    report = scene.run()
    assert [attempt.verdict.benchmarks for attempt in report.attempts] == [("a",), ("b",)]
