"""Finds a verifier by name, by ``path/to/file.py:Class``, or among the entry points ``pesquared.verifiers``."""

import importlib.util
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path

from pesquared.core.registry import Registry
from pesquared.errors import UsageError
from pesquared.verify.verifier import PerformanceVerifier

GROUP = "pesquared.verifiers"

VERIFIERS: Registry[type[PerformanceVerifier]] = Registry(
    "verifier",
    {
        "command": "pesquared.verifiers.command:CommandVerifier",
        "catch2": "pesquared.verifiers.catch2:Catch2Verifier",
    },
)


def load_verifier(spec: str) -> type[PerformanceVerifier]:
    """The class behind ``--verifier``; "" means the default, ``command``.

    Raises:
        UsageError: no such verifier, or the user's file cannot be used; the message names file and line.
    """
    if not spec:
        return VERIFIERS.load("command")
    path, separator, name = spec.rpartition(":")
    if separator and path.endswith(".py"):
        return _from_file(Path(path), name)
    if spec not in VERIFIERS:
        for entry in entry_points(group=GROUP, name=spec):
            return _checked(entry.load(), spec)
    return VERIFIERS.load(spec)


def _from_file(path: Path, name: str) -> type[PerformanceVerifier]:
    module_spec = importlib.util.spec_from_file_location(f"pesquared_user_verifier_{path.stem}", path)
    if not path.is_file() or module_spec is None or module_spec.loader is None:
        raise UsageError(f"there is no verifier file {path}", "give it as path/to/file.py:Class")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module.__name__] = module  # dataclasses and tracebacks look there
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:  # the user's code may raise anything; it is reported as theirs
        raise UsageError(
            f"{path}:{_line(error, module_spec.origin)}: {type(error).__name__}: {error}", "mend the file"
        ) from error
    if not hasattr(module, name):
        raise UsageError(f"{path} defines no {name!r}", "give it as path/to/file.py:Class")
    return _checked(getattr(module, name), f"{path}:{name}")


def _line(error: Exception, file: str | None) -> int:
    """The last line of the user's file that was running when it failed."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return frames[-1].lineno or 0 if frames else 0


def _checked(found: object, spec: str) -> type[PerformanceVerifier]:
    if not (isinstance(found, type) and issubclass(found, PerformanceVerifier)):
        raise UsageError(
            f"{spec} is not a PerformanceVerifier", "derive the class from pesquared.PerformanceVerifier"
        )
    missing = sorted(getattr(found, "__abstractmethods__", ()))
    if missing:
        raise UsageError(f"{spec} lacks {', '.join(missing)}()", "see verifiers/README.md")
    return found
