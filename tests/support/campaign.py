"""What a run does with git, but for building and measuring: for tests that look at what it leaves."""

import hashlib
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.git_repos import ENVIRON, git

ROOT = Path(__file__).parents[2]


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


def killed_campaign(repository: Path, state: Path, delay_s: float) -> None:
    """A campaign in a process that is killed after a while; until the git command that it was running has ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(repository), str(state)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        if process.stdout is not None:
            process.stdout.readline()
        time.sleep(delay_s)
        process.kill()
    with suppress(ProcessLookupError):
        while True:
            os.killpg(process.pid, 0)
            time.sleep(0.005)


KILLED = """
import sys
from pathlib import Path
from tests.support.campaign import campaign
print("go", flush=True)
campaign(Path(sys.argv[1]), Path(sys.argv[2]))
"""
