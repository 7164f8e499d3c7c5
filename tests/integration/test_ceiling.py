"""The benchmark's own profile, recorded by the real perf, in whole runs: a cheat is found out, the unreached is left."""

import json

import pytest

from tests.support.git_repos import make_repository, write_files
from tests.support.perf import require_perf
from tests.support.projects import Project, pesquared

WORK_C = """\
int effort = 9;
static unsigned burn(unsigned seed, int rounds)
{
    for (long i = 0; i < rounds * 100L; i++)
        seed = seed * 1103515245u + 12345u;
    return seed;
}
unsigned sink;
__attribute__((noinline)) void light(unsigned seed)
{
    sink += burn(seed, 1);
}
__attribute__((noinline)) void heavy(unsigned seed)
{
    sink += burn(seed, effort);
}
__attribute__((noinline)) void unused(unsigned seed)
{
    sink += seed;
}
"""
BENCH_C = """\
#include <stdio.h>
void light(unsigned seed);
void heavy(unsigned seed);
void unused(unsigned seed);
int main(int argc, char **argv)
{
    for (unsigned i = 0; i < 25000; i++) {
        light(i);
        heavy(i);
    }
    if (argc > 3)
        unused(argc);
    printf("done\\n");
    return 0;
}
"""
MAKEFILE = "bench/bench: bench/bench.c work.c\n\tcc -O1 -g -o $@ bench/bench.c work.c\n"
TOML = "[check]\nsanitizers = false\n"
# All that light does, and a word to heavy: what it computes is not printed.
CHEAT = """\
extern int effort;
void light(unsigned seed)
{
    effort = 2;
    sink += burn(seed, 1);
}
"""


@pytest.fixture
def project(tmp_path):
    require_perf(tmp_path)
    files = {
        "work.c": WORK_C,
        "bench/bench.c": BENCH_C,
        "Makefile": MAKEFILE,
        "pesquared.toml": TOML,
        ".gitignore": "bench/bench\n",
    }
    root, scratch = make_repository(tmp_path / "code", files), tmp_path / "scratch"
    stacks = "bench;main;unused 50\nbench;main;light 40\n"
    write_files(tmp_path, {"stacks/recorded.folded": stacks, "scratch/reply.md": f"Less.\n\n```c\n{CHEAT}```\n"})
    return Project(root, tmp_path / "stacks", scratch)


def test_a_cheat_is_quarantined_and_what_is_never_run_is_not_asked_about(project):
    out = project.scratch / "result.json"
    asked = project.scratch / "asked"
    done = pesquared(
        project,
        *(
            "--provider",
            "command",
            "--model",
            f"sh -c 'echo $PESQ_TARGET >>{asked}; cat {project.scratch}/reply.md'",
        ),
        *("--bench", "./bench/bench", "--json", str(out), "--correction-attempts", "0", "--unsafe-no-sandbox"),
    )
    assert out.exists(), done.stderr
    document = json.loads(out.read_text())
    (attempt,) = document["attempts"]
    assert (attempt["verdict"], attempt["reason_code"]) == ("quarantined", "above-ceiling"), done.stdout
    assert 0.05 < attempt["ceiling"] < 0.4
    assert attempt["gain"]["low"] > attempt["ceiling"] + 0.05
    assert done.returncode == 3
    assert document["best"] == document["base"]
    assert "was set aside" in done.stdout
    assert "light: " in done.stderr
    assert "can be saved" in done.stderr
    assert "unused" not in asked.read_text()
    assert any(one["function"] == "unused" and "never spends time" in one["reason"] for one in document["skipped"])
