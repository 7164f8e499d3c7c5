"""``pesquared clean``: shows first, asks, and touches no other repository's runs."""

import fcntl
import os
import shutil

import pytest

from pesquared.cli.run_folder import remember_repository, run_folder
from pesquared.vcs.repository import GitRepository
from tests.support.git_repos import ENVIRON, git, make_repository
from tests.support.projects import Project, pesquared

RUN = "20260102-030405-beef"


@pytest.fixture
def project(tmp_path):
    root, scratch = make_repository(tmp_path / "code", {"sub/a": "a"}), tmp_path / "scratch"
    folder = scratch / "state" / "runs" / RUN
    (folder / "slots" / "tree").mkdir(parents=True)
    (folder / "journal.db").write_text("journal")
    remember_repository(folder, root / ".git")
    with GitRepository.open(root, environ=ENVIRON) as opened:
        base = opened.snapshot().commit
        accepted, other = (opened.commit_edits(base, (), f"{text}\n") for text in ("accepted", "not accepted"))
        for name, commit in (("01-f", accepted), ("02-f", other), ("best", accepted)):
            opened.set_branch(f"pesq/{RUN}/{name}", commit)
    return Project(root, root, scratch)


def clean(project, *arguments):
    return pesquared(project, command=("clean", "--codebase", project.root / "sub", *arguments))


def branches(project):
    return git(project.root, "for-each-ref", "--format=%(refname:short)", "refs/heads/pesq").split()


def test_it_shows_and_removes_nothing_unasked(project):
    done = clean(project)
    assert done.returncode == 0, done.stderr
    assert f"remove  pesq/{RUN}/02-f" in done.stdout
    assert f"keep    pesq/{RUN}/01-f: accepted" in done.stdout
    assert "slots" in done.stdout
    assert "--yes" in done.stderr
    assert len(branches(project)) == 3
    assert (project.scratch / "state" / "runs" / RUN / "slots" / "tree").is_dir()


def test_with_yes_it_removes_what_it_showed(project):
    done = clean(project, RUN, "--yes")
    assert done.returncode == 0, done.stderr
    assert branches(project) == [f"pesq/{RUN}/01-f", f"pesq/{RUN}/best"]
    folder = project.scratch / "state" / "runs" / RUN
    assert sorted(path.name for path in folder.iterdir()) == ["journal.db", "repository"]
    assert "nothing to remove" in clean(project, "--yes").stdout
    clean(project, "--journal", "--yes")
    assert not folder.exists()


def test_a_run_that_goes_on_is_left_alone(project):
    descriptor = os.open(project.scratch / "state" / "runs" / RUN, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        done = clean(project, RUN, "--yes")
        assert done.returncode == 2
        assert "going on" in done.stderr
        done = clean(project, "--yes")
        assert done.returncode == 0
        assert "left alone" in done.stderr
    finally:
        os.close(descriptor)
    assert len(branches(project)) == 3


@pytest.mark.parametrize(
    ("run", "says"),
    [("20260102-030405-beet", "did you mean 20260102-030405-beef"), ("..", "no run"), ("/", "no run")],
)
def test_an_unknown_run_is_refused(project, run, says):
    done = clean(project, run, "--yes")
    assert done.returncode == 2
    assert says in done.stderr
    assert len(branches(project)) == 3


def test_a_run_of_another_repository_is_refused_and_not_seen(project, tmp_path):
    other = make_repository(tmp_path / "other", {"b": "b"})
    done = pesquared(project, command=("clean", RUN, "--yes", "--codebase", other))
    assert done.returncode == 2
    assert "another repository" in done.stderr
    assert str(project.root) in done.stderr
    done = pesquared(project, command=("clean", "--yes", "--codebase", other))
    assert (done.returncode, done.stdout) == (0, "nothing to remove\n")


def test_a_folder_without_a_repository_says_so(project, tmp_path):
    done = pesquared(project, command=("clean", "--codebase", tmp_path))
    assert done.returncode == 2
    assert "git repository" in done.stderr


def test_a_copy_of_the_repository_does_not_speak_for_the_original(project, tmp_path):
    shutil.copytree(project.root, tmp_path / "copy", symlinks=True)
    folder = project.scratch / "state" / "runs" / RUN
    done = pesquared(project, command=("clean", "--journal", "--yes", "--codebase", tmp_path / "copy"))
    assert done.returncode == 0, done.stderr
    assert (folder / "journal.db").exists()
    assert (folder / "slots" / "tree").is_dir()
    assert len(branches(project)) == 3
    assert "journal.db" not in done.stdout


def test_what_an_early_kill_left_goes(project):
    clean(project, "--journal", "--yes")
    early = "20260102-030406-cafe"
    folder = project.scratch / "state" / "runs" / early
    (folder / "objects").mkdir(parents=True)
    remember_repository(folder, project.root / ".git")
    git(project.root, "update-ref", f"refs/pesquared/base/{early}", "HEAD")
    assert f"remove  refs/pesquared/base/{early}" in clean(project).stdout
    done = clean(project, "--yes")
    assert done.returncode == 0, done.stderr
    assert not folder.exists()
    assert early not in git(project.root, "for-each-ref")
    git(project.root, "update-ref", f"refs/pesquared/base/{early}", "HEAD")
    clean(project, early, "--yes")
    assert early not in git(project.root, "for-each-ref")


@pytest.mark.parametrize("command", [("--dry-run",), ()])
def test_a_state_folder_in_the_repository_is_refused_before_it_is_made(project, command):
    stacks = project.scratch / "s.folded"
    stacks.write_text("main;f 1\n")
    done = pesquared(
        project,
        command=(project.root, stacks, "--bench", "true", *command),
        environ={"PESQUARED_STATE_DIR": str(project.root / "made" / "state")},
    )
    assert done.returncode == 2
    assert "inside the repository" in done.stderr
    assert not (project.root / "made").exists()


def test_a_run_that_goes_on_with_another_state_folder_is_left_alone(project, tmp_path):
    run = "20260102-030407-face"
    git(project.root, "update-ref", f"refs/pesquared/base/{run}", "HEAD")
    with run_folder(tmp_path / "elsewhere", run, project.root / ".git"):
        done = clean(project, run, "--yes")
        assert done.returncode == 2
        assert "going on" in done.stderr
        assert run in git(project.root, "for-each-ref")
    assert clean(project, run, "--yes").returncode == 0
    assert run not in git(project.root, "for-each-ref")
