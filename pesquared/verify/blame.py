"""What goes wrong in a user's own verifier is reported as theirs, with file and line, not as an error of ours."""

import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, SupportsFloat

from pesquared.core.running import RunResult
from pesquared.errors import PesquaredError, UsageError
from pesquared.verify.verifier import PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace

_OURS = "pesquared."
NO_METRIC = (ValueError, LookupError, ArithmeticError)  # what reading an unexpected output raises


def answerable(verifier: PerformanceVerifier) -> PerformanceVerifier:
    """``verifier``, with exceptions and unusable answers as a UsageError that names its file. Ours as it is."""
    if not files_of(type(verifier)):
        return verifier

    class Named(_Answerable):
        metric_name: ClassVar[str] = verifier.metric_name
        higher_is_better: ClassVar[bool] = verifier.higher_is_better
        deterministic: ClassVar[bool] = verifier.deterministic

    return Named(verifier)


class _Answerable(PerformanceVerifier):
    def __init__(self, inner: PerformanceVerifier) -> None:
        super().__init__(inner.settings)
        self._inner = inner
        self._files = files_of(type(inner))

    def build(self, workspace: Workspace) -> RunResult | None:
        with blamed(self._files):
            return self._a_run("build", self._inner.build(workspace))

    def prepare(self, workspace: Workspace) -> RunResult | None:
        with blamed(self._files):
            return self._a_run("prepare", self._inner.prepare(workspace))

    def test(self, workspace: Workspace, suite: Suite) -> RunResult | None:
        with blamed(self._files):
            return self._a_run("test", self._inner.test(workspace, suite))

    def bench(self, workspace: Workspace) -> RunResult:
        with blamed(self._files):
            result = self._a_run("bench", self._inner.bench(workspace))
        if result is None:
            raise self._unusable("bench", result)
        return result

    def metric(self, result: RunResult) -> float | None:
        with blamed(self._files, passing=NO_METRIC):
            value: object = self._inner.metric(result)
        if value is None:
            return None
        if not isinstance(value, SupportsFloat):
            raise self._unusable("metric", value)
        return float(value)

    def _a_run(self, method: str, result: object) -> RunResult | None:
        if result is None or isinstance(result, RunResult):
            return result
        raise self._unusable(method, result)

    def _unusable(self, method: str, value: object) -> UsageError:
        kind = type(self._inner)
        wanted = "a number or None" if method == "metric" else "what workspace.run() returns"
        return UsageError(
            f"{self._files[0]}: {kind.__name__}.{method}() returns {type(value).__name__}, not {wanted}",
            "mend the file",
        )


@contextmanager
def blamed(files: tuple[str, ...], passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns an exception that passed through one of the user's ``files`` into a UsageError that names the line.

    Their code may raise anything, so anything is caught here; what is not theirs, or is our own error, goes on.

    Args:
        files: as tracebacks name them.
        passing: exceptions that mean something to the caller.
    """
    try:
        yield
    except PesquaredError:
        raise
    except passing:
        raise
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
        if not frames:
            raise
        where = f"{_shown(frames[-1].filename)}:{frames[-1].lineno}"
        raise UsageError(f"{where}: {type(error).__name__}: {error}", "mend the file") from error


def _shown(file: str) -> str:
    """As a user would type it: relative below the current folder."""
    here = Path.cwd()
    return str(Path(file).relative_to(here)) if Path(file).is_relative_to(here) else file


def files_of(kind: type[PerformanceVerifier]) -> tuple[str, ...]:
    """Files of the classes that ``kind`` is made of, but ours."""
    foreign = (cls for cls in kind.__mro__ if not (cls.__module__ + ".").startswith(_OURS) and cls is not object)
    return tuple(dict.fromkeys(_file_of(cls) for cls in foreign if cls.__module__ != "abc"))


def _file_of(kind: type) -> str:
    try:
        return inspect.getfile(kind)
    except (OSError, TypeError):  # made at run time
        return kind.__module__
