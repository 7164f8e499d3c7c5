"""``pesquared trust CODEBASE``: let a code base's own configuration decide more than how it is built."""

import os
from pathlib import Path

import click

from pesquared.cli import places
from pesquared.cli.configuration import FILE_NAME, FREE_SECTIONS, read_file
from pesquared.errors import UsageError


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path))
def trust(codebase: Path) -> None:
    """Let CODEBASE's pesquared.toml set [model], [prompts] and [sandbox] too.

    The file's hash is stored: after any change to it, it has to be trusted again.
    """
    path = codebase / FILE_NAME
    if not path.is_file():
        raise UsageError(f"{codebase} has no {FILE_NAME}", "there is nothing to trust")
    closed = [f"[{section}]" for section in read_file(path) if section not in FREE_SECTIONS]
    stored = places.trust(places.state_folder(os.environ), path)
    click.echo(f"trusted: {path} ({', '.join(closed) or 'no closed sections'}), SHA-256 {stored[:16]}…")
