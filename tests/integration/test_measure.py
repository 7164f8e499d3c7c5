"""``pesquared measure`` on a small C project, as users run it: exit codes, what is printed, and nothing left behind."""

import json
import os
import subprocess
import sys

import pytest

from pesquared.core.verdict import Gain, Verdict, Word
from pesquared.vcs.message import compose
from tests.support.git_repos import commit_all, fingerprint, git
from tests.support.projects import BROKEN, GOOD, PAIRS_C, PROJECT_ROOT, SIGNATURE, make_project, pesquared

BENCH = ("--bench", "./bench/bench")
TAIL = PAIRS_C[PAIRS_C.index("unsigned long survey") :]


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def rewrite(project, function: str) -> None:
    (project.root / "src" / "pairs.c").write_text(f'#include "pairs.h"\n\n{function}\n{TAIL}')


def measured(project, code, *arguments, codebase=None):
    """Runs it; it must end with ``code`` and change nothing. Returns standard output and standard error."""
    before, refs = fingerprint(project.root), git(project.root, "for-each-ref")
    done = pesquared(project, command=("measure", codebase or project.root, *arguments))
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert (fingerprint(project.root), git(project.root, "for-each-ref")) == (before, refs)
    runs = project.scratch / "state" / "runs"
    assert not runs.exists() or not any(runs.iterdir())
    return done.stdout, done.stderr


def test_uncommitted_work_against_the_last_commit(project):
    rewrite(project, GOOD)
    out = project.scratch / "result.json"
    stdout, stderr = measured(project, 0, "HEAD", *BENCH, "--test", "make test", "--json", out)
    assert stdout.startswith("faster: ")
    for fact in (
        "gain",
        "pairs",
        "α = 0.001",
        "noise",
        "build, quick-tests, output",
        "the working tree",
        "sandbox",
    ):
        assert fact in stdout
    assert "pair 16 of at most" in stderr
    document = json.loads(out.read_text())
    assert document["verdict"] == "accepted"
    assert document["base"] == {"revision": "HEAD", "commit": git(project.root, "rev-parse", "HEAD")}
    assert document["candidate"]["revision"] == ""
    assert document["gain"]["median"] > 0.5
    assert document["gain"]["alpha"] == document["alpha"] == 0.001
    assert document["claim"] is None


def test_an_attempts_claim_is_held_against_what_is_measured_here(project):
    rewrite(project, GOOD)
    verdict = Verdict(Word.ACCEPTED, "faster", "", (), Gain(0.9, -50.0, 0.999, 20, "wall", 0.001))
    said = compose(run="r", function="f", file="a.c", rationale="", provider="rules", model="", verdict=verdict)
    commit = commit_all(project.root, said)
    options = (*BENCH, "--metric", "wall", "--json", "-", "--sensitive", "--max-pairs", "60")
    stdout, stderr = measured(project, 0, "HEAD~1", commit[:10], *options)
    claim = json.loads(stdout)["claim"]
    assert claim["over"] == git(project.root, "rev-parse", "HEAD~1")
    assert claim["agrees"] is True
    assert "agrees with it" in stderr


def test_a_revision_against_itself_is_not_even_built(project):
    git(project.root, "commit", "-q", "--allow-empty", "-m", "the same files")
    stdout, stderr = measured(project, 3, "main~1", "main", *BENCH, "--build", "false")
    assert stdout.startswith("unchanged: ")
    assert "building" not in stderr


def test_a_candidate_that_does_not_build(project):
    rewrite(project, BROKEN)
    stdout, _ = measured(project, 3, "HEAD", *BENCH)
    assert stdout.startswith("build-failed: ")
    assert "no_such_thing" in stdout


def test_a_base_that_does_not_build(project):
    rewrite(project, BROKEN)
    commit_all(project.root)
    rewrite(project, GOOD)
    stdout, stderr = measured(project, 4, "HEAD", *BENCH)
    assert stdout == ""
    assert "no_such_thing" in stderr


def test_nothing_to_be_right_by_is_said_and_it_goes_on(project):
    silent = project.root / "bench" / "bench.c"
    silent.write_text(
        silent.read_text()
        .replace('printf("%lu\\n", ', "volatile unsigned long it = (")
        .replace("#include <stdio.h>\n", "")
    )
    commit_all(project.root)
    rewrite(project, f"{SIGNATURE}\n{{\n    return n && data[0];\n}}\n")
    stdout, _ = measured(project, 0, "HEAD", *BENCH)
    assert "note: nothing is checked" in stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("mian",), "did you mean main?"),
        (("HEAD", "--", "--output=x"), "no revision '--output=x'"),
        (("HEAD", "HEAD:Makefile"), "is no commit"),
        (("HEAD", "--alpha", "2"), "alpha"),
        (("HEAD", "--max-pairs", "1"), "max_pairs"),
        (("HEAD", "--metric", "fast"), "metric"),
        ((), "BASE"),
    ],
)
def test_what_cannot_be_used(project, arguments, expected):
    options, _, words = arguments, None, ()
    if "--" in arguments:
        cut = arguments.index("--")
        options, words = arguments[:cut], arguments[cut:]
    stdout, stderr = measured(project, 2, *options, *BENCH, *words)
    assert stdout == ""
    assert expected in stderr


def test_a_base_without_the_code_base(project):
    (project.root / "new").mkdir()
    (project.root / "new" / "Makefile").write_text("all:\n")
    stdout, stderr = measured(project, 2, "HEAD", *BENCH, codebase=project.root / "new")
    assert "has no folder new" in stderr
    assert stdout == ""


def test_a_benchmark_is_needed(project):
    assert "./bench/bench" in measured(project, 2, "HEAD")[1]


def test_two_at_once_on_one_host_both_come_to_an_end(project):
    rewrite(project, GOOD)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(project.scratch),
        "PESQUARED_STATE_DIR": str(project.scratch / "state"),
        "PESQUARED_ACCEPT_CLAIM_PAIRS": "8",
    }
    command = [sys.executable, PROJECT_ROOT / "main.py", "measure", project.root, "HEAD", *BENCH, "--json", "-"]
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    documents = [json.loads(one.communicate()[0]) for one in both]
    assert [document["verdict"] for document in documents] == ["accepted", "accepted"]
