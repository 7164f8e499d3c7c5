"""Leaves a hostile tree in a slot and does with it all that is done with slots: look, compare, clean, copy, update."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox, Slot
from pesquared.core.running import Command, Limits
from pesquared.errors import PesquaredError
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verify.trees.files import Snapshot, Writes, changed, remove, snapshot
from pesquared.verify.trees.linked import fingerprint
from pesquared.verify.trees.pristine import Pristine
from tests.support.git_repos import commit_all, make_repository, write_files
from tests.support.git_repos import fingerprint as state_of
from tests.support.hostile.bait import Bait, laid_out
from tests.support.hostile.campaign import Fate, said
from tests.support.hostile.program import Hostile

_LIMITS = Limits(timeout_s=20.0)
_LONGEST_S = 120.0  # a busy host takes long, a trap for ever
_FILES = {
    "kernel.c": "int kernel;\n", "main.c": "int main(void) { return 0; }\n", "src/part.c": "int part;\n",
    "Makefile": "all:\n",
}  # fmt: skip


@dataclass(frozen=True)
class Walks:
    """A repository, its slots, and two commits to go between."""

    sandbox: Sandbox
    repository: GitRepository
    slots: SlotWorkspaces
    commits: tuple[str, str]

    def run_one(self, program: Hostile, binary: Path) -> Fate:
        """Runs it in the slot CANDIDATE, as a test might."""
        first, _ = self.commits
        self.slots.place(Slot.CANDIDATE, first)
        self.slots.activate(Slot.CANDIDATE)
        user, tree = self.repository.top, self.slots.tree
        before = state_of(user)
        with laid_out(self.sandbox.owner) as bait:
            found = list(self._walk(program, binary, bait))
            found += [bait.harm()]
        if state_of(user) != before:
            found.append("changed the user's repository")
        if (tree / "kernel.c").read_text() != _FILES["kernel.c"]:
            found.append("a new tree is not what was committed")
        return Fate(program, tuple(filter(None, found)))

    def _walk(self, program: Hostile, binary: Path, bait: Bait) -> Iterator[str]:
        tree = self.slots.tree
        clean = snapshot(tree)
        pristine = Pristine(tree, Writes(frozenset({"kernel.c"}), ("src/",)))
        shutil.copy2(binary, tree / "hostile")
        argv = program.argv(tree / "hostile")
        yield from said(self.sandbox.run(Command(argv, tree, tree, writable=True, env=bait.env, limits=_LIMITS)))
        began = time.monotonic()
        for step in (self._look, pristine.restore, lambda tree: _clean(tree, clean), self._go_on):
            try:
                step(tree)
            except PesquaredError:  # a clear end, which a judge makes a verdict of
                continue
            except (OSError, ValueError, RecursionError) as error:
                yield f"{getattr(step, '__name__', 'clean')}: {error!r}"
        self.slots.place(Slot.CANDIDATE, self.commits[0])
        took = time.monotonic() - began
        if took > _LONGEST_S:
            yield f"looked at for {took:.1f} s"

    def _look(self, tree: Path) -> None:
        fingerprint(tree, snapshot(tree))

    def _go_on(self, _tree: Path) -> None:
        _, second = self.commits
        self.slots.copy(Slot.CANDIDATE, Slot.VARIANT)
        self.slots.update(Slot.VARIANT, second)
        self.slots.update(Slot.CANDIDATE, second)
        self.slots.exchange(Slot.VARIANT, Slot.CANDIDATE)


def _clean(tree: Path, before: Snapshot) -> None:
    after = snapshot(tree)
    for path in sorted(changed(before, after) & after.keys(), reverse=True):
        remove(tree / path)


@contextlib.contextmanager
def walks(sandbox: Sandbox) -> Iterator[Walks]:
    """Opens a repository and slots for the programs of one campaign; nothing of them is left."""
    with tempfile.TemporaryDirectory(prefix="walks-", dir="/var/tmp") as above:
        Path(above).chmod(0o755)
        user = make_repository(Path(above) / "user", _FILES)
        first = commit_all(user)
        write_files(user, {"kernel.c": "int faster;\n", "src/part.c": "int parts;\n"})
        second = commit_all(user, "Faster")
        with (
            GitRepository.open(user, "pesq", objects=Path(above) / "objects") as repository,
            SlotWorkspaces(repository, Path(above) / "slots", (), sandbox.owner) as slots,
        ):
            yield Walks(sandbox, repository, slots, (first, second))
        left = [path.name for path in Path(above).iterdir() if path.name == "slots"]
        assert not left, "slots that cannot be removed"
