"""Finds the hot code in the tree and what surrounds it; one sub-package a language, libclang for C and C++."""

from typing import TYPE_CHECKING

__all__ = ["DependencyExtractor"]

if TYPE_CHECKING:
    from pesquared.source.extractor import DependencyExtractor


def __getattr__(name: str) -> object:
    if name != "DependencyExtractor":
        raise AttributeError(f"module 'pesquared.source' has no attribute {name!r}")
    from pesquared.source.extractor import DependencyExtractor  # noqa: PLC0415

    return DependencyExtractor
