"""The main job on a small C project with a program that answers for a model: every kind of reply gets its word."""

import json
import shutil

import pytest

from tests.support.git_repos import fingerprint, git
from tests.support.projects import BROKEN, GOOD, SLOW, UNCHANGED, WRONG, make_project, pesquared


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def judged(project, optimize, repair="", *arguments):
    """One run with the reply; returns the process, the JSON document and the one attempt at ``equal_pairs``."""
    out = project.scratch / "result.json"
    done = pesquared(
        project,
        *("--provider", "command", "--model", project.answers(optimize, repair)),
        *("--bench", "./bench/bench", "--test", "make test", "--json", str(out), "--function", "equal_pairs"),
        *("--unsafe-no-sandbox", *arguments),
    )
    assert out.exists(), done.stderr
    document = json.loads(out.read_text())
    (attempt,) = document["attempts"]
    return done, document, attempt


def test_a_good_rewrite_is_accepted_with_its_evidence_on_a_branch(project):
    before = fingerprint(project.root)
    done, document, attempt = judged(project, GOOD)
    assert (attempt["verdict"], done.returncode) == ("accepted", 0)
    assert attempt["gain"]["low"] < attempt["gain"]["median"] < attempt["gain"]["high"]
    assert attempt["gain"]["median"] > 0.5
    assert document["schema"] == 1
    assert document["total"]["median"] > 0.5
    assert document["noise"]["pairs"] >= 8
    assert {finding["topic"] for finding in attempt["findings"]} == {"warnings", "symbols", "size"}
    assert not [finding for finding in attempt["findings"] if finding["topic"] != "size" and finding["concern"]]
    assert fingerprint(project.root) == before

    assert git(project.root, "rev-parse", document["best"]) == attempt["commit"]
    assert "counts[256]" in git(project.root, "show", f"{attempt['branch']}:src/pairs.c")
    message = git(project.root, "log", "-1", "--format=%B", attempt["branch"])
    assert "PESquared-Verdict: accepted" in message
    assert "PESquared-Gain: " in message
    assert "Signed-off-by" not in message
    note = json.loads(git(project.root, "notes", "--ref=pesquared", "show", attempt["commit"]))
    assert note["gain"] == attempt["gain"]
    assert git(project.root, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("code", "word"), [(SLOW, "slower"), (UNCHANGED, "unchanged"), (WRONG, "wrong"), (BROKEN, "build-failed")]
)
def test_every_other_rewrite_gets_its_word_and_nothing_moves(project, code, word):
    before = fingerprint(project.root)
    done, document, attempt = judged(project, code)
    assert (attempt["verdict"], done.returncode) == (word, 3), attempt
    assert document["best"] == document["base"] == git(project.root, "rev-parse", "HEAD")
    assert document["total"] is None
    assert fingerprint(project.root) == before


def test_a_compile_error_goes_back_and_the_repaired_rewrite_is_judged(project):
    done, _, attempt = judged(project, BROKEN, GOOD)
    assert (attempt["verdict"], attempt["repairs"], done.returncode) == ("accepted", 1, 0)
    assert project.seen == ["equal_pairs optimize 1", "equal_pairs repair 1"]
    prompt = (project.scratch / "prompt-repair-equal_pairs").read_text()
    assert "no_such_thing" in prompt
    assert "for (size_t j = i + 1; j < n; j++)" in prompt


def test_the_chain_is_asked_from_the_root_down(project):
    done = pesquared(
        project,
        *("--provider", "command", "--model", project.answers(UNCHANGED), "--bench", "./bench/bench"),
        *("--correction-attempts", "0", "--unsafe-no-sandbox"),
    )
    assert done.returncode == 3, done.stderr
    assert [line.split()[0] for line in project.seen] == ["survey", "equal_pairs"]


def test_without_a_model_the_rules_are_asked_and_the_run_says_so(project):
    done = pesquared(project, "--bench", "./bench/bench")
    assert done.returncode == 3, done.stderr
    assert "no model configured; rules matched 0 of 2 functions" in done.stdout
    assert "--provider command" in done.stdout


def test_a_dry_run_shows_the_plan_and_leaves_nothing(project):
    before = fingerprint(project.root)
    done = pesquared(project, "--bench", "./bench/bench", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "src/pairs.c:4" in done.stdout
    assert fingerprint(project.root) == before
    assert not any((project.scratch / "state" / "runs").iterdir())


def test_uncommitted_work_is_part_of_the_baseline(project):
    source = project.root / "src" / "pairs.c"
    source.write_text(source.read_text().replace("+ n;", "+ n + 1;"))
    (project.root / "notes.txt").write_text("not tracked\n")
    before = fingerprint(project.root)
    _, document, attempt = judged(project, GOOD)
    assert attempt["verdict"] == "accepted"
    assert git(project.root, "rev-parse", f"{document['base']}^") == git(project.root, "rev-parse", "HEAD")
    assert "+ n + 1;" in git(project.root, "show", f"{attempt['branch']}:src/pairs.c")
    assert fingerprint(project.root) == before


def test_a_recorded_run_is_replayed(project):
    _, document, attempt = judged(project, BROKEN, GOOD)
    assert (attempt["verdict"], attempt["repairs"]) == ("accepted", 1)
    assert document["spending"] == {"calls": 2, "spent_usd": 0.0, "unknown_usd": 0.0, "limit_usd": 1.0}
    out = project.scratch / "replayed.json"
    common = (
        "--bench",
        "./bench/bench",
        "--test",
        "make test",
        "--function",
        "equal_pairs",
        "--unsafe-no-sandbox",
    )
    done = pesquared(project, "--provider", "replay", "--model", document["run"], "--json", str(out), *common)
    prompts = "".join(path.read_text() for path in project.scratch.rglob(f"{document['run']}/replies/*/*.json"))
    assert "compiler's remarks" in prompts or not (shutil.which("clang") or shutil.which("gcc"))
    (replayed,) = json.loads(out.read_text())["attempts"]
    assert (replayed["verdict"], replayed["repairs"], replayed["provider"]) == ("accepted", 1, "replay"), (
        done.stderr
    )
