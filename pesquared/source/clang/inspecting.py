"""Says how well a code base can be read, for a user who wonders why something is missing."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from pesquared.core.inspection import Inspection, UnitProblem
from pesquared.source.clang.arguments import UNIT_SUFFIXES

if TYPE_CHECKING:
    from pesquared.source.clang.index import ClangIndex

_UNITS = "SELECT file, failure, problems, fatal FROM unit ORDER BY fatal DESC, file"


def inspect(index: "ClangIndex") -> Inspection:
    """Reads the whole code base if it has not been read; without an index, only the compile commands are told."""
    database = index.database
    sources = [name for name in index.tree.files if PurePosixPath(name).suffix in UNIT_SUFFIXES]
    store = index.shelf.current(index) if index.shelf is not None else None
    problems: list[UnitProblem] = []
    definitions = 0
    if store is not None:
        for file, failure, texts, fatal in store.connection.execute(_UNITS):
            told = msgspec.json.decode(texts, type=list[str])
            if failure or told:
                problems.append(UnitProblem(file, failure or told[0], bool(fatal or failure)))
        definitions = store.connection.execute("SELECT count(*) FROM definition").fetchone()[0]
    return Inspection(
        origin=database.origin,
        confidence=database.confidence,
        units=len(database.commands),
        sources=len(sources),
        without=tuple(name for name in sources if name not in database.commands),
        problems=tuple(problems),
        definitions=definitions,
        notes=(*database.notes, *(index.shelf.notes if index.shelf is not None else ())),
    )
