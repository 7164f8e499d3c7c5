"""How strong are the gates? Faults are put into the code on purpose, and the gates must notice them.

After the unchanged code has passed, each function gets an instruction without effect: gates that reject that
cannot be trusted with anything. Then every mutant climbs the ladder alone; nothing is measured. For those that
come through, the program is made to trap where the fault was: if that comes through, too, no gate runs the place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pesquared.core.events import MutantTried, Observer, StageStarted
from pesquared.core.proposal import Edit
from pesquared.core.protocols import Judge
from pesquared.core.stopping import StopRequest
from pesquared.core.strength import Fate, GateStrength, Mutant, Reach, Sample, Tried
from pesquared.core.verdict import Verdict, Word
from pesquared.errors import PesquaredError

Commit = Callable[[tuple[Edit, ...], str], str]  # edits of the base and a message → the commit


@dataclass(slots=True)
class StrengthCheck:
    """One look at the gates of one code base. Used once.

    Args:
        judge: of the code base, not established yet.
        commit: puts edits on top of the judge's base, where nobody sees them.
        established: called when the unchanged code has passed: from then on there are only faulty programs.
        observer: told of every mutant.
        stop: when it is requested, what is known is reported.
    """

    judge: Judge
    commit: Commit
    established: Callable[[], None]
    observer: Observer
    stop: StopRequest
    _gates: dict[str, None] = field(default_factory=dict)  # in the order of the first that passed them all

    def run(self, sample: Sample) -> GateStrength:
        """Tries everything in ``sample``.

        Raises:
            BaselineError: the unchanged code does not build or pass, or there is nothing to be right by.
        """
        self.judge.establish_gates()
        self.established()
        self._tell("changes without effect, which must pass")
        harmless = tuple(self._each(sample.harmless))
        tried: tuple[Tried, ...] = ()
        if not any(one.fate is Fate.KILLED for one in harmless):
            self._tell(f"{len(sample.mutants)} mutants in {len(sample.harmless)} functions")
            tried = self._located(tuple(self._each(sample.mutants)))
        return GateStrength(sample, tuple(self._gates), harmless, tried, self.stop.requested)

    def _each(self, mutants: Sequence[Mutant]) -> Iterator[Tried]:
        for number, mutant in enumerate(mutants, 1):
            if self.stop.requested:
                return
            try:
                tried = self._judged(mutant)
            except PesquaredError as error:
                if number == 1:
                    raise
                yield Tried(mutant, Fate.UNJUDGED, reason=str(error))  # what is known by now is still reported
                return
            self.observer.notify(MutantTried(number, len(mutants), tried))
            yield tried

    def _judged(self, mutant: Mutant) -> Tried:
        verdict = self._checked((mutant.edit,), mutant)
        fate = fate_of(verdict)
        gate = next((gate.name for gate in verdict.gates if not gate.passed), "")
        if fate is Fate.SURVIVED:
            self._gates |= dict.fromkeys(gate.name for gate in verdict.gates)
        return Tried(mutant, fate, gate if fate is Fate.KILLED else "", verdict.reason)

    def _checked(self, edits: tuple[Edit, ...], mutant: Mutant) -> Verdict:
        return self.judge.check(self.commit(edits, f"test: a fault at {mutant.place}, to try the gates"))

    def _located(self, tried: tuple[Tried, ...]) -> tuple[Tried, ...]:
        """The survivors with whether any gate runs their places; mutants of one place share the answer."""
        survivors = [one for one in tried if one.fate is Fate.SURVIVED]
        if survivors:
            self._tell(f"traps in the places of survivors ({len(survivors)}): does any gate run them?")
        known: dict[tuple[Edit, ...], Reach] = {(): Reach.UNKNOWN}
        for one in survivors:
            if one.mutant.probe not in known and not self.stop.requested:
                known[one.mutant.probe] = reach_of(self._checked(one.mutant.probe, one.mutant))
        return tuple(_with_reach(tried, known))

    def _tell(self, text: str) -> None:
        self.observer.notify(StageStarted(text))


def _with_reach(tried: Iterable[Tried], known: dict[tuple[Edit, ...], Reach]) -> Iterator[Tried]:
    for one in tried:
        survived = one.fate is Fate.SURVIVED
        yield replace(one, reach=known.get(one.mutant.probe, Reach.UNKNOWN)) if survived else one


def fate_of(verdict: Verdict) -> Fate:
    """What a verdict of ``Judge.check`` says of a mutant. One that takes too long is noticed, too."""
    if verdict.word is Word.UNCHANGED:
        return Fate.EQUIVALENT
    if verdict.word is Word.BUILD_FAILED:
        return Fate.STILLBORN
    if verdict.word in (Word.INCONCLUSIVE, Word.ERROR):
        return Fate.SURVIVED if verdict.reason_code == "not-measured" else Fate.UNJUDGED
    return Fate.KILLED


def reach_of(verdict: Verdict) -> Reach:
    """What a verdict on a program with a trap says. Where the compiler drops the trap, nothing can come there."""
    fate = fate_of(verdict)
    if fate in (Fate.SURVIVED, Fate.EQUIVALENT):
        return Reach.NEVER
    return Reach.RUNS if fate is Fate.KILLED else Reach.UNKNOWN
