"""The user's repository as a run sees it: a snapshot to begin with, attempts as commits, branches and notes."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from pesquared.core.edits import StaleEdit
from pesquared.core.proposal import Edit
from pesquared.errors import UsageError
from pesquared.vcs.committing import Committer, by_path, person_of, require_regular
from pesquared.vcs.discovery import Location, closed_git, drivers, locate, user_git
from pesquared.vcs.git import Git, GitError
from pesquared.vcs.graft import Place, look_up
from pesquared.vcs.objects import ObjectStore
from pesquared.vcs.refs import Refs
from pesquared.vcs.revisions import Revisions
from pesquared.vcs.snapshot import Snapshot, take_snapshot, times_kept
from pesquared.vcs.tree import Entry, changes, list_tree, total_size, write_blobs
from pesquared.vcs.writer import TreeWriter

TRIES = 20  # at a ref, while somebody removes what it needs
RECENT_S = 20.0  # a collection that began before an object was reachable is mostly over by then
DEEPEST = 500  # folders above a file


class GitRepository:
    """A repository with a working tree, opened by ``GitRepository.open``. A context manager, for its new objects.

    Args:
        git: as ``closed_git`` makes it.
        user: as ``user_git`` makes it.
        location: where the repository is.
        filters: names of the content filters that it configures.
        branch_prefix: first part of our branches' names.
        objects: folder for new objects until a ref needs them; see ``ObjectStore``.
    """

    def __init__(
        self,
        git: Git,
        user: Git,
        location: Location,
        *,
        filters: tuple[str, ...],
        branch_prefix: str,
        objects: Path,
    ) -> None:
        self.prefix = location.prefix
        self.top = location.top
        self.common_dir = location.common_dir
        self._location = location
        self._filters = filters
        self._user = user
        self._snapshot: Snapshot | None = None
        self._plain = git  # sees what everybody sees
        self._store = ObjectStore(objects, location.objects, location.algorithm)
        self._git = self._store.behind(git)
        self._committer = Committer(self._git, self._store, person_of(git))
        self.refs = Refs(git, location.common_dir, branch_prefix)

    @classmethod
    def open(
        cls,
        codebase: Path,
        branch_prefix: str = "pesq",
        environ: Mapping[str, str] = os.environ,
        objects: Path | None = None,
    ) -> "GitRepository":
        """Opens the repository in which ``codebase``, a folder, lies.

        Args:
            codebase: the folder.
            branch_prefix: first part of all our branches' names.
            environ: the user's environment; of it only what git needs is used.
            objects: where new objects are kept, outside of the repository; None: in the temporary folder.

        Raises:
            UsageError: git is missing or too old, there is no repository or nothing in it to work on, it belongs
                to another user, or a branch stands in the way of our prefix.
        """
        git = user_git(codebase, environ)
        location = locate(git)
        folder = objects or Path(tempfile.gettempdir(), f"pesquared-objects-{secrets.token_hex(8)}")
        return cls(
            closed_git(git, location),
            git,
            location,
            filters=drivers(git, "filter"),
            branch_prefix=branch_prefix,
            objects=folder,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Looks once more whether all that our refs need is in the repository, and forgets what is not needed."""
        try:
            self._store.restore(self._plain)
        finally:
            self._store.remove()

    @property
    def codebase(self) -> Path:
        """The code base in the user's checkout; it is only ever read."""
        return self.top / self.prefix

    def snapshot(self) -> Snapshot:
        """The working tree as it is, as a commit; see ``take_snapshot``.

        Raises:
            UsageError: the repository ignores the code base.
        """
        taken = take_snapshot(self._git, self._user, self._location, self._filters, aside=self._store.folder)
        self._store.take_in()
        self._snapshot = taken
        inside = f"{taken.commit}:{self.prefix}" if self.prefix else f"{taken.commit}^{{tree}}"
        if self._git.attempt("cat-file", "-e", inside)[0] != 0:
            raise UsageError(
                f"{self.codebase} is empty or ignored by the repository at {self.top}",
                "take it out of .gitignore, or make it a repository of its own: git init",
            )
        return taken

    @property
    def revisions(self) -> Revisions:
        """The commits that users name."""
        return Revisions(self._git, self.prefix)

    @property
    def beside(self) -> tuple[str, ...]:
        """Files of the checkout that builds need beside a commit's; see ``Snapshot.beside``."""
        return (self._snapshot or self.snapshot()).beside

    def commit_edits(self, parent: str, edits: tuple[Edit, ...], message: str) -> str:
        """Commits the edits on top of ``parent``; files keep their modes. Returns the commit.

        Raises:
            StaleEdit: an edit does not fit the file as ``parent`` has it, or names no regular file below the
                code base.
        """
        found = {self._whole(path): (path, made) for path, made in by_path(edits).items()}
        tree = self._committer.edited(
            parent,
            {whole: made for whole, (_, made) in found.items()},
            {whole: path for whole, (path, _) in found.items()},
        )
        return self._committer.commit(tree, [parent], message)

    def reword(self, commit: str, message: str) -> str:
        """The same tree, parents, people and dates with another message; returns the new commit."""
        return self._committer.reworded(commit, message)

    @contextmanager
    def kept(self, run: str, base: str) -> Iterator[None]:
        """Keeps what a run stands on as long as it lives, whatever the user does with HEAD meanwhile."""
        self._publish(lambda: self.refs.set_base(run, base))
        try:
            yield
        finally:
            self.refs.drop_base(run)

    def set_branch(self, name: str, commit: str) -> None:
        """See ``Refs.set_branch``."""
        self._publish(lambda: self.refs.set_branch(name, commit))

    def delete_branch(self, name: str) -> None:
        """See ``Refs.delete_branch``."""
        self.refs.delete_branch(name)

    def add_note(self, commit: str, text: str) -> None:
        """Attaches ``text``, byte for byte, to a commit; replaces an earlier note on it."""

        def make(notes: str) -> str:
            made = self._committer.noted(notes, commit, text)
            self._store.install()
            return made

        self._publish(lambda: self.refs.set_notes(make))

    def _publish(self, change: Callable[[], None]) -> None:
        """New objects are there when a ref is to show them, and afterwards: a ``git gc`` may have begun before."""
        self._store.install()
        for left in reversed(range(TRIES)):
            try:
                change()
            except GitError:
                if left == 0 or not self._store.restore(self._plain):
                    raise  # no object is missing: it has another reason
            else:
                break
        self._store.restore(self._plain, RECENT_S)

    def read(self, commit: str, path: str) -> bytes:
        """A file's bytes in a commit; ``path`` is relative to the code base.

        Raises:
            StaleEdit: there is no such file.
        """
        return self._git.run("cat-file", "blob", self._record(commit, path).object)

    def tracks(self, commit: str, path: str) -> bool:
        """Is ``path``, relative to the code base, a regular file of the commit?"""
        try:
            self._record(commit, path)
        except StaleEdit:
            return False
        return True

    def ignored_files(self, limit: int) -> tuple[str, ...]:
        """At most ``limit`` files of the code base's checkout that git ignores, relative to the code base."""
        found: list[bytes] = []
        rest = b""
        listing = self._git.within(self.codebase)
        command = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
        with times_kept(self._location.git_dir), listing.stream(*command) as output:
            while len(found) < limit and (chunk := output.read(1 << 16)):
                *complete, rest = (rest + chunk).split(b"\0")
                found += complete
        return tuple(os.fsdecode(path) for path in found[:limit])

    def tree(self, commit: str) -> dict[str, Entry]:
        """All entries of a commit by path, relative to the repository's root."""
        return list_tree(self._git, commit)

    def changes(self, old: str, new: str) -> tuple[tuple[str, ...], tuple[Entry, ...]]:
        """Paths that only ``old`` has, and entries that are new or different in ``new``."""
        # ``diff-tree`` would look into the user's index for settings, and touch the file that a split one shares.
        return changes(self._git.with_variables(GIT_INDEX_FILE=str(self._store.folder / "no-index")), old, new)

    def size(self, entries: tuple[Entry, ...]) -> int:
        """Bytes of the entries' content."""
        return total_size(self._git, entries)

    def write(self, entries: tuple[Entry, ...], writer: TreeWriter) -> None:
        """Writes the entries' content, as git stores it, below the writer's folder."""
        write_blobs(self._git, entries, writer)

    def _record(self, commit: str, path: str) -> Place:
        """A regular file."""
        whole = self._whole(path)
        return require_regular(look_up(self._git, commit, [whole]).get(whole), path, commit)

    def _whole(self, path: str) -> str:
        parts = path.split("/")
        if "\0" in path or not all(parts) or {".", "..", ".git"} & set(parts) or len(parts) > DEEPEST:
            raise StaleEdit(f"{path!r} is not a path below the code base")
        return str(PurePosixPath(self.prefix, path))
