"""Catch2's XML report: the mean time of an iteration of each benchmark.

The command must print the report: ``./bench --reporter xml``. Catch2 chooses how often it repeats a benchmark, so
that the process takes the same time however fast the code is, and gives only means of that: such figures are a
summary, which accepts nothing alone.

Format: Catch2 docs/reporters.md; ``BenchmarkResults/mean@value`` in nanoseconds, in v2.13 and v3.
"""

from lxml import etree

from pesquared.core.running import RunResult
from pesquared.verifiers.command import CommandVerifier
from pesquared.verifiers.documents import named, xml_report
from pesquared.verify import Evidence

_ROOTS = ("Catch", "Catch2TestRun")


class Catch2Verifier(CommandVerifier):
    """The mean time of an iteration, in seconds, by test case, section and benchmark."""

    metric_name = "catch2-mean/iteration"
    evidence = Evidence.SUMMARY

    def metric(self, result: RunResult) -> dict[str, float]:
        report, _ = xml_report(result.stdout, *_ROOTS)
        return named(
            [
                (_full_name(mean), float(mean.get("value", "nan")) * 1e-9)
                for mean in report.iterfind(".//BenchmarkResults/mean")
            ]
        )

    def comparable(self, stream: str, data: bytes) -> bytes:
        """How many assertions held, where there are any, and what else is printed."""
        if stream != "stdout":
            return data
        report, around = xml_report(data, *_ROOTS)
        counts = [
            f"{key}={total.get(key)}"
            for total in report.iterfind("OverallResults")
            for key in ("successes", "failures", "expectedFailures")
        ]
        asserted = any(count.partition("=")[2].strip("0") for count in counts)
        return around + (" ".join(counts).encode() if asserted else b"")


def _full_name(mean: etree._Element) -> str:
    names = [place.get("name", "") for place in mean.iterancestors("BenchmarkResults", "Section", "TestCase")]
    return "/".join(reversed(names))
