"""Temporary folders of the sandbox, locked while they are in use: so those of killed runs can be told, and go."""

import fcntl
import os
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pesquared.sandbox.host_files import NOBODY

PLACES = ("/tmp", "/var/tmp")  # noqa: S108 (folders of our own are made in them)
_PREFIX = "pesquared-"
_NAME = re.compile(r"pesquared-(?:tree|outside|private)-[a-z0-9_]{8}")
_SETTLED_S = 60.0  # between the making of a folder and its locking is a moment
_MOST_AT_ONCE = 1000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def scratch_folder(kind: str, place: str | None = None) -> Iterator[Path]:
    """A new folder of ours; what a program leaves in it goes with it.

    Args:
        kind: "tree", "outside" or "private"; a part of its name.
        place: where it is made; None for the usual place of temporary files.
    """
    folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-", dir=place)
    descriptor = os.open(folder, _FOLDER)
    try:
        with suppress(OSError):  # a file system without locks: then age must tell
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(folder)
    finally:
        _remove(folder)
        os.close(descriptor)


def sweep(places: Iterable[str] = (*PLACES, tempfile.gettempdir())) -> None:
    """Removes folders that killed runs of this user left in ``places``."""
    for path in _candidates(dict.fromkeys(map(os.path.realpath, places))):
        with suppress(OSError):
            descriptor = os.open(path, _FOLDER)
            try:
                facts = os.fstat(descriptor)
                if _is_ours(facts) and time.time() - facts.st_mtime > _SETTLED_S:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: in use
                    _remove(path)
            finally:
                os.close(descriptor)


def _candidates(places: Iterable[str]) -> Iterator[str]:
    left = _MOST_AT_ONCE
    for place in places:
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if left and _NAME.fullmatch(entry.name):
                    left -= 1
                    yield entry.path


def _is_ours(facts: os.stat_result) -> bool:
    """As root, we gave some of them to the user that runs foreign code."""
    owners = {os.geteuid(), NOBODY[0]} if os.geteuid() == 0 else {os.geteuid()}
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid in owners


def _remove(folder: str) -> None:
    """Removes what a program left, which may be too deep for Python or closed to its owner."""
    with suppress(OSError):
        Path(folder).rmdir()  # most leave nothing
        return
    for program in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
        command = (*program, "--", folder)
        subprocess.run(command, env={"PATH": os.defpath}, check=False, capture_output=True, start_new_session=True)
