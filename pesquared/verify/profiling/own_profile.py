"""The benchmark's own profile: what it does on the baseline, recorded when somebody asks."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pesquared.core.events import Notice, StageStarted
from pesquared.core.profile import UNKNOWN, UNSEEN, Diagnostic, Sample
from pesquared.core.protocols import BenchmarkProfiles, Profile, Slot
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.lines import read_lines
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.perf_script import records
from pesquared.verify.diagnosis import ending
from pesquared.verify.measuring.bench import Bench
from pesquared.verify.profiling.benchmark_stacks import Frames, below_harness, told_apart
from pesquared.verify.profiling.lined_build import build_with_lines
from pesquared.verify.profiling.own_stacks import stack_of
from pesquared.verify.profiling.recording import PerfSandbox
from pesquared.verify.rig import Rig
from pesquared.verify.trees.linked import Fingerprint
from pesquared.verify.trees.pristine import SpoiltTreeError

_WANTED = 2500  # samples of a run
_ENOUGH = 1500  # a function that none of them saw takes less than 1 % of the time
_OF_EACH, _MOST = 400, 8000  # of several benchmarks that are told apart
_FEWEST = 50
_SLOWEST, _QUICKEST = 199, 7993  # samples a second; primes, so that no loop keeps step with them
_MOST_RUNS, _LONGEST_S = 8, 6.0
_BUILT_FOR = 0.1  # share of samples with unknown frames from which on a build with debug information is worth it
_OPEN = 0.5  # share of the time that leaves everything open, above which it is said


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is to be recorded."""

    bench: Bench
    commit: str
    built: Fingerprint | None
    runtime_s: float  # CPU time of a run
    frames: Frames = field(default_factory=dict)  # of benchmarks that are to be told apart

    @property
    def wanted(self) -> int:
        """Samples of a run: of each benchmark some."""
        functions = {frame for listed in self.frames.values() for frame in listed[:1]}
        return min(max(_WANTED, _OF_EACH * len(functions)), _MOST)

    @property
    def enough(self) -> int:
        return self.wanted * _ENOUGH // _WANTED


