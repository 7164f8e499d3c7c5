"""A code base as it stands, opened to be looked at: nothing in it is written, and what it runs is confined."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pesquared.cli import places
from pesquared.core.running import Purpose
from pesquared.core.settings import Settings
from pesquared.errors import UsageError
from pesquared.source import DependencyExtractor
from pesquared.source.languages import Keep, Run

INDEX_FOLDER = "index"


@dataclass(frozen=True, slots=True)
class Looking:
    """The extractor for a code base, and whether its build system could be asked."""

    extractor: DependencyExtractor
    notes: tuple[str, ...]


def look(codebase: Path, settings: Settings, environ: Mapping[str, str], keep: Keep | None = None) -> Looking:
    """Opens ``codebase``; its build system is asked for compile flags only where a sandbox confines it.

    Raises:
        UsageError: it is no folder.
    """
    if not codebase.is_dir():
        raise UsageError(f"{codebase} is not a folder", "give the folder of the code base")
    root = codebase.resolve()
    run, notes = _confined(root, settings, environ)
    return Looking(DependencyExtractor.for_codebase(root, run, keep=keep), notes)


def _confined(root: Path, settings: Settings, environ: Mapping[str, str]) -> tuple[Run | None, tuple[str, ...]]:
    from pesquared.sandbox import choose
    from pesquared.verify.workspace import Workspace

    choice = choose(environ, settings.sandbox)
    if not (choice.sandbox.confines and choice.sandbox.read_only_trees):
        return None, ("no sandbox holds here, so that cmake and make were not asked for compile flags",)
    workspace = Workspace(root, root, choice.sandbox, settings.build.timeout_s, purpose=Purpose.BUILD)
    return workspace.run, ()


def index_folder(codebase: Path, environ: Mapping[str, str]) -> Path:
    """Where the index of the code base is kept: below the state folder, by the code base's path.

    Raises:
        UsageError: it would lie inside the code base, or cannot be made.
    """
    root = codebase.resolve()
    name = sha256(bytes(root)).hexdigest()[:16]
    return places.state_folder(environ, outside=root) / INDEX_FOLDER / name
