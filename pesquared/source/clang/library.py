"""The one place that loads libclang and finds the built-in headers that belong to it."""

import importlib.metadata
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pesquared.errors import PesquaredError

_REMEDY = "reinstall the dependencies: pip install libclang==18.1.1 clang-tidy==18.1.8"

try:
    from clang import cindex
except ImportError as error:
    raise PesquaredError("libclang's Python package is not installed", _REMEDY) from error

__all__ = ["cindex", "parse", "resource_directory"]

# The detailed record brings macros and includes and costs nothing measurable. Keep-going, which the Python
# package has no name for, goes on after a header that is missing; without it the rest of the unit is lost.
_DETAILED_PREPROCESSING_RECORD = 0x01
_KEEP_GOING = 0x200


@cache
def resource_directory() -> Path:
    """The folder of stddef.h and the intrinsics of libclang's own version.

    The libclang wheel has none, and those of gcc fail on x86 intrinsics; the clang-tidy wheel of the same major
    version carries them.

    Raises:
        PesquaredError: they are not installed.
    """
    try:
        major = importlib.metadata.version("libclang").partition(".")[0]
        wheel = importlib.metadata.distribution("clang-tidy")
    except importlib.metadata.PackageNotFoundError as error:
        raise PesquaredError(f"the package {error.name} is not installed", _REMEDY) from error
    directory = Path(str(wheel.locate_file(f"clang_tidy/data/lib/clang/{major}")))
    if not (directory / "include" / "stddef.h").is_file():
        raise PesquaredError(f"libclang {major}'s built-in headers are not in {directory}", _REMEDY)
    return directory


def version() -> str:
    """Libclang's version."""
    return importlib.metadata.version("libclang")


@cache
def _index() -> Any:
    try:
        return cindex.Index.create()
    except cindex.LibclangError as error:
        raise PesquaredError(f"libclang cannot be loaded: {error}", _REMEDY) from error


def load() -> None:
    """Loads libclang, so that processes forked from here need not; nothing is parsed.

    Raises:
        PesquaredError: it, or its built-in headers, are not there.
    """
    resource_directory()
    try:
        cindex.conf.lib  # noqa: B018 - a property that loads it
    except cindex.LibclangError as error:
        raise PesquaredError(f"libclang cannot be loaded: {error}", _REMEDY) from error


def parse(
    path: Path, arguments: Sequence[str], *, detailed: bool = True, unsaved: Mapping[str, bytes] | None = None
) -> Any | None:
    """The translation unit (``clang.cindex.TranslationUnit``) of ``path``, or None where libclang gives none.

    Args:
        path: the file.
        arguments: how it is compiled.
        detailed: macros and includes are wanted, too.
        unsaved: what files would hold, by their absolute paths, where that is not what they hold.
    """
    options = _KEEP_GOING | (_DETAILED_PREPROCESSING_RECORD if detailed else 0)
    try:
        return _index().parse(
            os.fsencode(path),
            args=[os.fsencode(word) for word in (*arguments, "-resource-dir", str(resource_directory()))],
            unsaved_files=[(os.fsencode(name), content) for name, content in (unsaved or {}).items()],
            options=options,
        )
    except cindex.TranslationUnitLoadError:
        return None
