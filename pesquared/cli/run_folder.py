"""A run's own folder below the state folder: its slots while it lives, its journal and replies for good.

The first thing in it says to which repository the run belongs: whatever a killed run has left, its owner is known.
"""

import errno
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pesquared.errors import PesquaredError
from pesquared.vcs.writer import remove_tree

REPLIES = "replies"
SLOTS = "slots"
OBJECTS = "objects"  # of git: see vcs/objects.py
REPOSITORY = "repository"  # a file that names the repository to which the run belongs
LONGEST_PATH = 4096
LARGE = (SLOTS, OBJECTS)
YOUNG_S = 60.0  # an empty folder may be that of a run that is just beginning


@contextmanager
def run_folder(state: Path, run: str, repository: Path) -> Iterator[Path]:
    """Makes the folder and holds a lock on it. It stays, unless nobody was asked anything in the run.

    Slots and objects of killed runs are removed first: they are the large part, and nothing can be learned from
    them; what refs need of the objects is in the repository.

    Raises:
        PesquaredError: the folder cannot be made or written.
    """
    runs = state / "runs"
    folder = runs / run
    try:
        folder.mkdir(parents=True, mode=0o755)
    except OSError as error:
        raise PesquaredError(
            f"{folder} cannot be made: {error.strerror}", "make room there, or set PESQUARED_STATE_DIR"
        ) from error
    with _locked(folder), _announced(run):
        remember_repository(folder, repository)
        for other in runs.iterdir():
            if other != folder and other.is_dir() and not other.is_symlink():
                _remove_if_abandoned(other)
        try:
            yield folder
        except PesquaredError:
            if not (folder / REPLIES).exists():
                shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:  # also of a run that was stopped at once
            with suppress(OSError):
                _remove_if_bare(folder)


def remember_repository(folder: Path, repository: Path) -> None:
    """Writes down to which repository the run belongs.

    Raises:
        PesquaredError: the disk is full.
    """
    try:
        (folder / REPOSITORY).write_bytes(os.fsencode(repository))
    except OSError as error:
        raise PesquaredError(f"{folder} cannot be written: {error.strerror}", "make room there") from error


def repository_of(folder: Path) -> Path | None:
    """What ``remember_repository`` wrote; None for a run of which nothing is known."""
    try:
        content = (folder / REPOSITORY).read_bytes()[:LONGEST_PATH]
    except OSError:
        return None
    return Path(os.fsdecode(content)) if content and b"\0" not in content else None


def is_alive(folder: Path) -> bool:
    """Does somebody hold the folder's lock?"""
    try:
        with _locked(folder):
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def is_announced(run: str) -> bool:
    """Does the run go on on this host, whatever state folder it uses?"""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(_address(run))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


@contextmanager
def _announced(run: str) -> Iterator[None]:
    # The lock on the folder is seen only by those who know the folder. An abstract socket has a name and no file,
    # and goes with the process: see unix(7).
    with socket.socket(socket.AF_UNIX) as name:
        with suppress(OSError):  # somebody has taken the name: then it is announced all the same
            name.bind(_address(run))
        yield


def _address(run: str) -> bytes:
    return b"\0pesquared-run-" + os.fsencode(run)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, which the system takes back whatever becomes of us."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def is_bare(folder: Path) -> bool:
    """Is there nothing in it that anybody could learn from, or that took anybody to make?"""
    return {path.name for path in folder.iterdir()} <= {REPOSITORY, *LARGE}


def _remove_if_bare(folder: Path) -> None:
    if {path.name for path in folder.iterdir()} <= {REPOSITORY}:
        (folder / REPOSITORY).unlink(missing_ok=True)
        folder.rmdir()


def _remove_if_abandoned(folder: Path) -> None:
    with suppress(OSError, PesquaredError), _locked(folder):  # BlockingIOError: that run is alive
        for part in LARGE:
            if (folder / part).is_dir():
                remove_tree(folder / part)
        if folder.stat().st_mtime < time.time() - YOUNG_S:
            _remove_if_bare(folder)
