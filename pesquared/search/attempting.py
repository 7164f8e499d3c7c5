"""One attempt: propose → commit → build → check → measure, with repair turns, down to its verdict."""

import json
from dataclasses import dataclass, field, replace

from pesquared.core.attempt import Attempt
from pesquared.core.document import attempt_document
from pesquared.core.edits import StaleEdit, apply_edits
from pesquared.core.events import AttemptStarted, StageStarted
from pesquared.core.proposal import Answerer, Declined, Failure, InvalidReply, Proposal, ProposalRequest, Stage
from pesquared.core.verdict import Verdict, Word
from pesquared.errors import BudgetError, PesquaredError, ProposerError
from pesquared.search.own_time import OwnTime
from pesquared.search.parts import Parts, RunIdentity

REPAIRABLE = (Word.BUILD_FAILED, Word.WRONG, Word.INVALID_REPLY)
PENDING = Verdict(Word.INCONCLUSIVE, "pending", "not judged yet")

CodeKey = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The code that was judged on the present baseline, so that nothing is judged twice."""

    by_code: dict[CodeKey, tuple[int, Verdict]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one answer came to. ``commit`` is "" when nothing could be applied."""

    verdict: Verdict
    answerer: Answerer
    rationale: str = ""
    commit: str = ""
    reply: str = ""
    methodology: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The way of one attempt on one baseline commit."""

    request: ProposalRequest
    baseline: str
    parts: Parts
    identity: RunIdentity
    tried: Tried
    own_time: OwnTime

    @property
    def branch(self) -> str:
        return self.identity.branch_name(self.request.attempt, self.request.context.definition.name)

    def run(self) -> Attempt | Declined:
        """Asks, and asks again for repairs, until there is a verdict that stands or no turn is left.

        Returns:
            The attempt with its verdict, its branch and its evidence in git; or why nothing was proposed.
        """
        if not self.parts.proposer.trusted:  # rules answer at once
            asked = f"asking {self.parts.proposer.name} about {self.request.context.definition.name}"
            self.parts.observer.notify(StageStarted(asked))
        first = self.parts.proposer.propose(self.request)
        if isinstance(first, InvalidReply) and self.parts.stop.requested:
            return Declined("interrupted while it was being asked about")
        if isinstance(first, Declined):
            return first
        turns = [self._follow(first, 0)]
        while self._may_be_repaired(turns):
            answer = self._ask_again(turns)
            if isinstance(answer, Declined):
                break
            turn = self._follow(answer, len(turns))
            if turn.verdict.reason_code == "duplicate":  # the same code again: its verdict stands
                turns.append(replace(turns[-1], answerer=turn.answerer))
                break
            turns.append(turn)
        return self._publish(self._attempt(whole(turns), len(turns) - 1))

    def _may_be_repaired(self, turns: list[Turn]) -> bool:
        left = self.parts.settings.search.correction_attempts - (len(turns) - 1)
        last = turns[-1].verdict
        nobody = last.reason_code == "no-answer"  # who asked has tried for as long as it is of use
        return left > 0 and last.word in REPAIRABLE and not nobody and not self.parts.stop.requested

    def _ask_again(self, turns: list[Turn]) -> Proposal | InvalidReply | Declined:
        """The repair turn. That nobody can be asked any more does not undo what was judged."""
        asked = replace(self.request, stage=Stage.REPAIR, failure=failure_of(turns[-1]), turn=len(turns))
        self.parts.observer.notify(StageStarted(f"asking for a repair: {turns[-1].verdict.word.value}"))
        try:
            return self.parts.proposer.propose(asked)
        except (BudgetError, ProposerError) as error:
            return Declined(error.message)

    def _follow(self, answer: Proposal | InvalidReply, number: int) -> Turn:
        """One answer to its verdict. Its commit is on the branch before anything is built."""
        if isinstance(answer, InvalidReply):
            verdict = Verdict(Word.INVALID_REPLY, answer.reason_code, answer.reason)
            return Turn(verdict, answer.answerer, reply=answer.reply)
        pending = Turn(
            PENDING, answer.answerer, answer.rationale, reply=answer.reply, methodology=answer.methodology
        )
        try:
            key, unchanged = self._code_key(answer)
        except StaleEdit as stale:
            return replace(pending, verdict=Verdict(Word.INVALID_REPLY, "stale", str(stale)))
        change = "" if unchanged else self._interface_change(answer)
        if change:
            return replace(pending, verdict=Verdict(Word.INVALID_REPLY, "signature-changed", change))
        message = self.parts.message(self._attempt(pending, number))
        commit = self.parts.repository.commit_edits(self.baseline, answer.edits, message)
        self.parts.repository.set_branch(self.branch, commit)
        self.parts.observer.notify(
            AttemptStarted(self.request.attempt, self.request.context.definition.name, self.branch, number)
        )
        verdict = self._verdict(commit, key, answer.rewrites, unchanged=unchanged)
        return replace(pending, commit=commit, verdict=verdict)

    def _verdict(self, commit: str, key: CodeKey, rewrites: tuple[str, ...] | None, *, unchanged: bool) -> Verdict:
        if unchanged:
            return Verdict(Word.UNCHANGED, "same-code", "the same code but for layout and comments")
        if key in self.tried.by_code:
            number, earlier = self.tried.by_code[key]
            return replace(
                earlier, reason_code="duplicate", reason=f"the same code as attempt {number}: {earlier.reason}"
            )
        try:
            ceiling = self.own_time.ceiling(rewrites)
            benchmarks = self.own_time.benchmarks(rewrites)
            verdict = self.parts.judge.judge(commit, ceiling.at_most if ceiling else None, benchmarks)
        except PesquaredError as error:
            return Verdict(Word.ERROR, "not-judged", str(error))
        if verdict.reason_code != "interrupted":
            self.tried.by_code[key] = (self.request.attempt, verdict)
        return verdict

    def _code_key(self, proposal: Proposal) -> tuple[CodeKey, bool]:
        """What identifies the proposal's code, and whether it is the baseline's own."""
        before, after = [], []
        for path in sorted({edit.path for edit in proposal.edits}):
            source = self.parts.repository.read(self.baseline, path)
            edited = apply_edits(source, [edit for edit in proposal.edits if edit.path == path])
            before.append((path, self.parts.source.code_key(source)))
            after.append((path, self.parts.source.code_key(edited)))
        return tuple(after), before == after

    def _interface_change(self, proposal: Proposal) -> str:
        """Asked before a build is spent: a linker does not notice when a function of C takes something else."""
        files = {}
        for path in {edit.path for edit in proposal.edits}:
            source = self.parts.repository.read(self.baseline, path)
            files[path] = apply_edits(source, [edit for edit in proposal.edits if edit.path == path])
        return self.parts.source.interface_change(self.request.context.definition, files)

    def _attempt(self, turn: Turn, repairs: int) -> Attempt:
        definition = self.request.context.definition
        branch = self.branch
        return Attempt(
            id=f"{self.identity.run}/{branch.rpartition('/')[2]}",
            number=self.request.attempt,
            function=definition.name,
            file=definition.extent.path,
            branch=branch if turn.commit else "",
            commit=turn.commit,
            verdict=turn.verdict,
            repairs=repairs,
            provider=turn.answerer.provider,
            model=turn.answerer.model,
            cost_usd=turn.answerer.cost_usd,
            rationale=turn.rationale,
            methodology=turn.methodology,
        )

    def _publish(self, attempt: Attempt) -> Attempt:
        """Puts the verdict into the commit's trailers and the evidence into its note."""
        if not attempt.commit:
            return attempt
        repository = self.parts.repository
        commit = repository.reword(attempt.commit, self.parts.message(attempt))
        repository.set_branch(self.branch, commit)
        published = replace(attempt, commit=commit)
        repository.add_note(commit, note_of(published))
        return published


def note_of(attempt: Attempt) -> str:
    """The whole evidence, as the note on the attempt's commit holds it."""
    return json.dumps(attempt_document(attempt), indent=1, ensure_ascii=False)


def whole(turns: list[Turn]) -> Turn:
    """The last turn, with the cost of all, and with the commit and gates of the last that came to a commit."""
    last = turns[-1]
    answerer = replace(last.answerer, cost_usd=sum(turn.answerer.cost_usd for turn in turns))
    committed = next((turn for turn in reversed(turns) if turn.commit), last)
    verdict = replace(last.verdict, gates=last.verdict.gates or committed.verdict.gates)
    rationale = last.rationale or committed.rationale
    return replace(last, verdict=verdict, answerer=answerer, commit=committed.commit, rationale=rationale)


def failure_of(turn: Turn) -> Failure:
    """What a repair turn has to mend: the rung that did not hold, and what it said."""
    verdict = turn.verdict
    failed = next((gate for gate in verdict.gates if not gate.passed), None)
    if failed is None:
        return Failure("reply" if verdict.word is Word.INVALID_REPLY else "build", verdict.reason, turn.reply)
    return Failure(failed.name, failed.detail or verdict.reason, turn.reply)
