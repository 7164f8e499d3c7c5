"""Reads bytes with one of the profile readers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pesquared.core.profile import Diagnostic


def reading(path: Path, reader: Any) -> Callable[[bytes], tuple[list[Any], list[str]]]:
    """A function from a file's bytes to what ``reader`` makes of them and what it says about them."""

    def read(content: bytes) -> tuple[list[Any], list[str]]:
        path.write_bytes(content)
        diagnostics: list[Diagnostic] = []
        return list(reader.read(path, diagnostics)), [diagnostic.message for diagnostic in diagnostics]

    return read


def weighed(samples: list[Any]) -> list[tuple[tuple[str, ...], float]]:
    """Only frames and weights."""
    return [(sample.frames, sample.weight) for sample in samples]
