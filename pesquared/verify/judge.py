"""The judge: one attempt goes down the ladder — build, checks, measurement — and comes back with a verdict."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pesquared.core.protocols import BenchmarkProfiles, Profile, Slot
from pesquared.core.verdict import Gain, Noise, Verdict, Word
from pesquared.errors import PesquaredError, StoppedError
from pesquared.verify.baseline.establish import Established, establish, tell_excused
from pesquared.verify.baseline.scale import Scale, find_scale
from pesquared.verify.blame import answerable
from pesquared.verify.climb import Climb, at_once
from pesquared.verify.failure import Failed, unstable
from pesquared.verify.ladder.gates import Gates
from pesquared.verify.measuring.decision import confirmation_alpha
from pesquared.verify.measuring.metric import CPU
from pesquared.verify.profiling.benchmark_stacks import Frames
from pesquared.verify.profiling.own_profile import Baseline, OwnProfile
from pesquared.verify.profiling.quarantine import below_ceiling
from pesquared.verify.review import reviewed
from pesquared.verify.rig import Rig
from pesquared.verify.trees.interposing import Interposing
from pesquared.verify.trees.linked import Fingerprint
from pesquared.verify.trees.pristine import SpoiltTreeError
from pesquared.verify.trial import Trial

Recorded = TypeVar("Recorded")
_INTERRUPTED = Failed(Word.INCONCLUSIVE, "interrupted", "interrupted before it was measured")
_NOT_MEASURED = Failed(Word.INCONCLUSIVE, "not-measured", "it passes every gate; nothing was measured")


def _ignore(_noise: Noise) -> None:
    """Nobody wants to know."""


class TreeJudge:
    """Judges commits in built trees; implements ``core.protocols.Judge``.

    Args:
        rig: what to work with.
        base_commit: what ``establish`` builds, and the first baseline.
    """

    def __init__(self, rig: Rig, base_commit: str) -> None:
        self._rig = replace(rig, verifier=answerable(rig.verifier))
        self._baseline = base_commit  # the commit of the slot BASELINE
        self._established: Established | None = None
        self._found: Scale | None = None
        self._runtime = 0.0
        self._built: Fingerprint | None = None  # of the baseline
        self._climb: Climb | None = None  # the last
        self._cpu_s: float | None = None  # of a run of the baseline, median, net of launch
        self._interposing: Interposing | None = None
        self._candidate_costs: tuple[float, float | None] = (0.0, None)
        self._confirmations = 0
        self._own_profile = OwnProfile(self._rig)

    @property
    def metric(self) -> str:
        return self._scale.metric

    @property
    def runtime_s(self) -> float:
        """The baseline's median: seconds net of launch for cpu and wall, else in the metric's own unit."""
        own = bool(self._rig.verifier.metric_name)
        return (
            1 / self._runtime if own and self._rig.verifier.higher_is_better and self._runtime else self._runtime
        )

    @property
    def _known(self) -> Established:
        if self._established is None:
            raise PesquaredError("nothing can be judged before establish()")
        return self._established

    @property
    def _scale(self) -> Scale:
        if self._found is None:
            raise PesquaredError("nothing can be measured before establish()")
        return self._found

    def establish(self) -> Noise:
        """Builds, checks and measures the baseline; see ``establish`` and ``find_scale`` for what they raise."""
        known = self._establish()
        return self._measure_noise(known)

    def _measure_noise(self, known: Established) -> Noise:
        self._rig.workspaces.activate(Slot.BASELINE)
        self._found = find_scale(known)
        self._runtime, self._cpu_s = self._found.runtime, self._found.cpu_s
        tell_excused(known)
        self._rig.workspaces.activate(Slot.BASELINE)
        return self._found.noise

    def establish_gates(self) -> None:
        """Builds and checks the baseline and measures nothing; after it, ``check`` is all that can be asked."""
        tell_excused(self._establish())
        self._rig.workspaces.activate(Slot.BASELINE)

    def _establish(self) -> Established:
        known = self._established = establish(self._rig, self._baseline)
        self._rig = known.rig
        self._built = known.built
        self._rig.workspaces.activate(Slot.BASELINE)
        self._interposing = Interposing(self._rig.workspaces.tree)
        return known

    def benchmark_profile(self) -> Profile | None:
        """What the benchmark does on the baseline; None where shares of CPU time say nothing about the metric."""
        if self.metric != CPU:
            return None
        return self._recorded(self._own_profile.of, {})

    def benchmark_profiles(self) -> BenchmarkProfiles | None:
        """What each benchmark does there; None where nothing is to be chosen, or where it cannot be told."""
        counting = self._scale.meter.figures.counting
        if len(counting) < 2 or self._rig.settings.bench.filter:
            return None
        frames = {name: self._rig.verifier.frames_of(name) for name in counting}
        return self._recorded(self._own_profile.by_benchmark, frames) if any(frames.values()) else None

    def _recorded(self, by: Callable[[Baseline], Recorded | None], frames: Frames) -> Recorded | None:
        if self._cpu_s is None:
            return None
        try:
            return by(Baseline(self._known.bench, self._baseline, self._built, self._cpu_s, frames))
        except StoppedError:
            return None
        finally:
            self._rig.workspaces.activate(Slot.BASELINE)

    def judge(self, commit: str, ceiling: float | None = None, benchmarks: tuple[str, ...] = ()) -> Verdict:
        """The whole way: build, quick tests, output, further rungs, screen, confirm, guards, full tests, claim.

        A gain clearly above ``ceiling`` is quarantined: it does not come from the code that was changed. Where
        ``benchmarks`` are named, they alone are combined, from the first pair to the last.
        """
        return self._judged(
            commit, lambda climb: below_ceiling(self._screened(climb, benchmarks), ceiling), benchmarks
        )

    def compare(self, commit: str, told: Callable[[Noise], None] = _ignore) -> Verdict:
        """For one candidate alone: as ``judge``, but not screened, and decided at the full level alpha.

        What is not established yet is, but the baseline is measured against itself (and ``told`` is called) only
        once the candidate is built: one that does not build, or is the same program, costs no measurement.

        Raises:
            BaselineError, NoiseError, UsageError: as ``establish``.
        """
        known = self._established or self._establish()
        alpha = self._rig.settings.accept.alpha

        def measured() -> Failed | None:
            if self._found is None and not self._rig.stop.requested:
                told(self._measure_noise(known))
            return _INTERRUPTED if self._rig.stop.requested else None

        return self._judged(
            commit,
            lambda climb: self._confirmed(climb, self._trial(climb, Slot.BASELINE), alpha),
            once_built=measured,
        )

    def check(self, commit: str) -> Verdict:
        """Build and all gates, full tests included; ``inconclusive``, ``not-measured`` if it passes them all."""
        return self._judged(commit, lambda climb: (climb.fully_tested() or _NOT_MEASURED).verdict(climb.passed))

    def _judged(
        self,
        commit: str,
        rest: Callable[[Climb], Verdict],
        benchmarks: tuple[str, ...] = (),
        once_built: Callable[[], Failed | None] = at_once,
    ) -> Verdict:
        """Build, ``once_built`` and gates; what passes them goes on to ``rest``."""
        climb = self._climb = self._climber(commit)
        try:
            failed = climb.up(once_built)
            verdict = failed.verdict(climb.passed) if failed else rest(climb)
            if verdict.accepted:
                scale = self._scale.judged_on(benchmarks)
                verdict = reviewed(verdict, self._known, scale, climb.built, (self._baseline, commit))
        except SpoiltTreeError as spoilt:
            verdict = _spoilt(climb.gates, spoilt)
        except StoppedError:
            verdict = _INTERRUPTED.verdict(climb.passed)
        self._rig.workspaces.activate(Slot.BASELINE)  # whoever reads sources between judgements reads there
        return replace(verdict, benchmarks=benchmarks)

    def _climber(self, commit: str) -> Climb:
        known = self._known
        if self._interposing is None:
            raise PesquaredError("nothing can be judged before establish()")
        return Climb(known, self._interposing, self._built, commit)

    def _screened(self, climb: Climb, benchmarks: tuple[str, ...]) -> Verdict:
        accept, trial = self._rig.settings.accept, self._trial(climb, Slot.BASELINE, benchmarks)
        screen = trial.screen(accept.screen_alpha, accept.screen_pairs)
        return screen if isinstance(screen, Verdict) else self._confirmed(climb, trial, self._next_alpha())

    def _confirmed(self, climb: Climb, trial: Trial, alpha: float) -> Verdict:
        verdict = trial.confirm(alpha, climb.again)
        self._candidate_costs = trial.runtime, trial.cpu_s
        return verdict

    def adopt(self, commit: str) -> None:
        """The commit judged last becomes the baseline. Its message, and so its name, may have changed since."""
        self._baseline = commit
        self._rig.workspaces.relabel(Slot.CANDIDATE, commit)
        self._rig.workspaces.exchange(Slot.CANDIDATE, Slot.BASELINE)
        self._known.bench.exchanged(Slot.CANDIDATE, Slot.BASELINE)
        self._built = self._climb.built.products if self._climb else None
        self._runtime, self._cpu_s = self._candidate_costs
        self._found = self._scale.fitted(self._runtime)
        self._own_profile.forget()
        for rung in self._known.rungs:
            rung.adopted(commit)
        self._rig.workspaces.activate(Slot.BASELINE)
        self._interposing = Interposing(self._rig.workspaces.tree)

    def conclude(self, commit: str, benchmarks: tuple[str, ...] = ()) -> tuple[Verdict, Gain | None]:
        """Builds ``commit`` cold, checks it in full, and confirms it against the original on fresh pairs.

        ``benchmarks`` as for ``judge``.
        """
        climb = self._climber(commit)
        if self._rig.stop.requested:
            return _INTERRUPTED.verdict(), None
        try:
            return self._concluded(climb, benchmarks)
        except SpoiltTreeError as spoilt:
            return _spoilt(climb.gates, spoilt), None
        except StoppedError:
            return _INTERRUPTED.verdict(climb.passed), None

    def _concluded(self, climb: Climb, benchmarks: tuple[str, ...]) -> tuple[Verdict, Gain | None]:
        failed = climb.from_nothing()
        if failed:
            return failed.verdict(climb.passed), None
        self._found = self._scale.fitted(self._scale.runtime)  # to the original once more
        trial, alpha = self._trial(climb, Slot.ORIGINAL, benchmarks), self._next_alpha()
        final = trial.decide("final", alpha)
        verdict = final if isinstance(final, Verdict) else trial.claim(alpha, final.pairs)
        return replace(verdict, benchmarks=benchmarks), verdict.gain

    def _trial(self, climb: Climb, baseline: Slot, benchmarks: tuple[str, ...] = ()) -> Trial:
        return Trial(self._known, self._scale.judged_on(benchmarks), climb.gates, baseline)

    def _next_alpha(self) -> float:
        """Spends the level of one more confirmation."""
        self._confirmations += 1
        return confirmation_alpha(self._rig.settings.accept.alpha, self._confirmations)


def _spoilt(gates: Gates, spoilt: SpoiltTreeError) -> Verdict:
    """What a run or a test left cannot be put back: the candidate's fault in its own slots only."""
    if spoilt.slot not in (Slot.CANDIDATE, Slot.VARIANT):
        return unstable(spoilt.message).verdict(gates.all)
    failed = Failed(Word.WRONG, "tree-changed", spoilt.message, spoilt.message)
    gates.note("output", failed)
    return failed.verdict(gates.all)
