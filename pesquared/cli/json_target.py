"""Where ``--json`` goes: standard output, or a file that is written whole or not at all."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from pesquared.errors import PesquaredError, UsageError
from pesquared.reporters.json_document import render


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
        if given == "-":
            return cls(None, takes_stdout=True)
        path = Path(str(given)).absolute()
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise UsageError(f"--json {path}: cannot be written", "name a file in a folder that can be written")
        return cls(path, takes_stdout=False)

    def write(self, document: Mapping[str, object]) -> None:
        if self.takes_stdout:
            click.echo(render(document), nl=False)
        elif self.path is not None:
            self._write_whole(self.path, render(document))

    def _write_whole(self, path: Path, text: str) -> None:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            raise PesquaredError(
                f"--json {path}: {error.strerror}", "the result is on the terminal above"
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
