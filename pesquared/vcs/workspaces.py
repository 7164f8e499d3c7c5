"""The trees a run builds and measures, outside the repository and without a ``.git``.

Whichever slot is active stands at one constant path, ``<root>/tree``; the others are parked beside it and take
their turn by renaming. So builds that write absolute paths (CMake's caches, debug information, compiler caches)
agree in every slot, no mount is needed, and a slot copied with its times has one file to compile after an edit of
one file.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from pesquared.core.protocols import Slot
from pesquared.errors import UsageError
from pesquared.vcs.included import copy_files, find_included
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.tree import same_but_for_case
from pesquared.vcs.writer import (
    Owner,
    TreeWriter,
    WorkspaceError,
    copy_tree,
    folds_case,
    remove_tree,
    require_space,
)

MARGIN = 512 << 20  # bytes that stay free, for build products
COPIES = len(Slot)


class SlotWorkspaces:
    """Slots below ``root``; implements ``Workspaces``. Used as a context manager it removes them at the end.

    Args:
        repository: where the commits are.
        root: a folder of our own, outside the repository; created; slots that an earlier run left are removed.
        include: glob patterns of ignored files that each placed tree gets from the user's checkout.
        owner: user and group id that the trees are given to, where builds run as somebody else.
        margin: bytes of disk that must stay free beside the trees.

    Raises:
        UsageError: ``root`` lies inside the repository, or an ``include`` pattern is of no use.
    """

    def __init__(
        self,
        repository: GitRepository,
        root: Path,
        include: tuple[str, ...] = (),
        owner: Owner | None = None,
        margin: int = MARGIN,
    ) -> None:
        self._root = root.resolve()
        if self._root.is_relative_to(repository.top):
            raise UsageError(f"{root} lies inside the repository", "choose a folder outside it")
        self._repository = repository
        included = find_included(repository.codebase, include)
        self._included = tuple(str(PurePosixPath(repository.prefix, path)) for path in included)
        self._beside: tuple[str, ...] | None = None
        self._owner = owner
        self._margin = margin
        self._commits: dict[Slot, str] = {}
        self._active: Slot | None = None
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if owner:
            os.chown(self._root, *owner)
        self.tree = self._root / "tree"
        self._frozen = self._root / "beside"
        self.codebase = self.tree / repository.prefix
        self._clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Removes all slots, and the root if nothing else is in it."""
        self._clear()
        if self._root.exists() and not any(self._root.iterdir()):
            self._root.rmdir()

    def need(self, commit: str) -> str:
        """What to tell the user before anything is built: how much room the trees take, and where."""
        return f"the trees need about {self._needed(commit) >> 20} MiB in {self._root}, and what builds make"

    def place(self, slot: Slot, commit: str) -> None:
        """The files of ``commit``, and of the checkout what builds need beside it: for a cold build.

        That is submodules, what content filters made, and ``[build] include``. It is copied aside when a tree is
        placed for the first time: all trees of a run get the same, whatever the user does meanwhile.

        Raises:
            WorkspaceError: the disk is too full, or a file cannot be written.
            UsageError: a file of the checkout cannot be read.
        """
        entries = tuple(self._repository.tree(commit).values())
        require_space(self._root, self._needed(commit))
        self._require_distinct(entry.path for entry in entries)
        target = self._path(slot)
        remove_tree(target)
        self._commits.pop(slot, None)
        try:
            # One time for all: what is generated and committed is not older than what it is generated from.
            with TreeWriter(target, time.time_ns(), self._owner) as writer:
                self._repository.write(entries, writer)
                if self._repository.prefix:
                    writer.folder(self._repository.prefix)
                copy_files(self._frozen, self._freeze(), writer)
        except OSError as error:
            raise WorkspaceError(f"{target} cannot be written: {error}") from error
        self._commits[slot] = commit

    def copy(self, source: Slot, target: Slot) -> None:
        """``target`` becomes a copy of ``source`` with build products and times.

        Raises:
            WorkspaceError: the disk is too full, or a file cannot be copied.
        """
        commit = self._commit(source)
        if source is target:
            return
        self._commits.pop(target, None)
        remove_tree(self._path(target))
        require_space(self._root, self._margin)
        copy_tree(self._path(source), self._path(target))
        self._commits[target] = commit

    def update(self, slot: Slot, commit: str) -> tuple[str, ...]:
        """Writes what differs between the slot's commit and ``commit``.

        Returns:
            The changed paths, relative to the tree (the repository's root, not the code base).

        Raises:
            WorkspaceError: a file cannot be written.
        """
        gone, written = self._repository.changes(self._commit(slot), commit)
        try:
            # Set by hand: the kernel's own file times lag behind the clock by some ms, so they could equal those
            # of a product built just before, and make would see nothing to do.
            with TreeWriter(self._path(slot), time.time_ns(), self._owner) as writer:
                for path in gone:
                    writer.remove(path)
                self._repository.write(written, writer)
        except OSError as error:
            raise WorkspaceError(f"{self._path(slot)} cannot be written: {error}") from error
        self._commits[slot] = commit
        return tuple(sorted([*gone, *(entry.path for entry in written)]))

    def relabel(self, slot: Slot, commit: str) -> None:
        """The slot's files are those of ``commit``, too: the same tree under another message."""
        self._commit(slot)
        self._commits[slot] = commit

    def exchange(self, one: Slot, other: Slot) -> None:
        """Swaps two slots' trees; which slot is active stays the same."""
        commits = self._commit(one), self._commit(other)
        if one is other:
            return
        aside = self._root / "exchanged"
        self._path(one).rename(aside)
        self._path(other).rename(self._path(one))
        aside.rename(self._path(other))
        self._commits[other], self._commits[one] = commits

    def activate(self, slot: Slot) -> None:
        """Puts the slot's tree at the constant path."""
        self._commit(slot)
        if slot is self._active:
            return
        if self._active is not None and self.tree.exists():
            self.tree.rename(self._parked(self._active))
        self._parked(slot).rename(self.tree)
        self._active = slot

    def _require_distinct(self, paths: Iterable[str]) -> None:
        clash = same_but_for_case(paths)
        if clash and folds_case(self._root):
            raise WorkspaceError(
                f"{clash[0]!r} and {clash[1]!r} are the same in {self._root}: its file system folds case",
                "set PESQUARED_STATE_DIR to a folder on another file system",
            )

    def _needed(self, commit: str) -> int:
        entries = tuple(self._repository.tree(commit).values())
        return COPIES * self._repository.size(entries) + self._margin

    def _commit(self, slot: Slot) -> str:
        if slot not in self._commits:
            raise WorkspaceError(f"nothing has been placed in the slot {slot.value!r}")
        return self._commits[slot]

    def _path(self, slot: Slot) -> Path:
        return self.tree if slot is self._active else self._parked(slot)

    def _parked(self, slot: Slot) -> Path:
        return self._root / f"parked-{slot.value}"

    def _freeze(self) -> tuple[str, ...]:
        """Copies aside what comes along; its paths, relative to the repository's root."""
        if self._beside is None:
            found = tuple(sorted({*self._included, *self._repository.beside}))
            remove_tree(self._frozen)
            with TreeWriter(self._frozen, time.time_ns()) as writer:
                copy_files(self._repository.top, found, writer)
            self._beside = found
        return self._beside

    def _clear(self) -> None:
        for path in (self.tree, self._root / "exchanged", self._frozen, *map(self._parked, Slot)):
            if os.path.lexists(path):
                remove_tree(path)
        self._commits.clear()
        self._active = None
