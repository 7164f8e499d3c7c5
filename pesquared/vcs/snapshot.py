"""The working tree as it is at this moment, uncommitted work included, as a commit."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pesquared.vcs.beside import find_beside, notice
from pesquared.vcs.discovery import Location
from pesquared.vcs.git import Git
from pesquared.vcs.overlooked import overlooked

MESSAGE = b"chore: snapshot of the working tree, uncommitted changes included\n"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The commit on which a run stands."""

    commit: str
    head: str  # the user's HEAD
    dirty: bool  # ``commit`` holds uncommitted work, on top of ``head``
    beside: tuple[str, ...] = ()  # files of the checkout that builds need, too; relative to the repository's root
    notices: tuple[str, ...] = ()


def take_snapshot(git: Git, user: Git, location: Location, filters: tuple[str, ...], *, aside: Path) -> Snapshot:
    """Commits the working tree as it is; a clean one is HEAD itself.

    In the commit, submodules stay at the commit the index names, and files of the given ``filters`` (git-lfs,
    git-crypt) as they were last staged: without the filter their plain content would go into the commit. What is
    checked out of both is found ``beside``.

    Args:
        git: see ``closed_git``; it decides where new objects go.
        user: git as the user calls it.
        location: the repository.
        filters: names of its content filters.
        aside: folder for a private index.

    Raises:
        GitError: a file cannot be read, or is none (a named pipe in place of a tracked file).
    """
    head = git.line("rev-parse", "--verify", "HEAD^{commit}")
    with private_index(git, aside, location.git_dir / "index") as private, times_kept(location.git_dir):
        modules = _submodules(private)
        others = _listed(private, "--others", "--exclude-standard")
        nested = [path for path in others if path.endswith(b"/")]  # repositories that are not submodules
        filtered = _filtered(private, filters, [*_listed(private, "--cached"), *others])
        left_out = [*modules, *nested, *(path for path in filtered if _is_there(location.top, path))]
        pathspec = b".\0" + b"".join(b":(exclude,literal)" + path.rstrip(b"/") + b"\0" for path in left_out)
        private.run("add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=pathspec)
        tree = private.line("write-tree")
        hidden = overlooked(private, location.top, apart=[*modules, *filtered])
    dirty = tree != git.line("rev-parse", "--verify", f"{head}^{{tree}}")
    commit = git.line("commit-tree", tree, "-p", head, stdin=MESSAGE) if dirty else head
    beside = find_beside(user, location.top, modules, filtered)
    left = (
        notice(
            list(map(os.fsdecode, nested)), "repositories inside the working tree are not part of the snapshot"
        ),
        notice(
            hidden,
            "changed file(s) marked assume-unchanged or skip-worktree are measured as they are staged",
        ),
    )
    return Snapshot(commit, head, dirty, beside.files, (*beside.notices, *filter(None, left)))


@contextmanager
def private_index(git: Git, aside: Path, original: Path) -> Iterator[Git]:
    """Git with an index of its own: a copy of ``original``, below ``aside``, a folder outside the repository."""
    with TemporaryDirectory(prefix="index-", dir=aside) as folder:
        index = Path(folder, "index")
        with suppress(FileNotFoundError):  # a repository without an index: nothing is staged
            # With its times: by them git knows which files may have changed just when the index was written.
            shutil.copy2(original, index)
        yield git.with_variables(GIT_INDEX_FILE=str(index))


@contextmanager
def times_kept(git_dir: Path) -> Iterator[None]:
    """Undoes what reading a split index does: it touches the file that the index shares."""
    before = [(path, path.stat()) for path in git_dir.glob("sharedindex.*")]
    yield
    for path, status in before:
        with suppress(FileNotFoundError):
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _listed(git: Git, *options: str) -> list[bytes]:
    return git.run("ls-files", "-z", *options).split(b"\0")[:-1]


def _submodules(git: Git) -> list[bytes]:
    return [record.split(b"\t", 1)[1] for record in _listed(git, "--stage") if record.startswith(b"160000 ")]


def _filtered(git: Git, filters: tuple[str, ...], paths: list[bytes]) -> list[bytes]:
    if not filters or not paths:
        return []
    names = {os.fsencode(name) for name in filters}
    fields = git.run("check-attr", "-z", "--stdin", "filter", stdin=b"\0".join(paths) + b"\0").split(b"\0")
    found = zip(fields[0::3], fields[2::3], strict=False)  # path, "filter", its value
    return [path for path, value in dict(found).items() if value in names]


def _is_there(top: Path, path: bytes) -> bool:
    """One that was deleted, or made a folder, is deleted in the snapshot, too."""
    file = top / os.fsdecode(path)
    return file.is_symlink() or file.is_file()
