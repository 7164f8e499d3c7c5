"""``pesquared clean [RUN]``: take away what runs left, after showing it."""

import difflib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from pesquared.cli import places
from pesquared.cli.run_folder import LARGE, is_alive, is_announced, is_bare, repository_of
from pesquared.errors import UsageError
from pesquared.reporters.words import printable
from pesquared.vcs.leavings import Leaving, Leavings
from pesquared.vcs.refs import BASE
from pesquared.vcs.writer import remove_tree


@dataclass(frozen=True, slots=True)
class Remains:
    """What one run left, in git and in its folder below the state folder."""

    run: str
    branches: tuple[Leaving, ...]
    folders: tuple[Path, ...]  # that go
    base: bool = False  # its snapshot is still kept from being collected

    @property
    def any(self) -> bool:
        """Is there anything to take away?"""
        return self.base or bool(self.folders) or any(not branch.keep for branch in self.branches)

    def lines(self) -> Iterator[str]:
        """What goes and what stays, as text."""
        yield f"run {self.run}"
        for branch in self.branches:
            if branch.keep and not branch.gone:
                yield f"  keep    {printable(branch.branch)}: {printable(branch.keep)}"
            elif not branch.gone:
                yield f"  remove  {printable(branch.branch)}"
            elif not branch.keep:
                yield f"  forget  {printable(branch.branch)}, which is gone"
        if self.base:
            yield f"  remove  {BASE}{printable(self.run)}"
        yield from (f"  remove  {printable(str(folder))}" for folder in self.folders)


@click.command()
@click.argument("run", required=False)
@click.option(
    "--codebase",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The code base, or any folder in its repository.  [default: here]",
)
@click.option("--journal", is_flag=True, help="Remove journals and stored replies, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(run: str | None, codebase: Path, *, journal: bool, yes: bool) -> None:
    """Remove what runs left: branches that were not accepted, built trees.

    RUN is a run's name, the middle part of its branches' names; without it all runs of the code base are meant.
    What would go is shown first. A branch that was accepted, is checked out or has been moved stays.
    """
    leavings = Leavings.open(codebase, os.environ)
    folders = _folders(places.state_path(os.environ), leavings)
    unended = leavings.unended()
    remains = [
        Remains(name, leavings.of(name), _what_goes(folders.get(name), journal=journal), name in unended)
        for name in _meant(run, leavings, folders)
    ]
    for one in remains:
        click.echo("\n".join(one.lines()))
    if not any(one.any for one in remains):
        click.echo("nothing to remove")
        return
    if not yes and not sys.stdin.isatty():
        click.echo("nothing was removed: --yes removes it", err=True)
        return
    if yes or click.confirm("Remove this?", err=True):
        for one in remains:
            leavings.remove(one.run)
            for folder in one.folders:
                remove_tree(folder)


def _folders(state: Path, leavings: Leavings) -> dict[str, Path]:
    """The folders of this repository's runs, by the runs' names.

    Only a folder's own word counts: in a copy of a repository, refs name runs whose journals the original needs.
    """
    runs = sorted(path for path in (state / "runs").glob("*") if path.is_dir() and not path.is_symlink())
    return {path.name: path for path in runs if repository_of(path) == leavings.common_dir}


def _meant(run: str | None, leavings: Leavings, folders: dict[str, Path]) -> tuple[str, ...]:
    """The runs that are asked for and over.

    Raises:
        UsageError: the named one is not this repository's, or not over.
    """
    known = sorted({*leavings.runs(), *folders})
    alive = {name for name in known if is_announced(name) or (name in folders and is_alive(folders[name]))}
    if run is None:
        for name in sorted(alive):
            click.echo(f"run {name} is going on, and is left alone", err=True)
        elsewhere = leavings.unended() - folders.keys()
        for name in sorted(elsewhere):
            click.echo(f"run {name} is not known to have ended here: name it to remove what it left", err=True)
        return tuple(name for name in known if name not in alive | elsewhere)
    if run in alive:
        raise UsageError(f"the run {run} is going on", "wait for its end, or stop it with Ctrl-C")
    if run not in known:
        raise _unknown(run, known)
    return (run,)


def _unknown(run: str, known: list[str]) -> UsageError:
    elsewhere = repository_of(places.state_path(os.environ) / "runs" / run) if "/" not in run else None
    if elsewhere is not None:
        return UsageError(f"the run {run} belongs to another repository", f"--codebase {elsewhere.parent}")
    near = difflib.get_close_matches(run, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known[-5:]) or 'none'}"
    return UsageError(f"{run!r} is no run of this repository", hint)


def _what_goes(folder: Path | None, *, journal: bool) -> tuple[Path, ...]:
    if folder is None:
        return ()
    return (
        (folder,)
        if journal or is_bare(folder)
        else tuple(folder / part for part in LARGE if (folder / part).is_dir())
    )
