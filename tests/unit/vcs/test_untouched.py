"""Whatever a checkout looks like, a run leaves it as it was: to the byte, the time, the inode."""

import hashlib
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.dirty_shapes import SHAPES, make_shape
from tests.support.git_repos import ENVIRON, fingerprint, git

ROOT = Path(__file__).parents[3]


def what_git_says(repository: Path) -> list[str]:
    """Refs that are not ours, stash, configuration and index, as git reads them."""
    refs = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").split("\n")
    ours = ("refs/heads/pesq/", "refs/pesquared/", "refs/notes/pesquared")
    return [
        *(ref for ref in refs if not ref.startswith(ours)),
        git(repository, "rev-parse", "--symbolic-full-name", "HEAD"),
        git(repository, "stash", "list"),
        git(repository, "config", "--local", "--list"),
        git(repository, "ls-files", "--stage", "--debug"),
    ]


def campaign(repository: Path, state: Path) -> None:
    """What a run does, but for building: snapshot, slots, two attempts, the first accepted."""
    with (
        GitRepository.open(repository, environ=ENVIRON, objects=state / "objects") as opened,
        SlotWorkspaces(opened, state / "slots") as slots,
    ):
        base = opened.snapshot().commit
        with opened.kept("run", base):
            slots.place(Slot.ORIGINAL, base)
            slots.copy(Slot.ORIGINAL, Slot.BASELINE)
            for number in range(2):
                old = opened.read(base, "sub/e")
                edit = Edit("sub/e", 0, len(old), hashlib.sha256(old).hexdigest(), b"faster %d\n" % number)
                commit = opened.commit_edits(base, (edit,), "pending\n")
                opened.set_branch(f"pesq/run/{number:02d}-e", commit)
                slots.copy(Slot.BASELINE, Slot.CANDIDATE)
                assert slots.update(Slot.CANDIDATE, commit) == ("sub/e",)
                base = opened.reword(commit, "judged\n")
                opened.set_branch(f"pesq/run/{number:02d}-e", base)
                opened.add_note(base, "{}")
                opened.set_branch("pesq/run/best", base)
                slots.exchange(Slot.BASELINE, Slot.CANDIDATE)
                slots.relabel(Slot.BASELINE, base)


def test_there_are_thirty_shapes() -> None:
    assert len(SHAPES) >= 30


@pytest.mark.parametrize("name", SHAPES)
def test_a_run_leaves_every_shape_as_it_was(name: str, tmp_path: Path) -> None:
    repository = make_shape(name, tmp_path / "r")
    said, before = what_git_says(repository), fingerprint(repository)
    campaign(repository, tmp_path / "state")
    assert fingerprint(repository) == before
    assert what_git_says(repository) == said
    assert git(repository, "show", "pesq/run/best:sub/e") == "faster 1"
    assert not list((repository / ".git").rglob("*.lock"))
    git(repository, "fsck", "--strict")


KILLED = """
import sys
from pathlib import Path
from tests.unit.vcs.test_untouched import campaign
print("go", flush=True)
campaign(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def wait_for_group(group: int) -> None:
    """Until a git command that was running has ended."""
    with suppress(ProcessLookupError):
        while True:
            os.killpg(group, 0)
            time.sleep(0.005)


@pytest.mark.parametrize("delay_s", [0.02, 0.05, 0.1, 0.2])
def test_a_killed_run_leaves_the_checkout_as_it_was(delay_s: float, tmp_path: Path) -> None:
    repository = make_shape("staged_then_changed", tmp_path / "r")
    said, before = what_git_says(repository), fingerprint(repository)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(repository), str(tmp_path / "state")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay_s)
        process.kill()
    wait_for_group(process.pid)
    assert fingerprint(repository) == before
    assert what_git_says(repository) == said
    git(repository, "fsck", "--strict", "--no-dangling")
    campaign(repository, tmp_path / "state")
    assert fingerprint(repository) == before
