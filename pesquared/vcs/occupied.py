"""Branches in the middle of somebody's rebase or bisection: git shows them as checked out nowhere.

The files are those of git-rebase(1) and git-bisect(1), in the folder of each working tree: ``.git`` itself, and
one below ``.git/worktrees`` for each linked one. A branch that were moved or removed meanwhile would come back
wrong, or not at all, when they end.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from pesquared.vcs.included import is_plain_file, open_inside

HEADS = "refs/heads/"
LARGEST = 1 << 20  # bytes: a stack of branches that are rebased together
REBASED = ("rebase-merge/head-name", "rebase-apply/head-name", "rebase-merge/update-refs")
BISECTED = "BISECT_START"  # a branch's name without refs/heads/


def occupied(common_dir: Path) -> dict[str, str]:
    """Ref → what goes on with it.

    Args:
        common_dir: the repository's folder, shared by its working trees.
    """
    found: dict[str, str] = {}
    for git_dir in _git_dirs(common_dir):
        for path in REBASED:
            found |= {line: "it is being rebased" for line in _lines(git_dir, path) if line.startswith(HEADS)}
        found |= {HEADS + line: "a bisection began on it" for line in _lines(git_dir, BISECTED)[:1]}
    return found


def _git_dirs(common_dir: Path) -> Iterator[Path]:
    yield common_dir
    linked = common_dir / "worktrees"
    if linked.is_dir() and not linked.is_symlink():
        yield from sorted(path for path in linked.iterdir() if path.is_dir() and not path.is_symlink())


def _lines(git_dir: Path, path: str) -> list[str]:
    if not is_plain_file(git_dir, path):
        return []
    with os.fdopen(open_inside(git_dir, path), "rb") as file:
        return os.fsdecode(file.read(LARGEST)).split("\n")
