"""What a compiler says, told in the lines that the model wrote: errors only, each once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from pesquared.core.edits import StaleEdit, apply_edits
from pesquared.core.proposal import Edit
from pesquared.propose.shown import Read

ERROR = re.compile(
    r"(?P<path>[^\s:][^:\n]{0,300}):(?P<line>\d{1,7})(?::\d{1,7})?: (?:fatal )?error: (?P<said>[^\n]{1,300})"
)
LINKER = re.compile(r"[^\n]{0,200}(?:undefined (?:reference|symbol)|multiple definition)[^\n]{0,200}")
MOST = 12


def in_own_lines(detail: str, edits: Sequence[Edit], read: Read) -> str:
    """The errors of a build, as far as they can be told; else ``detail`` as it is.

    Args:
        detail: what the build said.
        edits: of the reply that was built.
        read: gives the files without the edits.
    """
    edited = _edited(edits, read)
    told = list(dict.fromkeys([*_errors(detail, edited), *(line.strip() for line in LINKER.findall(detail))]))
    if not told:
        return detail
    more = [f"and {len(told) - MOST} more"] if len(told) > MOST else []
    return "\n".join([*told[:MOST], *more])


def _errors(detail: str, edited: Mapping[str, Sequence[str]]) -> Iterator[str]:
    seen: set[str] = set()
    for found in ERROR.finditer(detail):
        said = " ".join(found["said"].split())
        name = PurePosixPath(found["path"]).name
        lines = next((text for path, text in edited.items() if PurePosixPath(path).name == name), ())
        number = int(found["line"])
        meant = lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""
        if (said + meant) not in seen:
            seen.add(said + meant)
            yield f"error: {said}" + (
                f"\n    in the line: {meant}" if meant else f"\n    in {name}, line {number}"
            )


def _edited(edits: Sequence[Edit], read: Read) -> dict[str, list[str]]:
    """The lines of the files as they were built."""
    found: dict[str, list[str]] = {}
    for path in {edit.path for edit in edits}:
        try:
            source = apply_edits(read(path), [edit for edit in edits if edit.path == path])
        except (StaleEdit, OSError):
            continue
        found[path] = source.decode("utf-8", "replace").splitlines()
    return found
