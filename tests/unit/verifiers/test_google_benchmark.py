"""Iteration counts are chosen once and given to both sides, where the library takes them."""

from pathlib import Path

import pytest

from pesquared.core.verdict import Evidence
from pesquared.sandbox.none import Unconfined
from pesquared.verifiers.google_benchmark import GoogleBenchmarkVerifier
from pesquared.verify import Workspace
from tests.support.own_figures import a_run, bench_settings

# Speaks like the library: "a" takes 10 ms, "b<1>/8" 1 us, "c" fixes its count itself, "d" is as "a".
LIBRARY = """\
#!/bin/sh
echo "$BENCHMARK_FILTER" "$BENCHMARK_MIN_TIME" >> log
row() {
    echo "$1" | grep -qE "${BENCHMARK_FILTER:-.}" || return
    count=${BENCHMARK_MIN_TIME%x}
    [ KNOWS = yes ] && [ -n "$count" ] || count=77
    [ "$1" = c/iterations:5 ] && count=5
    echo "$comma{\\"name\\": \\"$1\\", \\"iterations\\": $count, \\"time_unit\\": \\"us\\", \\"real_time\\": $2, \\"cpu_time\\": $2}"
    comma=,
}
[ "$BENCHMARK_FORMAT" = json ] || exit 3
echo '{"benchmarks": ['; row a 10000; row 'b<1>/8' 1; row c/iterations:5 1; row d 10000; echo ']}'
"""


def bench(folder: Path, knows: str, **settings: object) -> tuple[GoogleBenchmarkVerifier, Workspace]:
    (folder / "bench").write_text(LIBRARY.replace("KNOWS", knows))
    (folder / "bench").chmod(0o755)
    place = Workspace(folder, folder, Unconfined(accounting="wall"), 60.0, writable=True)
    verifier = GoogleBenchmarkVerifier(bench_settings(**settings))
    assert verifier.calibrate(place) is None
    (folder / "log").unlink()
    return verifier, place


def test_counts_are_fixed_for_both_sides(tmp_path: Path) -> None:
    verifier, place = bench(tmp_path, "yes")
    assert (verifier.metric_name, verifier.evidence) == ("google-benchmark", Evidence.RUNS)
    result = verifier.bench(place)
    assert verifier.metric(result) == {"a": 0.01, "d": 0.01, "b<1>/8": 1e-6, "c/iterations:5": 1e-6}
    assert (tmp_path / "log").read_text() == "^(a|d)$ 8x\n^(b<1>/8|c/iterations:5)$ 65536x\n"


def test_only_what_counts_or_guards_is_run(tmp_path: Path) -> None:
    verifier, place = bench(tmp_path, "yes", filter="^a", guard="^d")
    assert verifier.metric(verifier.bench(place)).keys() == {"a", "d"}


def test_a_library_that_decides_itself_gives_a_summary(tmp_path: Path) -> None:
    verifier, place = bench(tmp_path, "no")
    assert (verifier.metric_name, verifier.evidence) == ("google-benchmark/iteration", Evidence.SUMMARY)
    assert len(verifier.metric(verifier.bench(place))) == 4
    assert (tmp_path / "log").read_text().strip() == ""


def test_unless_all_that_counts_has_a_fixed_number(tmp_path: Path) -> None:
    verifier, _ = bench(tmp_path, "no", filter="^c/")
    assert verifier.evidence is Evidence.RUNS


def test_a_command_that_fails_is_given_back(tmp_path: Path) -> None:
    place = Workspace(tmp_path, tmp_path, Unconfined(accounting="wall"), 60.0)
    failed = GoogleBenchmarkVerifier(bench_settings()).calibrate(place)
    assert failed is not None
    assert failed.exit_code == 127


def test_names_are_matched_as_they_stand(tmp_path: Path) -> None:
    verifier = GoogleBenchmarkVerifier(bench_settings())
    rows = ", ".join(f'{{"name": "{name}", "iterations": 1, "real_time": 1}}' for name in ("a.b", "$(touch x)'"))

    class Says(Unconfined):
        commands: list[str] = []

        def run(self, command):
            self.commands.append(command.argv[-1])
            return (
                a_run(f'{{"benchmarks": [{rows}]}}'.encode()) if len(self.commands) < 2 else super().run(command)
            )

    verifier.calibrate(Workspace(tmp_path, tmp_path, Says(accounting="wall"), 60.0))
    assert "a\\.b" in Says.commands[1]
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("name", "functions"),
    [
        ("BM_sort", ("BM_sort",)),
        ("BM_sort/8/1024", ("BM_sort",)),
        ("BM_sort/n:8/iterations:5/repeats:2/threads:4", ("BM_sort",)),
        ("BM_sort/process_time", ("BM_sort",)),
        ("BM_sort<int>/8", ("BM_sort<int>", "BM_sort")),
        ("BM_sort<A<1, 2>/**/>/8", ("BM_sort<A<1, 2>/**/>", "BM_sort")),
        ("Fix/go/8", ("Fix_go_Benchmark::BenchmarkCase", "Fix")),
        ("Fix<int>/go", ("Fix_go_Benchmark::BenchmarkCase", "Fix<int>", "Fix")),
        ("BM_sort/8/real_time", ()),
        ("BM_sort/manual_time", ()),
    ],
)
def test_a_benchmark_runs_in_the_function_that_it_is_named_after(name, functions) -> None:
    assert GoogleBenchmarkVerifier(bench_settings()).frames_of(name) == functions
