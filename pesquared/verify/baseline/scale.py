"""What candidates are measured by: the metric, what a run of the baseline costs, how finely this host can tell."""

from dataclasses import dataclass, replace

from pesquared.core.events import Notice
from pesquared.core.verdict import Noise
from pesquared.errors import BaselineError
from pesquared.verify.baseline.establish import Established
from pesquared.verify.baseline.learning import learn_core_use
from pesquared.verify.baseline.length import must_be_long_enough
from pesquared.verify.baseline.noise import (
    measure_noise,
    must_be_the_same,
    must_not_be_hopeless,
    noise_of,
)
from pesquared.verify.measuring.figures import must_report
from pesquared.verify.measuring.meter import Meter, cpu_time, typical
from pesquared.verify.measuring.metric import CPU, WALL, CoreUse, choose_metric
from pesquared.verify.measuring.repeating import runs_in_a_sample
from pesquared.verify.rig import Rig


@dataclass(frozen=True, slots=True)
class Scale:
    """What measuring needs to know of the unchanged code."""

    meter: Meter
    metric: str
    runtime: float  # median, in the metric's unit; seconds net of launch for cpu and wall
    noise: Noise
    cpu_s: float | None  # of a run, median, net of launch; None where it is not accounted for
    one_core: bool = False  # a run keeps one core busy from start to end

    def judged_on(self, benchmarks: tuple[str, ...]) -> "Scale":
        """The same for some of the verifier's benchmarks; () means: all that count."""
        return replace(self, meter=self.meter.judged_on(benchmarks)) if benchmarks else self

    def fitted(self, runtime: float) -> "Scale":
        """The same for a baseline that costs ``runtime``: where that is a time, samples are as long as needed."""
        if self.metric not in (CPU, WALL):
            return self
        return replace(self, meter=self.meter.sampling(runs_in_a_sample(runtime)))


def find_scale(known: Established) -> Scale:
    """Measures the established baseline against a copy of itself.

    Raises:
        UsageError: a demanded metric cannot be used.
        BaselineError: a run fails, or the verifier's own metric is not what it is said to be.
        NoiseError: nothing can be told apart here.
    """
    rig, bench, checks = known.rig, known.bench, known.checks
    meter = Meter(rig.verifier, rig.sandbox.launch_cost(rig.workspaces.tree))
    readings = [meter.read(result) for result in known.runs]
    must_report([reading.figure for reading in readings], rig.verifier.metric_name)
    use = learn_core_use(rig, bench, checks)
    metric = choose_metric(rig.verifier, rig.settings.accept, use, rig.sandbox.accounting)
    _tell_threads(rig, metric, use)
    if rig.verifier.metric_name and rig.verifier.deterministic:
        noise = must_be_the_same(readings, metric)
    else:
        if not rig.verifier.metric_name:
            must_be_long_enough(rig, bench, meter, known.runs)
            meter = meter.sampling(runs_in_a_sample(typical(readings, metric)))
            _tell_repeats(rig, meter, typical(readings, metric))
        series = measure_noise(rig, bench, checks, meter, metric)
        if series.failed:
            raise BaselineError(series.failed.reason, "look at the verifier's metric()")
        readings += [reading for pair in series.pairs for reading in (pair.baseline, pair.candidate)]
        noise = noise_of(series.pairs, metric)
        if not rig.stop.requested:
            must_not_be_hopeless(noise)
    one_core = use is not None and use.one_core
    return Scale(meter, metric, typical(readings, metric), noise, cpu_time(readings), one_core)


def _tell_threads(rig: Rig, metric: str, use: CoreUse | None) -> None:
    if metric == CPU and use is not None and use.several_threads:
        text = f"the benchmark uses {use.threads:.1f} threads at a time, and their CPU time is summed"
        rig.observer.notify(Notice(f"{text}: work that is only spread better is no gain; --metric wall counts it"))


def _tell_repeats(rig: Rig, meter: Meter, run_s: float) -> None:
    if meter.repeats > 1:
        rig.observer.notify(Notice(f"one run takes {1e3 * run_s:.1f} ms: a sample is {meter.repeats} of them"))
