"""``pesquared measure`` on a small C project, as users run it: exit codes, what is printed, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys

import pytest

from pesquared.core.events import Observers
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Gain, Verdict, Word
from pesquared.sandbox import open_host_lock
from pesquared.vcs.message import compose
from tests.support.git_repos import commit_all, fingerprint, git
from tests.support.projects import BROKEN, GOOD, PAIRS_C, PROJECT_ROOT, make_project

BENCH = ("--bench", "./bench/bench")
TAIL = PAIRS_C[PAIRS_C.index("unsigned long survey") :]


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def rewrite(project, function: str) -> None:
    (project.root / "src" / "pairs.c").write_text(f'#include "pairs.h"\n\n{function}\n{TAIL}')


def started(project, *arguments):
    """The command, begun. Few pairs for the figure: none of these gains is in doubt."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(project.scratch),
        "PESQUARED_STATE_DIR": str(project.scratch / "state"),
        "PESQUARED_LOCK_DIR": str(project.scratch),
        "PESQUARED_ACCEPT_CLAIM_PAIRS": "8",
    }
    command = [sys.executable, PROJECT_ROOT / "main.py", "measure", *arguments]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=project.scratch
    )


def state(project):
    return fingerprint(project.root), git(project.root, "for-each-ref")


def measured(project, code, *arguments, codebase=None):
    """Runs it; it must end with ``code`` and change nothing. Returns standard output and standard error."""
    before = state(project)
    process = started(project, codebase or project.root, *arguments)
    stdout, stderr = process.communicate()
    assert process.returncode == code, (stdout, stderr)
    assert "Traceback" not in stderr
    assert state(project) == before
    runs = project.scratch / "state" / "runs"
    assert not runs.exists() or not any(runs.iterdir())
    return stdout, stderr


def test_uncommitted_work_against_the_last_commit_twice_at_once(project):
    rewrite(project, GOOD)
    before = state(project)
    asked = (project.root, "HEAD", *BENCH, "--test", "make test")
    both = started(project, *asked), started(project, *asked, "--json", "-")
    (text, said), (document, _) = (one.communicate() for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert state(project) == before

    assert text.startswith("faster: ")
    for fact in (
        "gain",
        "pairs",
        "α = 0.001",
        "noise",
        "build, quick-tests, output",
        "the working tree",
        "sandbox",
    ):
        assert fact in text
    assert "pair 16 of at most" in said
    found = json.loads(document)
    assert found["verdict"] == "accepted"
    assert found["base"] == {"revision": "HEAD", "commit": git(project.root, "rev-parse", "HEAD")}
    assert found["candidate"]["revision"] == ""
    assert found["gain"]["median"] > 0.5
    assert found["gain"]["alpha"] == found["alpha"] == 0.001
    assert found["claim"] is None


def test_an_attempts_claim_is_held_against_what_is_measured_even_where_nothing_can_be_checked(project):
    bench = project.root / "bench" / "bench.c"
    silent = bench.read_text().replace('printf("%lu\\n", ', "volatile unsigned long it = (")
    bench.write_text(silent)
    commit_all(project.root)
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
    assert "note: nothing is checked" in stderr


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


def test_it_can_be_interrupted_and_says_so(project):
    rewrite(project, GOOD)
    before = state(project)
    process = started(project, project.root, "HEAD", *BENCH)
    for line in process.stderr:
        if line.startswith("measuring the baseline"):
            process.send_signal(signal.SIGINT)
            break
    stdout, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert stdout.startswith("inconclusive: interrupted")
    assert state(project) == before


def test_who_waits_is_told_for_whom_and_can_leave(project):
    rewrite(project, GOOD)
    heard, document = Observers(), project.scratch / "result.json"
    with open_host_lock(heard, StopRequest(), project.scratch).measuring():
        process = started(project, project.root, "HEAD", *BENCH, "--json", document)
        for line in process.stderr:
            if "waiting for" in line:
                assert f"process {os.getpid()} of" in line or "another run on this host" in line
                process.send_signal(signal.SIGINT)
                break
        stdout, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert stdout.startswith("inconclusive: interrupted while waiting")
    assert json.loads(document.read_text())["interrupted"] is True


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("mian", *BENCH), "did you mean main?"),
        ((*BENCH, "--", "HEAD", "--output=x"), "no revision '--output=x'"),
        (("HEAD", "HEAD:Makefile", *BENCH), "is no commit"),
        (("HEAD", "--alpha", "2", *BENCH), "alpha"),
        (("HEAD", "--max-pairs", "1", *BENCH), "max_pairs"),
        (("HEAD", "--metric", "fast", *BENCH), "metric"),
        (BENCH, "BASE"),
    ],
)
def test_what_cannot_be_used(project, arguments, expected):
    stdout, stderr = measured(project, 2, *arguments)
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
