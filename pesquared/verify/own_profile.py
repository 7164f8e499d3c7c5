"""The benchmark's own profile: what it does on the baseline, recorded when somebody asks."""

import io
from collections.abc import Iterator

from pesquared.core.events import Notice, StageStarted
from pesquared.core.profile import UNKNOWN, UNSEEN, Diagnostic, Sample
from pesquared.core.protocols import Profile, Slot
from pesquared.profiles import StackAnalyzer
from pesquared.profiles.lines import read_lines
from pesquared.profiles.perf_script import records
from pesquared.profiles.problems import Problems
from pesquared.verify.bench import Bench
from pesquared.verify.diagnosis import ending
from pesquared.verify.own_stacks import stack_of
from pesquared.verify.pristine import SpoiltTreeError
from pesquared.verify.recording import PerfSandbox
from pesquared.verify.rig import Rig

WANTED = 2500  # samples of a run
_ENOUGH = 1500  # a function that none of them saw takes less than 1 % of the time
_FEWEST = 50
_SLOWEST, _QUICKEST = 199, 7993  # samples a second; primes, so that no loop keeps step with them
_MOST_RUNS, _LONGEST_S = 8, 6.0
_OPEN = 0.5  # share of samples that leave everything open, above which it is said


class OwnProfile:
    """Recorded at most once for each baseline; what stands in the way is said once."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._profile: Profile | None = None
        self._is_current = False
        self._told = False

    def forget(self) -> None:
        """The baseline has changed."""
        self._is_current = False

    def of(self, bench: Bench, runtime_s: float) -> Profile | None:
        """The profile; None where it cannot be recorded.

        Args:
            bench: whose slot BASELINE is recorded.
            runtime_s: CPU time of a run of it. Time that no sample saw, such as the kernel's where only user code
                may be sampled, is added as unseen.
        """
        if not self._is_current and not self._rig.stop.requested:
            self._profile = self._record(bench, runtime_s)
            self._is_current = True
        return self._profile

    def _record(self, bench: Bench, runtime_s: float) -> Profile | None:
        self._rig.observer.notify(StageStarted("recording the benchmark's own profile"))
        rate = round(min(max(WANTED / max(runtime_s, 1e-6), _SLOWEST), _QUICKEST))
        sandbox = PerfSandbox(self._rig.sandbox, rate)
        samples: list[Sample] = []
        runs, used_s = 0, 0.0
        while len(samples) < _ENOUGH and runs < _MOST_RUNS and used_s < _LONGEST_S:
            try:
                result = bench.run(Slot.BASELINE, sandbox=sandbox).result
            except SpoiltTreeError as spoilt:
                self._tell(f"spoilt the tree: {spoilt.message}")
                return None
            fresh = [sample for text in sandbox.printed for sample in read_samples(text, rate)]
            sandbox.printed.clear()
            if not result.ok or not fresh:
                said = result.stderr.decode(errors="replace").strip().splitlines()
                ended = "printed no stacks" if result.ok else ending(result)
                self._tell(f"{ended}{': ' + said[0][:200] if said else ''}")
                return None
            samples += fresh
            runs, used_s = runs + 1, used_s + result.usage.wall_s
        if len(samples) < _FEWEST:
            self._tell(f"it is too short: {len(samples)} samples in {runs} runs")
            return None
        unseen = runs * runtime_s * rate - sum(sample.weight for sample in samples)
        profile = StackAnalyzer([*samples, Sample((UNSEEN,), max(unseen, 0.0))])
        unknown = profile.share_where(lambda stack: UNKNOWN in stack or UNSEEN in stack)
        if unknown > _OPEN:
            self._tell(f"{unknown:.0%} of it cannot be told apart; building with -g may help")
        return profile

    def _tell(self, why: str) -> None:
        if not self._told:
            self._told = True
            text = "what the benchmark itself does is not known well, so that gains have no ceiling: perf"
            self._rig.observer.notify(Notice(f"{text} {why}"))


def read_samples(text: bytes, rate: int) -> Iterator[Sample]:
    """Samples of what ``perf script`` printed; weights count periods of 1/``rate`` seconds. Total."""
    ignored: list[Diagnostic] = []
    problems = Problems("perf script", ignored)
    for record in records(read_lines(io.BytesIO(text), problems), problems):
        yield Sample(stack_of(record.frames), record.weight * rate / 1e9)
