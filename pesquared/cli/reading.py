"""How well a code base can be read, and what to do about it: a part of ``pesquared doctor``."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pesquared.cli.context import INDEX_SECONDS, show_progress
from pesquared.cli.looking import index_folder, look
from pesquared.core.inspection import Inspection
from pesquared.core.settings import Settings
from pesquared.core.words import counted
from pesquared.source.languages import Keep

GOOD, BAD, ABSENT = "ok", "!!", "--"
MOST = 10
_REMEDY = (
    "make compile_commands.json: cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, meson, or: bear -- make; "
    "with Bazel: bazel aquery 'mnemonic(CppCompile, //...)' --output=jsonproto > aquery.json"
)
_HEADERS = "build the code base once where headers are generated, then make compile_commands.json anew"


def reading(codebase: Path, settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Marks and lines: whence its compile commands, for how many files, what is missing; () without C or C++."""
    keep = Keep(index_folder(codebase, environ), 10 * INDEX_SECONDS, progress=show_progress)
    looking = look(codebase, settings, environ, keep)
    found = looking.extractor.index.inspect()
    if found.sources:
        yield from _lines(found)
        yield from ((ABSENT, note) for note in (*looking.notes, *found.notes))


def _lines(found: Inspection) -> Iterator[tuple[str, str]]:
    sure = found.confidence == "high"
    told = f"compile commands: {found.origin} (confidence: {found.confidence}), {counted(found.units, 'file')}"
    yield (GOOD, told) if sure else (BAD, f"{told}; {_REMEDY}")
    if found.without:
        told = f"{len(found.without)} of {found.sources} source files have no command and borrow flags"
        yield ABSENT, f"{told}: {_some(found.without)}"
    yield GOOD, f"functions found: {found.definitions}"
    fatal = [one for one in found.problems if one.fatal]
    if fatal:
        yield BAD, f"{counted(len(fatal), 'file')} cannot be read whole; {_HEADERS}"
    for one in found.problems[:MOST]:
        yield (BAD if one.fatal else ABSENT), f"{one.file}: {one.problem}"
    if len(found.problems) > MOST:
        yield ABSENT, f"and {len(found.problems) - MOST} more with errors"


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
