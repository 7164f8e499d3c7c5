"""What ``[accept] also`` names: a compiler, options, or one with the other: "clang -O3", "-O2 -m32", "gcc-12"."""

import re
import shlex
from dataclasses import dataclass

from pesquared.errors import UsageError

_COMPILER = re.compile(r"(?:gcc|clang)(?:-[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class OtherBuild:
    """One entry of ``[accept] also``."""

    text: str  # as the user wrote it
    compiler: str  # "" means: whatever the build takes
    options: tuple[str, ...]


def other_builds(entries: tuple[str, ...]) -> tuple[OtherBuild, ...]:
    """The entries, read.

    Raises:
        UsageError: an entry is neither a compiler nor options, nor the one with the other behind it.
    """
    return tuple(_parsed(entry) for entry in entries)


def _parsed(entry: str) -> OtherBuild:
    try:
        words = shlex.split(entry)
    except ValueError as error:
        raise UsageError(f"[accept] also: {entry!r}: {error}", "balance the quotes") from error
    compiler = words.pop(0) if words and not words[0].startswith("-") else ""
    if not (compiler or words) or (compiler and not _COMPILER.fullmatch(compiler)):
        raise UsageError(
            f"[accept] also: {entry!r} does not begin with gcc, clang or an option", 'write "clang -O3" or "-O2"'
        )
    return OtherBuild(entry, compiler, tuple(words))
