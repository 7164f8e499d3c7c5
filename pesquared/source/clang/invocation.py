"""One call of a compiler, as some build system wrote it down: foreign, not yet filtered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invocation:
    """A file and the command line that compiles it."""

    directory: str  # where it runs
    file: str  # as named there
    argv: tuple[str, ...]  # program first
