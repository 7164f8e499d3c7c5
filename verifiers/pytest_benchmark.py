"""pytest-benchmark's JSON report: the median time of a call of each benchmarked test.

The command must print the report: ``pytest -q bench/ --benchmark-json=/dev/stdout``. pytest-benchmark chooses by
the clock how often it calls a function, so that the process takes the same time however fast the code is, and
gives only means and medians of that: such figures are a summary, which accepts nothing alone. With a fixed number
of calls, ``benchmark.pedantic(f, rounds=…, iterations=…)``, the process's own time shows the gain as well.

Format: pytest-benchmark's ``--benchmark-json``: benchmarks[].fullname, stats.median in seconds.
"""

from pesquared.core.running import RunResult
from pesquared.verifiers.command import CommandVerifier
from pesquared.verifiers.documents import JsonObject, json_reports, named, number, objects, text
from pesquared.verify import Evidence


class PytestBenchmarkVerifier(CommandVerifier):
    """The median time of a call by test, in seconds."""

    metric_name = "pytest-benchmark-median/iteration"
    evidence = Evidence.SUMMARY

    def metric(self, result: RunResult) -> dict[str, float]:
        reports, _ = json_reports(result.stdout)
        rows = [row for report in reports for row in objects(report, "benchmarks")]
        return named([(text(row, "fullname"), number(_stats(row), "median")) for row in rows])

    def comparable(self, stream: str, data: bytes) -> bytes:
        """Nothing of standard output: it is a report of times. A test that fails shows in pytest's exit code."""
        return b"" if stream == "stdout" else data


def _stats(row: JsonObject) -> JsonObject:
    stats = row.get("stats")
    if not isinstance(stats, dict):
        raise ValueError(f"the report gives no statistics of {text(row, 'fullname')!r}")  # noqa: TRY004
    return stats
