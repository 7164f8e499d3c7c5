"""Google Benchmark and perf as they are: a rewrite is judged on the benchmarks that reach it, and the run says so."""

import json
import shutil
import subprocess

import pytest

from tests.support.git_repos import make_repository, write_files
from tests.support.perf import require_perf
from tests.support.projects import Project, pesquared

WORK_CC = """\
unsigned shuffle(unsigned seed)
{
    for (int i = 0; i < 4000; i++)
        seed = seed * 1103515245u + 12345u;
    return seed;
}
unsigned fold(unsigned seed)
{
    for (int i = 0; i < 4000; i++)
        seed ^= seed << 7 ^ seed >> 9;
    return seed;
}
"""
FASTER = """\
unsigned shuffle(unsigned seed)
{
    for (int i = 0; i < 1000; i++)
        seed = seed * 3993403153u + 3596950572u;
    return seed;
}
"""
BENCH_CC = """\
#include <benchmark/benchmark.h>
unsigned shuffle(unsigned seed);
unsigned fold(unsigned seed);
static void BM_shuffle(benchmark::State &state)
{
    unsigned seed = state.range(0);
    for (auto _ : state)
        benchmark::DoNotOptimize(seed = shuffle(seed));
    state.counters["result"] = shuffle(1) % 1000;
}
BENCHMARK(BM_shuffle)->Arg(1)->Arg(2)->Iterations(2000);
template <typename Number> static void BM_fold(benchmark::State &state)
{
    Number seed = 1;
    for (auto _ : state)
        benchmark::DoNotOptimize(seed = fold(seed));
}
BENCHMARK_TEMPLATE(BM_fold, int)->Iterations(2000);
BENCHMARK_TEMPLATE(BM_fold, unsigned)->Iterations(2000);
static void BM_named(benchmark::State &state)
{
    unsigned seed = 1;
    for (auto _ : state)
        benchmark::DoNotOptimize(seed = fold(seed));
}
BENCHMARK(BM_named)->Name("anonymous")->Iterations(2000);
BENCHMARK_MAIN();
"""
MAKEFILE = "bench/bench: bench/bench.cc work.cc\n\tc++ -O1 -g -o $@ bench/bench.cc work.cc -lbenchmark -lpthread\n"
TOML = "[check]\nsanitizers = false\n[accept]\nmax_pairs = 40\nclaim_pairs = 8\n"


@pytest.fixture
def project(tmp_path):
    require_perf(tmp_path)
    probe = tmp_path / "probe.cc"
    probe.write_text("#include <benchmark/benchmark.h>\nBENCHMARK_MAIN();\n")
    command = ("c++", "-o", tmp_path / "probe", probe, "-lbenchmark", "-lpthread")
    if shutil.which("c++") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("Google Benchmark is not installed")
    files = {
        "work.cc": WORK_CC,
        "bench/bench.cc": BENCH_CC,
        "Makefile": MAKEFILE,
        "pesquared.toml": TOML,
        ".gitignore": "bench/bench\n",
    }
    root, scratch = make_repository(tmp_path / "code", files), tmp_path / "scratch"
    stacks = "bench;main;shuffle 90\n"
    write_files(
        tmp_path, {"stacks/recorded.folded": stacks, "scratch/reply.md": f"Less.\n\n```cpp\n{FASTER}```\n"}
    )
    return Project(root, tmp_path / "stacks", scratch)


def test_a_rewrite_is_judged_on_the_benchmarks_that_reach_it(project):
    out = project.scratch / "result.json"
    done = pesquared(
        project,
        *("--provider", "command", "--model", f"cat {project.scratch}/reply.md", "--json", str(out)),
        *("--bench", "./bench/bench", "--verifier", "google-benchmark"),
        *("--correction-attempts", "0", "--unsafe-no-sandbox"),
    )
    assert out.exists(), done.stderr
    document = json.loads(out.read_text())
    (attempt,) = document["attempts"]
    assert attempt["verdict"] == "accepted", done.stdout + done.stderr
    counting = [
        "BM_shuffle/1/iterations:2000",
        "BM_shuffle/2/iterations:2000",
        "anonymous/iterations:2000",  # no function is called so
    ]
    assert attempt["benchmarks"] == counting, done.stderr
    assert document["total_benchmarks"] == counting
    assert "3 of 5 benchmarks count, the others do not reach shuffle: BM_shuffle/1" in done.stderr
    assert len(attempt["parts"]) == 5
    # Two of the three that count take a quarter of their time: 60 % in all, but 43 % among five.
    assert attempt["gain"]["median"] > 0.5
    assert attempt["ceiling"] is None
