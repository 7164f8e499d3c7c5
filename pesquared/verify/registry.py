"""Finds a verifier by name, by ``path/to/file.py:Class``, or among the entry points ``pesquared.verifiers``."""

import ast
import importlib.util
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pesquared.core.registry import Registry
from pesquared.core.settings import Settings
from pesquared.errors import UsageError
from pesquared.verify.blame import blamed
from pesquared.verify.making import made
from pesquared.verify.verifier import PerformanceVerifier

GROUP = "pesquared.verifiers"
_NAMED = 5
_AS_FILE = "give it as path/to/file.py:Class"

VERIFIERS: Registry[type[PerformanceVerifier]] = Registry(
    "verifier",
    {
        "command": "pesquared.verifiers.command:CommandVerifier",
        "google-benchmark": "pesquared.verifiers.google_benchmark:GoogleBenchmarkVerifier",
        "catch2": "pesquared.verifiers.catch2:Catch2Verifier",
        "junit": "pesquared.verifiers.junit:JUnitVerifier",
        "junit-times": "pesquared.verifiers.junit:JUnitTimesVerifier",
        "hyperfine": "pesquared.verifiers.hyperfine:HyperfineVerifier",
        "pytest-benchmark": "pesquared.verifiers.pytest_benchmark:PytestBenchmarkVerifier",
        "number": "pesquared.verifiers.number:NumberVerifier",
        "callgrind": "pesquared.verifiers.callgrind:CallgrindVerifier",
        "perf-stat": "pesquared.verifiers.perf_stat:PerfStatVerifier",
        "peak-memory": "pesquared.verifiers.peak_memory:PeakMemoryVerifier",
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
    if spec.endswith(".py") and Path(spec).is_file():
        raise UsageError(f"{spec}: which class of it?", _classes_of(Path(spec)))
    if spec not in VERIFIERS:
        for entry in entry_points(group=GROUP, name=spec):
            return _checked(_loaded(entry), spec)
    if spec.endswith(".py"):
        raise _no_file(Path(spec))
    return VERIFIERS.load(spec)


def make_verifier(spec: str, settings: Settings) -> PerformanceVerifier:
    """An instance of the class behind ``--verifier``.

    Raises:
        UsageError: as ``load_verifier``, or what its ``__init__`` raises.
    """
    return made(load_verifier(spec), settings)


def _loaded(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # their package may raise anything, SystemExit included
        why = f"{type(error).__name__}: {error}"
        raise UsageError(
            f"verifier {entry.name!r} ({entry.value}) cannot be loaded: {why}", "mend or remove its package"
        ) from error


def _from_file(path: Path, name: str) -> type[PerformanceVerifier]:
    module_spec = importlib.util.spec_from_file_location(f"pesquared_user_verifier_{path.stem}", path)
    if not path.is_file() or module_spec is None or module_spec.loader is None:
        raise _no_file(path)
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OSError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UsageError(f"{path}{line}: {type(error).__name__}: {error}", "mend the file") from error
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module.__name__] = module  # dataclasses and tracebacks look there
    with blamed((str(module_spec.origin),)):
        module_spec.loader.exec_module(module)
    if not hasattr(module, name):
        raise UsageError(f"{path} defines no {name!r}", _classes_of(path))
    return _checked(getattr(module, name), f"{path}:{name}")


def _no_file(path: Path) -> UsageError:
    return UsageError(f"there is no verifier file {path}", _AS_FILE)


def _classes_of(path: Path) -> str:
    """A hint: the classes that the file defines, by its text alone."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, OSError):
        return _AS_FILE
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    return f"give it as {' or '.join(f'{path}:{name}' for name in names[:_NAMED])}" if names else "it defines none"


def _checked(found: object, spec: str) -> type[PerformanceVerifier]:
    if not (isinstance(found, type) and issubclass(found, PerformanceVerifier)):
        raise UsageError(
            f"{spec} is not a PerformanceVerifier", "derive the class from pesquared.PerformanceVerifier"
        )
    missing = sorted(getattr(found, "__abstractmethods__", ()))
    if missing:
        raise UsageError(f"{spec} lacks {', '.join(missing)}()", "see verifiers/README.md")
    return found
