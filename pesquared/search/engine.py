"""The run: establish the baseline, walk the hot chains, keep what is faster and still right, confirm the whole."""

import math
from dataclasses import dataclass, field, replace
from itertools import islice

from pesquared.core.attempt import Attempt, RunReport, Skipped
from pesquared.core.events import (
    AttemptFinished,
    BaselineReady,
    ChainChosen,
    FunctionSkipped,
    Notice,
    RunFinished,
    RunStarted,
    StageStarted,
)
from pesquared.core.profile import CallChain
from pesquared.core.proposal import Declined, EarlierTry, ProposalRequest
from pesquared.core.settings import AcceptSettings
from pesquared.core.source import Definition
from pesquared.core.verdict import Gain, Noise, Word
from pesquared.errors import BudgetError, PesquaredError, ProposerError, UsageError
from pesquared.search.attempting import Course, Tried, note_of
from pesquared.search.chain import Target, first_request, targets, why_skipped
from pesquared.search.own_time import OwnTime
from pesquared.search.parts import Parts, RunIdentity

BROKEN = (Word.WRONG, Word.BUILD_FAILED, Word.SLOWER, Word.ERROR, Word.QUARANTINED)


@dataclass(slots=True)
class Engine:
    """One run from its first build to its report. Used once."""

    parts: Parts
    identity: RunIdentity
    _best: str = ""
    _attempts: list[Attempt] = field(default_factory=list)
    _skipped: list[Skipped] = field(default_factory=list)
    _notices: list[str] = field(default_factory=list)
    _tried: Tried = field(default_factory=Tried)
    _own_time: OwnTime = field(init=False)
    _exit_code: int | None = None  # of what ended the run early

    def run(self) -> RunReport:
        """The whole run. What fails on the way is a verdict; what is raised means that nothing could be judged.

        Raises:
            BaselineError: the baseline does not build or pass.
            NoiseError: this host cannot tell a gain from noise.
            UsageError: the function asked for is not there.
            BudgetError, ProposerError: nobody could be asked for anything.
        """
        parts, identity = self.parts, self.identity
        self._best = identity.base
        self._own_time = OwnTime(parts, identity.base)
        parts.observer.notify(RunStarted(identity.run, identity.base, identity.sandbox, identity.codebase))
        self._require_a_target()
        noise = parts.judge.establish()
        parts.source.refresh()
        visible = visible_gain(noise, parts.settings.accept)
        parts.observer.notify(BaselineReady(parts.judge.metric, parts.judge.runtime_s, noise, visible))
        try:
            self._walk()
            total, word = self._conclude()
        except PesquaredError as error:
            self._end_early(error)
            total, word = None, ""
        if self._attempts and all(attempt.verdict.reason_code == "no-answer" for attempt in self._attempts):
            self._exit_code = ProposerError.exit_code
        report = self._report(noise, total, word)
        parts.observer.notify(RunFinished(report))
        return report

    def _walk(self) -> None:
        """Tries the functions in their order, until all are done or nobody can be asked any more."""
        chain: CallChain | None = None
        for target in targets(self.parts.profile, self.parts.source, self.parts.settings.search):
            if self.parts.stop.requested or self._exit_code is not None:
                return
            if target.chain != chain:
                chain = target.chain
                self.parts.observer.notify(ChainChosen(chain))
            try:
                self._try(target)
            except (BudgetError, ProposerError) as error:
                if not self._attempts:
                    raise
                self._notice(f"no further proposals: {error.message}")
                return

    def _end_early(self, error: PesquaredError) -> None:
        """What was judged until now is reported; where nothing was, the error is all there is to say."""
        if not self._attempts:
            raise error
        self._exit_code = error.exit_code
        self._notice(f"the run ended early: {error}")

    def _require_a_target(self) -> None:
        """Says so before anything is built if the profile and the code base have nothing in common."""
        plan = targets(self.parts.profile, self.parts.source, self.parts.settings.search)
        if next(plan, None) is None:
            hottest = ", ".join(hotspot.function for hotspot in islice(self.parts.profile.hotspots(), 3))
            raise UsageError(
                f"no function of the profile is defined in the code base; hottest: {hottest}",
                "is it a profile of this code base, recorded from a build with symbols?",
            )

    def _try(self, target: Target) -> None:
        """All attempts at one function, each on the baseline of its moment."""
        for number in range(self.parts.settings.search.attempts):
            definition = self._definition(target)
            if definition is None:
                return
            not_reached = None if number else self._own_time.not_reached(definition)
            if not_reached is not None:
                self._skip(not_reached)
                return
            self._own_time.benchmarks((definition.name,))  # told before anybody is asked
            if self.parts.stop.requested:
                return
            request = self._request(target, definition)
            outcome = Course(request, self._best, self.parts, self.identity, self._tried, self._own_time).run()
            if isinstance(outcome, Declined):
                self._skip(Skipped(definition.name, outcome.reason, asked=True))
                return
            self._attempts.append(outcome)
            if outcome.verdict.accepted:
                self._move_baseline(outcome)
            self.parts.observer.notify(AttemptFinished(outcome))
            if outcome.verdict.reason_code == "above-ceiling":
                self._notice(
                    f"attempt {outcome.number} at {outcome.function} was set aside: {outcome.verdict.reason}"
                )
            if outcome.verdict.word is Word.ERROR:
                self._exit_code = PesquaredError.exit_code
                self._notice(f"the run ended early: {outcome.verdict.reason}")
                return

    def _definition(self, target: Target) -> Definition | None:
        """What the symbol stands for in the present baseline, if it may be edited."""
        resolution = self.parts.source.find(target.symbol)
        skipped = why_skipped(target.symbol, resolution, self.parts.settings)
        if skipped is None and isinstance(resolution, Definition):
            if self.parts.repository.tracks(self._best, resolution.extent.path):
                return resolution
            skipped = Skipped(
                resolution.name,
                f"{resolution.extent.path} is no file of the repository: generated, or of a submodule",
            )
        if skipped is not None:
            self._skip(skipped)
        return None

    def _request(self, target: Target, definition: Definition) -> ProposalRequest:
        earlier = tuple(
            EarlierTry(a.rationale, a.verdict.word.value, a.verdict.reason, a.verdict.gain)
            for a in self._attempts
            if a.function == definition.name
        )
        context = self.parts.source.extract(
            definition, self.parts.profile, self.parts.settings.search.context_tokens
        )
        asked = first_request(target, context, self.parts.settings)
        number = len(self._attempts) + 1
        metric = self.parts.judge.metric
        remarks = () if self.parts.proposer.trusted else self.parts.remarks(definition)  # rules read no prose
        return replace(
            asked, attempt=number, metric=metric, earlier=earlier, of_function=len(earlier), remarks=remarks
        )

    def _move_baseline(self, accepted: Attempt) -> None:
        self.parts.repository.set_branch(self.identity.best_branch, accepted.commit)
        self._best = accepted.commit
        self.parts.judge.adopt(accepted.commit)  # it may fail; what was accepted stays so
        self._tried = Tried()
        self._own_time = OwnTime(self.parts, accepted.commit)
        self.parts.source.refresh()

    def _skip(self, skipped: Skipped) -> None:
        if skipped not in self._skipped:
            self._skipped.append(skipped)
            self.parts.observer.notify(FunctionSkipped(skipped))

    def _conclude(self) -> tuple[Gain | None, str]:
        """Original against final, from a cold build. What does not survive it is not reported as a gain."""
        if self._best == self.identity.base or self.parts.stop.requested or self._exit_code is not None:
            return None, ""
        self.parts.observer.notify(StageStarted("building the result cold and comparing it with the original"))
        counted = self._counted()
        if counted:
            self._notice(f"original against final is judged on {', '.join(counted)}")
        verdict, gain = self.parts.judge.conclude(self._best, counted)
        if verdict.word in BROKEN:
            self._notice(
                f"the accepted changes do not hold in a cold build: {verdict.word.value}, {verdict.reason}"
            )
            self._retract(verdict.word.value)
            return None, verdict.word.value
        if not verdict.accepted:
            self._notice(f"original against final is {verdict.word.value}: {verdict.reason}")
        return gain, verdict.word.value

    def _counted(self) -> tuple[str, ...]:
        """The benchmarks that any accepted attempt was judged on; () where one was judged on all."""
        chosen = [attempt.verdict.benchmarks for attempt in self._attempts if attempt.verdict.accepted]
        return tuple(sorted({name for names in chosen for name in names})) if all(chosen) else ()

    def _retract(self, word: str) -> None:
        """No accepted attempt stands: the stack as a whole is broken.

        The notes say so. The trailers still show what each verdict was: other commits stand on these.
        """
        self._best = self.identity.base
        self.parts.repository.delete_branch(self.identity.best_branch)
        for place, attempt in enumerate(self._attempts):
            if not attempt.verdict.accepted:
                continue
            verdict = replace(
                attempt.verdict,
                word=Word.QUARANTINED,
                reason_code="cold-build",
                reason=f"accepted in a warm build, but a cold build of the stack is {word}",
            )
            retracted = self._attempts[place] = replace(attempt, verdict=verdict)
            self.parts.repository.add_note(retracted.commit, note_of(retracted))
            self.parts.observer.notify(AttemptFinished(retracted))

    def _notice(self, text: str) -> None:
        self._notices.append(text)
        self.parts.observer.notify(Notice(text))

    def _report(self, noise: Noise, total: Gain | None, word: str) -> RunReport:
        moved = self._best != self.identity.base
        return RunReport(
            run=self.identity.run,
            base=self.identity.base,
            best=self._best,
            best_branch=self.identity.best_branch if moved else "",
            host=self.identity.host,
            sandbox=self.identity.sandbox,
            attempts=tuple(self._attempts),
            skipped=tuple(self._skipped),
            noise=noise,
            total=total,
            total_word=word,
            total_benchmarks=self._counted() if total else (),
            notices=tuple(self._notices),
            interrupted=self.parts.stop.requested,
            exit_code=self._exit_code,
            widened=self.identity.widened,
        )


def visible_gain(noise: Noise, accept: AcceptSettings) -> float | None:
    """About the smallest gain that all the pairs allowed can show: noise shrinks with the root of their number."""
    if noise.half_width is None:
        return None
    return accept.min_gain + noise.half_width * math.sqrt(noise.pairs / accept.max_pairs)