class OwnProfile:
    """Recorded at most once for each baseline; what stands in the way is said once."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._seen: list[Sample] | None = None
        self._profile: Profile | None = None
        self._is_current = False
        self._lines_help = True  # until a build with debug information has not
        self._told = False

    def forget(self) -> None:
        """The baseline has changed."""
        self._is_current = False

    def of(self, baseline: Baseline) -> Profile | None:
        """The profile; None where it cannot be recorded.

        Time that no sample saw, such as the kernel's where only user code may be sampled, is added as unseen.
        """
        self._record(baseline)
        if self._profile is None and self._seen is not None:
            self._profile = StackAnalyzer(self._seen)
        return self._profile

    def by_benchmark(self, baseline: Baseline) -> BenchmarkProfiles | None:
        """The same, told apart by benchmark; None where it cannot be recorded."""
        self._record(baseline)
        return None if self._seen is None else told_apart(self._seen, baseline.frames)

    def _record(self, baseline: Baseline) -> None:
        if not self._is_current and not self._rig.stop.requested:
            self._profile, self._seen = None, self._best(baseline)
            self._is_current = True

    def _best(self, baseline: Baseline) -> list[Sample] | None:
        self._rig.observer.notify(StageStarted("recording the benchmark's own profile"))
        glimpse = self._samples(baseline, Slot.BASELINE, 1)
        if isinstance(glimpse, str):
            self._tell(baseline, glimpse)
            return None
        seen = self._with_lines(baseline, glimpse) or self._without(baseline, glimpse)
        if isinstance(seen, str) or len(seen) < _FEWEST:
            self._tell(
                baseline, seen if isinstance(seen, str) else f"has too little to look at: {len(seen)} samples"
            )
            return None
        left_open = _unknown(baseline, seen, UNSEEN)
        if left_open > _OPEN:
            self._tell(baseline, f"cannot tell {left_open:.0%} of its time apart; building with -g may help")
        return seen

    def _without(self, baseline: Baseline, glimpse: list[Sample]) -> list[Sample] | str:
        """Samples of the program as it was built."""
        return glimpse if len(glimpse) >= baseline.enough else self._samples(baseline, Slot.BASELINE, _MOST_RUNS)

    def _with_lines(self, baseline: Baseline, glimpse: list[Sample]) -> list[Sample] | None:
        """Samples of the same program with debug information; None where that is of no use."""
        unknown = _unknown(baseline, glimpse)
        if not self._lines_help or unknown <= _BUILT_FOR:
            return None
        self._lines_help = False
        if not build_with_lines(self._rig, baseline.commit, baseline.built):
            return None
        try:
            baseline.bench.capture(Slot.VARIANT)
        except SpoiltTreeError:
            return None
        seen = self._samples(baseline, Slot.VARIANT, _MOST_RUNS)
        if isinstance(seen, str) or _unknown(baseline, seen) >= unknown:
            return None
        self._lines_help = True
        return seen

    def _samples(self, baseline: Baseline, slot: Slot, most_runs: int) -> list[Sample] | str:
        """Samples of the program in a slot, or what perf did instead, in words that can follow its name."""
        rate = round(min(max(baseline.wanted / max(baseline.runtime_s, 1e-6), _SLOWEST), _QUICKEST))
        sandbox = PerfSandbox(self._rig.sandbox, rate)
        samples: list[Sample] = []
        runs, used_s = 0, 0.0
        while len(samples) < baseline.enough and runs < most_runs and used_s < _LONGEST_S:
            try:
                result = baseline.bench.run(slot, sandbox=sandbox).result
            except SpoiltTreeError as spoilt:
                return f"spoilt the tree: {spoilt.message}"
            fresh = [sample for text in sandbox.printed for sample in read_samples(text, rate)]
            sandbox.printed.clear()
            if not result.ok or not fresh:
                said = result.stderr.decode(errors="replace").strip().splitlines()
                ended = "printed no stacks" if result.ok else ending(result)
                return f"{ended}{': ' + said[0][:200] if said else ''}"
            samples += fresh
            runs, used_s = runs + 1, used_s + result.usage.wall_s
        unseen = runs * baseline.runtime_s * rate - sum(sample.weight for sample in samples)
        return [*samples, Sample((UNSEEN,), max(unseen, 0.0))]

    def _tell(self, baseline: Baseline, why: str) -> None:
        if not self._told:
            self._told = True
            therefore = "all benchmarks count for every change" if baseline.frames else "gains have no ceiling"
            text = f"what the benchmark itself does is not known well, so that {therefore}: perf"
            self._rig.observer.notify(Notice(f"{text} {why}"))


def _unknown(baseline: Baseline, samples: list[Sample], *further: str) -> float:
    """Share of the weight in stacks of which not all is known, not counting what stands above benchmarks."""
    stacks = below_harness(samples, baseline.frames) if baseline.frames else samples
    return _share(stacks, UNKNOWN, *further)


def _share(samples: Iterable[Sample], *frames: str) -> float:
    """Of the weight, in stacks that hold one of the frames."""
    weights = [(sample.weight, not set(frames).isdisjoint(sample.frames)) for sample in samples]
    held = sum(weight for weight, holds in weights if holds)
    return held / (sum(weight for weight, _ in weights) or 1.0)


def read_samples(text: bytes, rate: int) -> Iterator[Sample]:
    """Samples of what ``perf script`` printed; weights count periods of 1/``rate`` seconds. Total."""
    ignored: list[Diagnostic] = []
    problems = Problems("perf script", ignored)
    for record in records(read_lines(io.BytesIO(text), problems), problems):
        yield Sample(stack_of(record.frames), record.weight * rate / 1e9)
