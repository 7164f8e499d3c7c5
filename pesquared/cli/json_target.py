"""Where ``--json`` goes: standard output, or a file that is written whole or not at all."""

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from pesquared.errors import PesquaredError, UsageError
from pesquared.reporters.json_document import render

_STDOUT = 1


@dataclass(frozen=True, slots=True)
class JsonTarget:
    """``path`` is None for standard output or for nowhere."""

    path: Path | None
    takes_stdout: bool

    @classmethod
    def open(cls, given: object) -> "JsonTarget":
        """Checks before the run that the file can be written after it."""
        if given is None:
            return cls(None, takes_stdout=False)
        if given == "-" or _is_stdout(Path(str(given))):
            return cls(None, takes_stdout=True)
        path = Path(str(given)).absolute()
        place = path
        if not _is_special(path):
            path = Path(os.path.realpath(path))  # what a link leads to is written, and the link stays
            place = path if path.is_symlink() else path.parent  # still a link: it leads in a circle
        if path.is_dir() or not os.access(place, os.W_OK):
            raise UsageError(f"--json {path}: cannot be written", "name a file in a folder that can be written")
        return cls(path, takes_stdout=False)

    def write(self, document: Mapping[str, object]) -> None:
        """Raises PesquaredError where the file cannot be written; a reader that has gone is no error."""
        if self.takes_stdout:
            click.echo(render(document), nl=False)
            return
        if self.path is None:
            return
        try:
            if _is_special(self.path):
                _write_into(self.path, render(document))
            else:
                _write_whole(self.path, render(document))
        except BrokenPipeError:
            return
        except OSError as error:
            reason = "nobody reads from it" if error.errno == errno.ENXIO else error.strerror
            raise PesquaredError(f"--json {self.path}: {reason}", "the result is on the terminal above") from error


def _is_stdout(path: Path) -> bool:
    """Is it another name of what we write to anyway, as /dev/stdout is?"""
    with suppress(OSError):
        facts = path.stat()
        return not stat.S_ISCHR(facts.st_mode) and os.path.samestat(facts, os.fstat(_STDOUT))
    return False


def _is_special(path: Path) -> bool:
    """A device or a pipe, in whose place no file may be put."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _write_into(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe without a reader: ENXIO
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _write_whole(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
