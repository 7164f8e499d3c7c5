"""New objects of a run: written to a folder of our own, and copied into the repository before a ref needs them.

A ``git gc --prune=now`` beside the run removes what no ref reaches yet: a commit that is just being made, half of
a snapshot. What it removes is still here, is read from here, and is put back. A run that sets no ref, such as a
dry one, writes nothing into the repository at all.

The format of a loose object is that of gitrepository-layout(5): zlib of ``<kind> <length>``, NUL, content.
"""

import atexit
import hashlib
import math
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from pesquared.errors import PesquaredError
from pesquared.vcs.git import Git

LEVEL = 1  # of compression: these objects are small, and git packs them anew
TRIES = 20  # at a file, while somebody collects garbage around it
READ_ONLY = 0o444


class ObjectError(PesquaredError):
    """New objects cannot be written."""


class ObjectStore:
    """The run's own objects, beside the repository's, on which they build.

    Args:
        folder: where they are kept; created, and removed with all that is in it at the latest when we end.
        repository: the repository's ``objects`` folder.
        algorithm: of its object names, "sha1" or "sha256".
    """

    def __init__(self, folder: Path, repository: Path, algorithm: str) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)  # git refuses to work without it
        except OSError as error:
            raise ObjectError(f"{folder} cannot be made: {error.strerror}", "make room there") from error
        atexit.register(self.remove)  # not with this object: whoever got its git may still read
        self._repository = repository
        self.algorithm = algorithm
        self._waiting: list[str] = []  # names that the repository has not got yet
        self._installed: dict[str, float] = {}  # name → when, by the monotonic clock; oldest first

    def behind(self, git: Git) -> Git:
        """Git that reads both and writes here."""
        return git.with_variables(
            GIT_OBJECT_DIRECTORY=str(self.folder), GIT_ALTERNATE_OBJECT_DIRECTORIES=_quoted(self._repository)
        )

    def write(self, kind: str, content: bytes) -> str:
        """Keeps an object ("blob", "tree", "commit"); returns its name.

        Raises:
            ObjectError: the disk is full, or not to be written.
        """
        whole = b"%s %d\0%s" % (kind.encode("ascii"), len(content), content)
        name = hashlib.new(self.algorithm, whole, usedforsecurity=False).hexdigest()
        target = _loose(self.folder, name)
        if not target.exists():
            try:
                _place(target, lambda aside: aside.write_bytes(zlib.compress(whole, LEVEL)))
            except OSError as error:
                raise ObjectError(
                    f"{self.folder} cannot be written: {error.strerror}", "make room there"
                ) from error
            self._waiting.append(name)
        return name

    def take_in(self) -> None:
        """Learns of the objects that git itself has written here."""
        known = {*self._waiting, *self._installed}
        for folder in self.folder.glob("[0-9a-f][0-9a-f]"):
            found = (folder.name + path.name for path in folder.iterdir() if path.name.isalnum())
            self._waiting += [name for name in found if name not in known]

    def install(self) -> None:
        """Copies new objects into the repository.

        Raises:
            ObjectError: the repository cannot be written.
        """
        while self._waiting:
            self._copy(self._waiting[-1])
            self._installed[self._waiting.pop()] = time.monotonic()

    def restore(self, git: Git, recent_s: float = math.inf) -> bool:
        """Puts back what was installed and is gone from the repository; says whether there was any.

        Args:
            git: sees only the repository's objects.
            recent_s: only what was installed within so many seconds is looked for.
        """
        oldest = time.monotonic() - recent_s
        recent = takewhile(lambda name: self._installed[name] >= oldest, reversed(self._installed))
        repository = str(self._repository)
        gone = [name for name in recent if not os.path.lexists(f"{repository}/{name[:2]}/{name[2:]}")]
        if not gone:
            return False
        request = "".join(f"{name}\n" for name in gone).encode("ascii")
        answers = git.run("cat-file", "--batch-check=%(objecttype)", stdin=request).splitlines()
        # What is not missing stands in a pack by now.
        missing = [name for name, said in zip(gone, answers, strict=True) if said.endswith(b" missing")]
        for name in missing:
            self._copy(name)
        return bool(missing)

    def remove(self) -> None:
        """Forgets all: what refs reach is in the repository."""
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.remove)

    def _copy(self, name: str) -> None:
        source, target = _loose(self.folder, name), _loose(self._repository, name)
        try:
            if not target.exists():
                _place(target, lambda aside: shutil.copyfile(source, aside))
        except OSError as error:
            raise ObjectError(
                f"{self._repository} cannot be written: {error.strerror}",
                "branches and notes need a repository that can be written, with room on its disk",
            ) from error


def _loose(objects: Path, name: str) -> Path:
    return objects / name[:2] / name[2:]


def _place(target: Path, fill: Callable[[Path], object]) -> None:
    """Under another name first: whoever looks sees the whole object or none."""
    for left in reversed(range(TRIES)):
        with suppress(FileExistsError):  # also of one that is gone again when pathlib looks whether it is a folder
            target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"tmp_obj_{secrets.token_hex(8)}")  # git knows such names for leftovers
        try:
            fill(aside)
            aside.chmod(READ_ONLY)
            aside.replace(target)
        except FileNotFoundError:  # a collection has removed the empty folder, or the leftover
            if left == 0:
                raise
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        else:
            return


def _quoted(folder: Path) -> str:
    """A path as GIT_ALTERNATE_OBJECT_DIRECTORIES takes it, whatever stands in its name: see git(1)."""
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}" for byte in os.fsencode(folder)
    )
    return f'"{escaped}"'
