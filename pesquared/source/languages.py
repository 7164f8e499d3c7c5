"""Which parsers there are; a language is one line here and a sub-package that brings a ``SourceIndex``."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pesquared.core.protocols import SourceIndex
from pesquared.core.registry import Registry
from pesquared.core.running import RunResult

Run = Callable[[str], RunResult]
"""Runs a shell command line in the code base's folder, confined; what the code base makes it do stays in there."""


class OpenIndex(Protocol):
    """Makes the index of the code base at ``root``. Without ``run`` nothing foreign is executed."""

    def __call__(self, root: Path, run: Run | None = None) -> SourceIndex: ...


LANGUAGES: Registry[OpenIndex] = Registry("language", {"clang": "pesquared.source.clang.index:open_index"})
