"""Opening a repository, committing edits, branches and notes."""

import fcntl
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pesquared.core.edits import StaleEdit
from pesquared.core.proposal import Edit
from pesquared.core.protocols import Repository
from pesquared.errors import UsageError
from pesquared.vcs.git import GitError
from pesquared.vcs.repository import GitRepository
from tests.support.git_repos import ENVIRON, commit_all, fingerprint, git, make_repository, write_files

ROOT = Path(__file__).parents[3]


def open_(codebase: Path, prefix: str = "pesq") -> GitRepository:
    return GitRepository.open(codebase, prefix, ENVIRON)


def edit(path: str, source: bytes, start: int, end: int, replacement: bytes) -> Edit:
    return Edit(path, start, end, hashlib.sha256(source[start:end]).hexdigest(), replacement)


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "my repo", {"src/a.c": "int a;\n", "top": "top\n", "run.sh": "echo\n"})


def test_it_is_a_repository_of_the_protocol(simple: Path) -> None:
    opened: Repository = open_(simple / "src")
    assert opened.prefix == "src"
    assert open_(simple).prefix == ""


@pytest.mark.parametrize(
    ("shape", "says", "fix"),
    [
        ("missing", "is not a folder", "folder"),
        ("file", "is not a folder", "folder"),
        ("plain", "not in a git repository", "git init"),
        ("empty", "no commits", "git commit"),
        ("bare", "no working tree", "clone"),
        ("inside .git", "no working tree", "clone"),
    ],
)
def test_what_cannot_be_opened_says_why_and_what_to_do(shape: str, says: str, fix: str, tmp_path: Path) -> None:
    codebase = tmp_path / "x"
    if shape == "file":
        codebase.write_text("")
    elif shape != "missing":
        codebase.mkdir()
    if shape in {"empty", "bare", "inside .git"}:
        git(codebase, "init", "--quiet", *(["--bare"] if shape == "bare" else []))
    codebase = codebase / ".git" if shape == "inside .git" else codebase
    environ = {**ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    with pytest.raises(UsageError, match=says) as caught:
        GitRepository.open(codebase, environ=environ)
    assert fix in caught.value.fix


def test_git_missing_or_old(simple: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git was not found"):
        GitRepository.open(simple, environ={"PATH": str(tmp_path)})
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.9\n")
    old.chmod(0o755)
    with pytest.raises(UsageError, match=r"2\.30\.9 is too old"):
        GitRepository.open(simple, environ={"PATH": f"{tmp_path}:{ENVIRON['PATH']}"})


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_another_user_is_refused_with_gits_remedy(simple: Path) -> None:
    os.chown(simple, 12345, 12345)
    os.chown(simple / ".git", 12345, 12345)
    with pytest.raises(UsageError, match="belongs to another user") as caught:
        open_(simple)
    assert caught.value.fix.startswith("git config --global --add safe.directory ")


def test_variables_of_a_surrounding_git_lead_nowhere(simple: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"b": "b"})
    program = (
        "import sys; from pathlib import Path; from pesquared.vcs.repository import GitRepository;"
        "print(GitRepository.open(Path(sys.argv[1])).snapshot().commit)"
    )
    environ = {
        **ENVIRON,
        "GIT_DIR": str(other / ".git"),
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_WORK_TREE": str(other),
    }
    done = subprocess.run(
        [sys.executable, "-c", program, str(simple)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == git(simple, "rev-parse", "HEAD")


def test_edits_below_the_code_base_become_a_commit(simple: Path) -> None:
    (simple / "src/a.c").chmod(0o755)
    parent = commit_all(simple)
    before, objects = fingerprint(simple), git(simple, "count-objects")
    opened = open_(simple / "src")
    edits = (edit("a.c", b"int a;\n", 0, 3, b"long"), edit("a.c", b"int a;\n", 7, 7, b"\xff\0\r\n"))
    commit = opened.commit_edits(parent, edits, "perf(a): faster\n\nPESquared-Verdict: pending\n")
    assert opened.read(commit, "a.c") == b"long a;\n\xff\0\r\n"
    assert fingerprint(simple) == before
    assert git(simple, "count-objects") == objects, "nothing is in the repository before a ref needs it"
    opened.set_branch("pesq/r/01-a", commit)
    assert git(simple, "rev-parse", f"{commit}^") == parent
    assert git(simple, "diff-tree", "-r", "--name-only", parent, commit) == "src/a.c"
    assert git(simple, "ls-tree", commit, "src/a.c").startswith("100755 ")
    assert git(simple, "log", "-1", "--format=%B", commit) == "perf(a): faster\n\nPESquared-Verdict: pending\n"
    assert fingerprint(simple) == before


@pytest.mark.parametrize(
    "name", ["a b", "q\"'", "new\nline", "*", ":(top)x", "-n", "tab\t", os.fsdecode(b"\xff\xfe")]
)
def test_any_file_name_can_be_edited(name: str, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {f"d/{name}": "old", "d/other": "other"})
    opened = open_(repository / "d")
    parent = opened.snapshot().commit
    commit = opened.commit_edits(parent, (edit(name, b"old", 0, 3, b"new"),), "m")
    assert opened.read(commit, name) == b"new"
    assert opened.read(commit, "other") == b"other"


@pytest.mark.parametrize(
    "path", ["../top", "/top", "a/../../top", ".", "", "a//b", "missing.c", "link", "folder", ".git/config"]
)
def test_edits_elsewhere_are_refused(path: str, simple: Path) -> None:
    (simple / "src/link").symlink_to("../top")
    write_files(simple, {"src/folder/x": "x"})
    parent = commit_all(simple)
    with pytest.raises(StaleEdit):
        open_(simple / "src").commit_edits(parent, (edit(path, b"", 0, 0, b"x"),), "m")


def test_stale_edits_are_refused(simple: Path) -> None:
    opened = open_(simple)
    with pytest.raises(StaleEdit):
        opened.commit_edits(opened.snapshot().commit, (edit("top", b"old\n", 0, 3, b"x"),), "m")


def test_rewording_keeps_all_but_the_message(simple: Path) -> None:
    opened = open_(simple)
    commit = opened.commit_edits(opened.snapshot().commit, (edit("top", b"top\n", 0, 3, b"x"),), "first")
    again = opened.reword(commit, "second — “ü”\n")
    opened.set_branch("pesq/r/01-top", commit)
    opened.set_branch("pesq/r/01-top", again)
    shown = "--format=%T %P %an %ae %ad %cn %ce %cd"
    assert git(simple, "log", "-1", shown, again) == git(simple, "log", "-1", shown, commit)
    assert git(simple, "log", "-1", "--format=%B", again) == "second — “ü”\n"
    assert opened.reword(again, "second — “ü”\n") == again
    git(simple, "fsck", "--strict")


def test_branches_move_only_below_the_prefix(simple: Path) -> None:
    opened = open_(simple)
    first = opened.snapshot().commit
    second = opened.reword(first, "second")
    opened.set_branch("pesq/r/best", first)
    opened.set_branch("pesq/r/best", second)
    assert git(simple, "rev-parse", "pesq/r/best") == second
    for name in ("main", "pesq", "pesquared/x", "pesq/../main", "pesq/a b", "pesq/x.lock", "pesq/"):
        with pytest.raises(UsageError):
            opened.set_branch(name, second)
        with pytest.raises(UsageError):
            opened.delete_branch(name)
    assert git(simple, "rev-parse", "main") == first
    opened.delete_branch("pesq/r/best")
    opened.delete_branch("pesq/r/best")
    assert git(simple, "for-each-ref", "refs/heads/pesq") == ""


@pytest.mark.parametrize("prefix", ["taken", "taken/below", "", "-x", "a b", "/", "x.lock", "a..b"])
def test_a_prefix_that_cannot_be_used_names_the_option(prefix: str, simple: Path) -> None:
    git(simple, "branch", "taken")
    with pytest.raises(UsageError) as caught:
        open_(simple, prefix)
    assert "--branch-prefix" in caught.value.fix


def test_a_branch_that_the_user_looks_at_is_not_moved(simple: Path) -> None:
    opened = open_(simple)
    first = opened.snapshot().commit
    opened.set_branch("pesq/r/best", first)
    git(simple, "switch", "--quiet", "pesq/r/best")
    opened.set_branch("pesq/r/best", first)
    assert opened.refs.left_alone == {}
    second = opened.reword(first, "second")
    opened.set_branch("pesq/r/best", second)
    opened.delete_branch("pesq/r/best")
    assert git(simple, "rev-parse", "HEAD") == first
    assert git(simple, "status", "--porcelain") == ""
    assert "checked out" in opened.refs.left_alone["pesq/r/best"]


def test_a_branch_that_somebody_has_committed_to_is_theirs(simple: Path) -> None:
    opened = open_(simple)
    first = opened.snapshot().commit
    opened.set_branch("pesq/r/01-top", first)
    theirs = git(simple, "commit-tree", "HEAD^{tree}", "-p", first, "-m", "their work")
    git(simple, "branch", "--force", "pesq/r/01-top", theirs)
    judged = opened.reword(first, "judged")
    opened.set_branch("pesq/r/01-top", judged)
    assert git(simple, "rev-parse", "pesq/r/01-top") == theirs
    assert git(simple, "rev-parse", "refs/pesquared/written/pesq/r/01-top") == judged
    opened.delete_branch("pesq/r/01-top")
    assert git(simple, "rev-parse", "pesq/r/01-top") == theirs
    assert opened.refs.left_alone == {"pesq/r/01-top": "somebody has moved it"}


def test_a_note_replaces_the_earlier_one_byte_for_byte(simple: Path) -> None:
    opened = open_(simple)
    commit = opened.snapshot().commit
    opened.add_note(commit, "first")
    opened.add_note(commit, '  {"a": "ü"}\n\n\n')
    listed = git(simple, "notes", "--ref=pesquared", "list", commit)
    assert git(simple, "cat-file", "blob", listed) == '  {"a": "ü"}\n\n'


def test_reading_what_is_there_and_what_is_not(simple: Path) -> None:
    opened = open_(simple / "src")
    commit = opened.snapshot().commit
    assert opened.read(commit, "a.c") == b"int a;\n"
    assert opened.tracks(commit, "a.c")
    for path in ("missing", "../top", "."):
        assert not opened.tracks(commit, path)
        with pytest.raises(StaleEdit):
            opened.read(commit, path)
    with pytest.raises(GitError, match="git ls-tree failed"):
        opened.read("0" * 40, "a.c")


def test_ignored_files_of_the_code_base(simple: Path) -> None:
    write_files(
        simple,
        {".gitignore": "*.h\n", "config.h": "1", "src/config.h": "2", "src/new\nline.h": "3", "src/x.c": "4"},
    )
    commit = git(simple, "rev-parse", "HEAD")
    before = fingerprint(simple)
    assert open_(simple / "src").ignored_files(10) == ("config.h", "new\nline.h")
    assert open_(simple).ignored_files(2) == ("config.h", "src/config.h")
    assert open_(simple).ignored_files(0) == ()
    assert fingerprint(simple) == before
    assert git(simple, "rev-parse", "HEAD") == commit


def test_no_process_is_left_behind(simple: Path) -> None:
    opened = open_(simple)
    write_files(simple, {".gitignore": "*.h\n", **{f"{number}.h": "" for number in range(50)}})
    opened.snapshot()
    opened.ignored_files(1)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert [pid for pid in children if "git" in Path(f"/proc/{pid}/comm").read_text()] == []


def test_many_attempts_leave_nothing_but_their_branches(simple: Path) -> None:
    opened = open_(simple)
    base = opened.snapshot().commit
    before = sorted(Path("/proc/self/fd").iterdir())
    for number in range(20):
        commit = opened.commit_edits(base, (edit("top", b"top\n", 0, 3, b"%d" % number),), "pending")
        opened.set_branch(f"pesq/r/{number:02d}-top", commit)
        commit = opened.reword(commit, "judged")
        opened.set_branch(f"pesq/r/{number:02d}-top", commit)
        opened.add_note(commit, f"{number}")
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    left = [path.name for path in (simple / ".git").rglob("*")]
    assert [name for name in left if name.endswith(".lock") or name.startswith("tmp_obj_")] == []
    assert not (simple / ".git/worktrees").exists()
    assert git(simple, "for-each-ref", "refs/heads/pesq").count("\n") == 19
    assert git(simple, "notes", "--ref=pesquared", "list").count("\n") == 19
    git(simple, "fsck", "--strict")


def test_garbage_collection_keeps_our_commits(simple: Path) -> None:
    opened = open_(simple)
    write_files(simple, {"new": "new"})
    base = opened.snapshot().commit
    commit = opened.commit_edits(base, (edit("top", b"top\n", 0, 3, b"x"),), "m")
    opened.set_branch("pesq/r/01-top", commit)
    opened.add_note(commit, "{}")
    git(simple, "gc", "--quiet", "--prune=now")
    assert opened.read(base, "new") == b"new"
    opened.set_branch("pesq/r/01-top", opened.reword(commit, "judged"))
    opened.delete_branch("pesq/r/01-top")


WRITER = """
import sys
from pathlib import Path
from pesquared.vcs.repository import GitRepository
opened = GitRepository.open(Path(sys.argv[1]))
base = sys.argv[2]
for number in range(8):
    commit = opened.reword(base, f"{sys.argv[3]} {number}")
    opened.set_branch(f"pesq/{sys.argv[3]}/{number}", commit)
    opened.add_note(commit, f"{sys.argv[3]} {number}")
"""


def test_two_processes_write_at_once_and_nothing_is_lost(simple: Path) -> None:
    base = git(simple, "rev-parse", "HEAD")
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(simple), base, name], env=ENVIRON, cwd=ROOT)
        for name in ("one", "two")
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert git(simple, "for-each-ref", "--format=%(refname)", "refs/heads/pesq").count("\n") == 15
    assert git(simple, "notes", "--ref=pesquared", "list").count("\n") == 15


def test_refs_wait_for_whoever_holds_the_lock(simple: Path) -> None:
    opened = open_(simple)
    commit = opened.snapshot().commit
    folder = os.open(simple / ".git", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    writer = threading.Thread(target=opened.set_branch, args=("pesq/r/best", commit))
    writer.start()
    writer.join(0.2)
    assert git(simple, "for-each-ref", "refs/heads/pesq") == ""
    os.close(folder)
    writer.join(30)
    assert git(simple, "rev-parse", "pesq/r/best") == commit
