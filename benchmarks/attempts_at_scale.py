"""Prints the git work of each of 200 attempts in a repository of 5,000 files, and what they leave behind.

Usage: ``python benchmarks/attempts_at_scale.py [ATTEMPTS] [FILES]``. An attempt is what a run does with git for
it: a commit of its edit on a branch, the same commit with its verdict, a note; and what changed, put into a slot.
Processor time counts all git processes, and does not depend on what else the machine does.
"""

import hashlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces

ATTEMPTS, FILES, TARGET_MS = 200, 5000, 50.0
RUN = "20260102-030405-beef"
SOURCE = "int value_{number}(void)\n{{\n    return {number};\n}}\n" * 20


def path_of(number: int) -> str:
    return f"part{number % 50}/unit{number % 7}/file{number}.c"


def git(repository: Path, *arguments: str) -> str:
    person = ("-c", "user.name=Somebody", "-c", "user.email=somebody@localhost")
    done = subprocess.run(["git", *person, *arguments], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout


def make_repository(folder: Path, files: int) -> None:
    for number in range(files):
        file = folder / path_of(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SOURCE.format(number=number))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")


def cpu_s() -> float:
    """Of this process and of the children that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def timed(work: Callable[[], str], into: list[tuple[float, float]]) -> str:
    begun, spent = time.perf_counter(), cpu_s()
    result = work()
    into.append((1000 * (time.perf_counter() - begun), 1000 * (cpu_s() - spent)))
    return result


def attempt(repository: GitRepository, base: str, number: int, files: int) -> str:
    """The way of one attempt through git; returns its commit."""
    path, old = path_of(number % files), b"int value_"
    edit = Edit(path, 0, len(old), hashlib.sha256(old).hexdigest(), b"long value_%d_" % number)
    branch = f"pesq/{RUN}/{number:03d}-f"
    pending = repository.commit_edits(base, (edit,), "perf: pending\n")
    repository.set_branch(branch, pending)
    judged = repository.reword(pending, "perf: judged\n")
    repository.set_branch(branch, judged)
    repository.add_note(judged, '{"verdict": "slower"}')
    return judged


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def leftovers(repository: Path) -> list[str]:
    """Worktrees, locks and half-written objects."""
    found = list((repository / ".git").rglob("*.lock")) + list((repository / ".git").rglob("tmp_obj_*"))
    return [*map(str, found), *map(str, (repository / ".git").glob("worktrees/*"))]


def describe(what: str, times: list[tuple[float, float]]) -> None:
    wall, cpu = (sorted(column) for column in zip(*times, strict=True))
    late, mean = wall[int(len(wall) * 0.95)], statistics.mean(cpu)
    print(f"{what:24} {statistics.median(wall):6.1f} ms median, {late:6.1f} ms at 95 %; processor {mean:5.1f} ms")


def main() -> int:
    numbers = [int(word) for word in sys.argv[1:3]]
    attempts, files = (numbers + [ATTEMPTS, FILES][len(numbers) :])[:2]
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "repository")
        folder.mkdir()
        make_repository(folder, files)
        repository = GitRepository.open(folder, objects=Path(scratch, "objects"))
        with repository, SlotWorkspaces(repository, Path(scratch, "slots")) as slots:
            base = repository.snapshot().commit
            slots.place(Slot.CANDIDATE, base)
            before = children(), descriptors()
            in_git: list[tuple[float, float]] = []
            in_slot: list[tuple[float, float]] = []
            for number in range(attempts):
                commit = timed(lambda number=number: attempt(repository, base, number, files), in_git)
                timed(lambda commit=commit: str(slots.update(Slot.CANDIDATE, commit)), in_slot)
            after = children(), descriptors()
        print(f"{attempts} attempts in a repository of {files} files")
        describe("commits, branch, note", in_git)
        describe("update of a slot", in_slot)
        print(f"target: at most {TARGET_MS:.0f} ms of git work")
        print(f"processes left: {len(after[0] - before[0])}, descriptors: {after[1] - before[1]}")
        print(f"worktrees, locks and half-written objects left: {leftovers(folder) or 'none'}")
        fsck = git(folder, "fsck", "--strict", "--no-dangling").strip()
        branches = git(folder, "for-each-ref", f"refs/heads/pesq/{RUN}").count("\n")
        print(f"branches: {branches}; git fsck says: {fsck or 'nothing'}")
    return 0 if after == before else 1


if __name__ == "__main__":
    sys.exit(main())
