"""The user and other tools work in the repository while a run goes on: nobody notices anybody."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.git_repos import ENVIRON, commit_all, git, make_repository, write_files

PRUNE = ("gc", "--quiet", "--prune=now")


def forget_everything(repository: Path) -> None:
    """What a user can do at worst: history rewritten, reflogs expired, all that no ref reaches removed."""
    git(repository, "reflog", "expire", "--expire=now", "--all")
    git(repository, *PRUNE)


def edited(opened: GitRepository, parent: str, number: int) -> str:
    old = opened.read(parent, "a")
    edit = Edit("a", 0, len(old), hashlib.sha256(old).hexdigest(), b"faster %d\n" % number)
    return opened.commit_edits(parent, (edit,), f"pending {number}\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "r", {"a": "a\n", **{f"d/{number}": str(number) for number in range(30)}})


def test_what_no_ref_reaches_survives_in_the_run(repository: Path, tmp_path: Path) -> None:
    write_files(repository, {"a": "uncommitted\n"})
    with (
        GitRepository.open(repository, environ=ENVIRON) as opened,
        SlotWorkspaces(opened, tmp_path / "slots") as slots,
    ):
        base = opened.snapshot().commit
        forget_everything(repository)
        with opened.kept("run", base):
            commit = edited(opened, base, 1)
            forget_everything(repository)
            opened.set_branch("pesq/run/01-a", commit)
            forget_everything(repository)
            judged = opened.reword(commit, "judged\n")
            forget_everything(repository)
            opened.set_branch("pesq/run/01-a", judged)
            opened.add_note(judged, "note")
            forget_everything(repository)
            slots.place(Slot.BASELINE, commit)
            slots.relabel(Slot.BASELINE, judged)
    assert git(repository, "show", "pesq/run/01-a:a") == "faster 1"
    assert git(repository, "notes", "--ref=pesquared", "show", judged) == "note"
    git(repository, "fsck", "--strict")


def test_history_may_be_rewritten_below_a_run(repository: Path, tmp_path: Path) -> None:
    with (
        GitRepository.open(repository, environ=ENVIRON) as opened,
        SlotWorkspaces(opened, tmp_path / "slots") as slots,
    ):
        base = opened.snapshot().commit
        with opened.kept("run", base):
            git(repository, "commit", "--quiet", "--amend", "--message", "rewritten")
            git(repository, "checkout", "--quiet", "--orphan", "new")
            commit_all(repository)
            git(repository, "branch", "-D", "main")
            forget_everything(repository)
            slots.place(Slot.ORIGINAL, base)
            opened.set_branch("pesq/run/01-a", edited(opened, base, 1))
        forget_everything(repository)
        assert git(repository, "rev-parse", "pesq/run/01-a^") == base
        git(repository, "fsck", "--strict")


def test_objects_that_a_collection_took_at_the_worst_moment_are_put_back(repository: Path) -> None:
    """A collection that began before the ref was set removes what the ref needs just after."""
    with GitRepository.open(repository, environ=ENVIRON) as opened:
        commit = edited(opened, opened.snapshot().commit, 1)
        opened.set_branch("pesq/run/01-a", commit)
        tree = git(repository, "rev-parse", f"{commit}^{{tree}}")
        for name in (commit, tree):
            (repository / ".git/objects" / name[:2] / name[2:]).unlink()
        assert opened.read(commit, "a") == b"faster 1\n"
    git(repository, "fsck", "--strict")
    assert git(repository, "show", "pesq/run/01-a:a") == "faster 1"


def test_a_branch_and_a_note_that_somebody_removes_come_back_with_the_verdict(repository: Path) -> None:
    with GitRepository.open(repository, environ=ENVIRON) as opened:
        commit = edited(opened, opened.snapshot().commit, 1)
        opened.set_branch("pesq/run/01-a", commit)
        git(repository, "branch", "-D", "pesq/run/01-a")
        forget_everything(repository)
        judged = opened.reword(commit, "judged\n")
        opened.set_branch("pesq/run/01-a", judged)
        opened.add_note(judged, "first")
        git(repository, "update-ref", "-d", "refs/notes/pesquared")
        forget_everything(repository)
        opened.add_note(judged, "second")
    assert git(repository, "notes", "--ref=pesquared", "show", "pesq/run/01-a") == "second"


# A collection that is on its way when a ref is set can take what the ref needs: until the run next looks, or ends,
# somebody who reads our refs may meet a missing object. Nobody who works with their own does.
USER = """
patiently() { "$@" || { sleep 0.3; "$@"; } || { sleep 1; "$@"; } || { sleep 3; "$@"; }; }
cd "$1"
n=0
while [ ! -e "$2" ]; do
    n=$((n+1))
    echo $n > theirs
    git add theirs && git commit -q -m "theirs $n" || exit 1
    git commit -q --amend -m "theirs again $n" || exit 1
    git reflog expire --expire=now --all || exit 1
    patiently git gc -q --prune=now || exit 1
    git notes add -f -m "their note $n" HEAD || exit 1
    [ $((n % 3)) = 0 ] && { git rebase -q --force-rebase HEAD~1 || exit 1; }
done
echo "$n rounds"
"""


def test_a_run_beside_a_user_who_commits_rebases_and_collects(repository: Path, tmp_path: Path) -> None:
    done, commits = tmp_path / "done", []
    person = {
        f"GIT_{role}_{part}": "user@localhost" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
    }
    with GitRepository.open(repository, environ=ENVIRON) as opened:
        base = opened.snapshot().commit
        with (
            opened.kept("run", base),
            subprocess.Popen(
                ["sh", "-c", USER, "sh", repository, done],
                env={**ENVIRON, **person},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as user,
        ):
            try:
                for number in range(15):
                    commit = edited(opened, base, number)
                    opened.set_branch(f"pesq/run/{number:02d}-a", commit)
                    commit = opened.reword(commit, f"judged {number}\n")
                    opened.set_branch(f"pesq/run/{number:02d}-a", commit)
                    opened.add_note(commit, f"note {number}")
                    commits.append(commit)
            finally:
                done.touch()
                said, complained = user.communicate(timeout=120)
    assert user.returncode == 0, complained
    assert "rounds" in said
    git(repository, "fsck", "--strict")
    for number, commit in enumerate(commits):
        assert git(repository, "rev-parse", f"pesq/run/{number:02d}-a") == commit
        assert git(repository, "show", f"{commit}:a") == f"faster {number}"
        assert git(repository, "notes", "--ref=pesquared", "show", commit) == f"note {number}"
    assert git(repository, "rev-parse", f"{commits[0]}^") == base
    assert not list((repository / ".git").glob("*.lock"))
