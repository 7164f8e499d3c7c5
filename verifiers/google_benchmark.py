"""Google Benchmark's JSON report: the time of one iteration of each benchmark, over a fixed number of iterations.

Left alone the library repeats each benchmark until half a second has passed, so that the process takes the same
time however fast the code is. Here the counts are chosen once, on the unchanged code, and given to both sides
through the library's environment variables, which takes version 1.8; what the command line says has precedence, so
leave ``--benchmark_min_time`` and ``--benchmark_filter`` to this verifier and ``[bench] filter``. With an older
library only benchmarks that fix their count themselves (``->Iterations(N)``) are as good; else the figures are
labelled as a summary.

Format: https://github.com/google/benchmark/blob/main/docs/user_guide.md, "Output Formats".
"""

import json
import re
import shlex

from pesquared.core.running import RunResult
from pesquared.core.settings import Settings
from pesquared.verifiers.command import CommandVerifier
from pesquared.verifiers.documents import JsonObject, json_reports, number, objects, text
from pesquared.verify import Evidence, Workspace
from pesquared.verify.matching import select

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_BY_WALL = ("/real_time", "/manual_time")
_ENOUGH_S = 0.05  # of each benchmark in a run
_MOST = 1 << 30  # iterations
_SPECIAL = re.compile(r"[].^$|()[{}*+?\\]")  # and no other: to the C library "\\<" is the beginning of a word
_FIXED, _LOOSE = "google-benchmark", "google-benchmark/iteration"
_NO_RESULT = {
    *("name", "family_index", "per_family_instance_index", "run_name", "run_type"),
    *("repetitions", "repetition_index", "threads", "iterations"),
    *("real_time", "cpu_time", "time_unit", "bytes_per_second", "items_per_second"),
}


class GoogleBenchmarkVerifier(CommandVerifier):
    """CPU time of an iteration by benchmark, in seconds; wall time where the benchmark's name asks for it."""

    metric_name = _LOOSE
    evidence = Evidence.SUMMARY

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._counts: dict[str, int] = {}  # iterations by name; empty: the library decides

    def calibrate(self, workspace: Workspace) -> RunResult | None:
        first = workspace.run(self._command_line())
        if not first.ok:
            return first
        rows = _rows(first)
        wanted = self._wanted([text(row, "name") for row in rows])
        self._counts = {
            name: _count(_seconds(row, "real_time")) for row in rows if (name := text(row, "name")) in wanted
        }
        second = workspace.run(self._command_line())
        if second.ok and all(_is_fixed(row, self._counts) for row in _rows(second)):
            self.metric_name, self.evidence = _FIXED, Evidence.RUNS
        else:
            self._counts = {}
        return None

    def bench(self, workspace: Workspace) -> RunResult:
        return workspace.run(self._command_line())

    def metric(self, result: RunResult) -> dict[str, float]:
        figures: dict[str, list[float]] = {}
        for row in _rows(result):
            name = text(row, "name")
            figures.setdefault(name, []).append(_seconds(row, "real_time" if _by_wall(name) else "cpu_time"))
        return {name: sum(times) / len(times) for name, times in figures.items()}  # of all repetitions

    def frames_of(self, benchmark: str) -> tuple[str, ...]:
        """The function that it is made of, in ``BM_sort<int>/8/threads:2``; of a fixture's, the library's own."""
        if _by_wall(benchmark):
            return ()
        function, *parts = _parts(benchmark)
        plain = tuple(dict.fromkeys((function, function.partition("<")[0])))
        if parts and parts[0].isidentifier() and parts[0] != "process_time":  # a fixture's, or BENCHMARK_CAPTURE
            return (f"{function.partition('<')[0]}_{parts[0]}_Benchmark::BenchmarkCase", *plain)
        return plain

    def comparable(self, stream: str, data: bytes) -> bytes:
        if stream != "stdout":
            return data
        reports, around = json_reports(data)
        results = [
            json.dumps({"name": text(row, "name"), **row_results}, sort_keys=True)
            for report in reports
            for row in objects(report, "benchmarks")
            if (row_results := {key: value for key, value in row.items() if key not in _NO_RESULT})
        ]
        return around + "\n".join(results).encode()

    def _wanted(self, names: list[str]) -> frozenset[str]:
        """Those that count or guard; all where nothing is said."""
        bench = self.settings.bench
        if not bench.filter:
            return frozenset(names)
        guards = select("[bench] guard", bench.guard, names) if bench.guard else frozenset()
        return (select("[bench] filter", bench.filter, names) | guards) or frozenset(names)

    def _command_line(self) -> str:
        """The benchmark once for each iteration count, with the benchmarks that have it."""
        command = self.command
        if not self._counts:
            return f"export BENCHMARK_FORMAT=json\n{command}"
        runs = []
        for count in sorted(set(self._counts.values())):
            names = "|".join(_SPECIAL.sub(r"\\\g<0>", name) for name in self._names_with(count))
            variables = (
                f"BENCHMARK_FORMAT=json BENCHMARK_MIN_TIME={count}x BENCHMARK_FILTER={shlex.quote(f'^({names})$')}"
            )
            runs.append(f"( export {variables}\n{command}\n)")
        return " && ".join(runs)

    def _names_with(self, count: int) -> list[str]:
        return [name for name, own in self._counts.items() if own == count]


def _rows(result: RunResult) -> list[JsonObject]:
    """The benchmarks of a report, without the means and medians that repetitions add."""
    reports, _ = json_reports(result.stdout)
    rows = [row for report in reports for row in objects(report, "benchmarks")]
    rows = [row for row in rows if text(row, "run_type") != "aggregate"]
    for row in rows:
        if row.get("error_occurred"):
            raise ValueError(f"{text(row, 'name')} failed: {text(row, 'error_message')}")
    if not rows:
        raise ValueError("the report names no benchmarks")
    return rows


def _seconds(row: JsonObject, key: str) -> float:
    return number(row, key) * _UNITS.get(text(row, "time_unit"), 1e-9)


def _parts(name: str) -> list[str]:
    """What slashes outside of template arguments separate."""
    parts, depth = [""], 0
    for char in name:
        depth += (char == "<") - (char == ">")
        if char == "/" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _by_wall(name: str) -> bool:
    return any(mark in name for mark in _BY_WALL)


def _count(seconds: float) -> int:
    """Iterations that take long enough, as a power of two, so that few counts serve many benchmarks."""
    count = 1
    while count < _MOST and count * seconds < _ENOUGH_S:
        count *= 2
    return count


def _is_fixed(row: JsonObject, counts: dict[str, int]) -> bool:
    name = text(row, "name")
    return "/iterations:" in name or number(row, "iterations") == counts.get(name)
