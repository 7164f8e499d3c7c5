"""Which parsers there are; a language is one line here and a sub-package that brings a ``SourceIndex``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pesquared.core.protocols import SourceIndex
from pesquared.core.registry import Registry
from pesquared.core.running import RunResult

Run = Callable[[str], RunResult]
"""Runs a shell command line in the code base's folder, confined; what the code base makes it do stays in there."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Where an index of the whole code base is kept, and how long bringing it up to date may take."""

    folder: Path
    seconds: float = float("inf")
    least: int = 0  # a code base of fewer units is read as it is asked for
    progress: Callable[[int, int], None] | None = None  # is told how many units are done, and of how many


class OpenIndex(Protocol):
    """Makes the index of the code base at ``root``.

    Without ``run`` nothing foreign is executed; without ``keep`` only what is asked for is read, and nothing kept.
    """

    def __call__(self, root: Path, run: Run | None = None, keep: Keep | None = None) -> SourceIndex: ...


LANGUAGES: Registry[OpenIndex] = Registry("language", {"clang": "pesquared.source.clang.index:open_index"})
