"""An example of a verifier with a metric of its own: the means of Catch2's benchmarks, from its XML report.

Catch2 chooses how often it repeats a benchmark, so that the process takes the same time however fast the code is;
only its own report shows a gain. The benchmark command must print that report: ``./bench --reporter xml``.
Format: Catch2 docs/reporters.md; ``BenchmarkResults/mean@value`` in nanoseconds, in v2.13 and v3.
"""

from lxml import etree

from pesquared.core.running import RunResult
from pesquared.verifiers.command import CommandVerifier


class Catch2Verifier(CommandVerifier):
    """The sum of the mean times of all benchmarks of a run, in seconds."""

    metric_name = "catch2-mean"

    def metric(self, result: RunResult) -> float | None:
        # The report is a foreign program's: no entities, no network, no documents of unusual depth.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
        try:
            report = etree.fromstring(result.stdout, parser)
            means = [float(mean.get("value", "nan")) for mean in report.iter("mean")]
        except (etree.XMLSyntaxError, ValueError):
            return None
        return sum(means) * 1e-9 if means else None
