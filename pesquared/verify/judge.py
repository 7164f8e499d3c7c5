"""The judge: one attempt goes down the ladder — build, checks, measurement — and comes back with a verdict."""

from dataclasses import replace

from pesquared.core.events import StageStarted
from pesquared.core.protocols import Slot
from pesquared.core.verdict import Gain, Noise, Verdict, Word
from pesquared.errors import PesquaredError
from pesquared.verify.blame import answerable
from pesquared.verify.building import build_candidate
from pesquared.verify.decision import Comparison, Outcome, Series, confirmation_alpha, describe, why_not
from pesquared.verify.direct import DirectComparison
from pesquared.verify.establish import Established, establish
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.gates import Gates
from pesquared.verify.guards import memory_guard, time_guard
from pesquared.verify.linked import Fingerprint
from pesquared.verify.metric import typical
from pesquared.verify.pairs import CheckedSlot, Pair, PairedRuns
from pesquared.verify.pristine import SpoiltTreeError
from pesquared.verify.rig import Rig
from pesquared.verify.verifier import Suite

_INTERRUPTED = Failed(Word.INCONCLUSIVE, "interrupted", "interrupted before it was measured")


class TreeJudge:
    """Judges commits in built trees; implements ``core.protocols.Judge``.

    Args:
        rig: what to work with.
        base_commit: what ``establish`` builds, and the first baseline.
    """

    def __init__(self, rig: Rig, base_commit: str) -> None:
        self._rig = replace(rig, verifier=answerable(rig.verifier))
        self._base_commit = base_commit
        self._known: Established | None = None
        self._runtime = 0.0
        self._built: Fingerprint | None = None  # of the baseline
        self._candidate_built: Fingerprint | None = None
        self._candidate_runtime = 0.0
        self._confirmations = 0

    @property
    def metric(self) -> str:
        return self._ready.metric

    @property
    def runtime_s(self) -> float:
        """The baseline's median cost: seconds net of launch for cpu and wall, else in the metric's own unit."""
        return self._runtime

    @property
    def _ready(self) -> Established:
        if self._known is None:
            raise PesquaredError("nothing can be judged before establish()")
        return self._known

    def establish(self) -> Noise:
        """Builds, checks and measures the baseline; see ``establish.establish`` for what it raises."""
        self._known = establish(self._rig, self._base_commit)
        self._rig = self._known.rig
        self._rig.workspaces.activate(Slot.BASELINE)
        self._built, self._runtime = self._known.built, self._known.runtime
        return self._known.noise

    def judge(self, commit: str) -> Verdict:
        """The whole way: build, quick tests, output, screen, confirm, guards, full tests, claim."""
        gates = self._gates()
        try:
            verdict = self._judge(self._ready, commit, gates)
        except SpoiltTreeError as spoilt:
            verdict = _spoilt(gates, spoilt)
        self._rig.workspaces.activate(Slot.BASELINE)  # whoever reads sources between judgements reads there
        return verdict

    def _judge(self, known: Established, commit: str, gates: Gates) -> Verdict:
        known.bench.restore(Slot.BASELINE)
        built = build_candidate(self._rig, gates, commit, self._built)
        self._candidate_built = built.products
        failed = built.failed or gates.test_first(Slot.CANDIDATE, cold=built.cold) or self._output(gates)
        if failed:
            return failed.verdict(gates.all)
        return self._measure(gates)

    def adopt(self, commit: str) -> None:
        """The commit judged last becomes the baseline. Its message, and so its name, may have changed since."""
        self._rig.workspaces.relabel(Slot.CANDIDATE, commit)
        self._rig.workspaces.exchange(Slot.CANDIDATE, Slot.BASELINE)
        self._ready.bench.exchanged(Slot.CANDIDATE, Slot.BASELINE)
        self._built, self._runtime = self._candidate_built, self._candidate_runtime

    def conclude(self, commit: str) -> tuple[Verdict, Gain | None]:
        """Builds ``commit`` cold, checks it in full, and confirms it against the original on fresh pairs."""
        gates = self._gates()
        if self._rig.stop.requested:
            return _INTERRUPTED.verdict(), None
        try:
            return self._conclude(self._ready, commit, gates)
        except SpoiltTreeError as spoilt:
            return _spoilt(gates, spoilt), None

    def _conclude(self, known: Established, commit: str, gates: Gates) -> tuple[Verdict, Gain | None]:
        self._rig.workspaces.place(Slot.CANDIDATE, commit)
        failed = (
            gates.build(Slot.CANDIDATE)
            or gates.test(Slot.CANDIDATE, Suite.QUICK)
            or gates.test(Slot.CANDIDATE, Suite.FULL)
            or self._output(gates)
        )
        if failed:
            return failed.verdict(gates.all), None
        known.bench.capture(Slot.ORIGINAL)
        comparison, alpha = self._comparison(Slot.ORIGINAL), self._next_alpha()
        final = comparison.decide("final", alpha, self._rig.settings.accept.max_pairs)
        if final.outcome is not Outcome.FASTER:
            return self._undecided(gates, final), final.gain
        verdict = self._claim(gates, comparison, alpha)
        return verdict, verdict.gain

    def _gates(self) -> Gates:
        return Gates(self._rig, self._ready.footprint, self._ready.suites)

    def _output(self, gates: Gates) -> Failed | None:
        """The first run of the benchmark: its output, exit code and files."""
        known = self._ready
        known.bench.capture(Slot.CANDIDATE)
        return gates.note("output", known.checks.candidate(known.bench.trial(Slot.CANDIDATE)))

    def _checked(self, baseline: Slot) -> tuple[CheckedSlot, CheckedSlot]:
        checks = self._ready.checks
        return (baseline, checks.settled), (Slot.CANDIDATE, checks.candidate)

    def _comparison(self, baseline: Slot) -> Comparison:
        known, rig = self._ready, self._rig
        pairs = PairedRuns(known.bench, known.meter, rig.coin, *self._checked(baseline))
        kind = DirectComparison if rig.verifier.metric_name and rig.verifier.deterministic else Comparison
        return kind(pairs.next, known.metric, rig.settings.accept, rig.observer, rig.stop)

    def _next_alpha(self) -> float:
        """Spends the level of one more confirmation."""
        self._confirmations += 1
        return confirmation_alpha(self._rig.settings.accept.alpha, self._confirmations)

    def _measure(self, gates: Gates) -> Verdict:
        accept, comparison = self._rig.settings.accept, self._comparison(Slot.BASELINE)
        screen = comparison.decide("screen", accept.screen_alpha, accept.screen_pairs)
        if screen.outcome is not Outcome.FASTER:
            return self._undecided(gates, screen)
        alpha = self._next_alpha()
        confirm = comparison.decide("confirm", alpha, accept.max_pairs)
        if confirm.outcome is not Outcome.FASTER:
            return self._undecided(gates, confirm)
        failed = self._guards(confirm)
        if failed:
            return self._refused(gates, failed, confirm.gain)
        self._ready.bench.restore(Slot.CANDIDATE)
        failed = gates.test(Slot.CANDIDATE, Suite.FULL)
        if failed:
            return failed.verdict(gates.all, confirm.gain)
        return self._claim(gates, comparison, alpha)

    def _guards(self, confirm: Series) -> Failed | None:
        known, loss = self._ready, self._rig.settings.accept.guard_loss
        failed = time_guard(confirm.pairs, known.metric, loss)
        if failed:
            return failed
        self._rig.observer.notify(StageStarted("reading peak memory"))
        return memory_guard(known.bench, *self._checked(Slot.BASELINE), loss)

    def _claim(self, gates: Gates, comparison: Comparison, alpha: float) -> Verdict:
        """Fresh pairs give the claimed gain: those that led to the decision flatter it (winner's curse)."""
        accept, metric = self._rig.settings.accept, self._ready.metric

        def shown(_pair: Pair, _log_ratio: float, gain: Gain | None) -> Outcome | None:
            """Enough pairs, and an interval that is a gain by itself: nobody believes one of −10 to 30 %."""
            enough = gain is not None and gain.pairs >= accept.claim_pairs and gain.low > 0
            return Outcome.COMPLETE if enough else None

        claim = comparison.measure("claim", max(accept.claim_pairs, accept.max_pairs), alpha, shown)
        if claim.outcome is not Outcome.COMPLETE or claim.gain is None:
            return self._undecided(gates, claim)
        if claim.gain.low <= 0:
            reason = f"faster at first, but not on fresh pairs: {describe(claim.gain)}"
            return Verdict(Word.INCONCLUSIVE, "not-repeated", reason, gates.all, claim.gain)
        self._candidate_runtime = typical([pair.candidate for pair in claim.pairs], metric)
        return Verdict(Word.ACCEPTED, "faster", describe(claim.gain), gates.all, claim.gain)

    def _undecided(self, gates: Gates, series: Series) -> Verdict:
        return self._refused(gates, why_not(series, self._rig.settings.accept.target), series.gain)

    @staticmethod
    def _refused(gates: Gates, failed: Failed, gain: Gain | None) -> Verdict:
        if failed.word is Word.WRONG:  # a later run was not right: so is the rung that the first one passed
            gates.note("output", failed)
        return failed.verdict(gates.all, gain)


def _spoilt(gates: Gates, spoilt: SpoiltTreeError) -> Verdict:
    """What a run or a test left cannot be put back: the candidate's fault in its own slot only."""
    if spoilt.slot is not Slot.CANDIDATE:
        return unstable(spoilt.message).verdict(gates.all)
    failed = Failed(Word.WRONG, "tree-changed", spoilt.message, spoilt.message)
    gates.note("output", failed)
    return failed.verdict(gates.all)
