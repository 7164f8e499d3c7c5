"""What goes wrong in a user's own verifier is reported as theirs, with file and line, not as an error of ours."""

import inspect
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import SupportsFloat

from pesquared.core.running import RunResult
from pesquared.core.settings import Settings
from pesquared.core.verdict import Evidence
from pesquared.errors import PesquaredError, UsageError
from pesquared.sandbox.counting import Counting
from pesquared.verify.own_metric import half_a_metric
from pesquared.verify.verifier import UNREADABLE, Metric, PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace

_OURS = "pesquared."
_ATTRIBUTES = {
    "metric_name": str,
    "higher_is_better": bool,
    "deterministic": bool,
    "is_time": bool,
    "evidence": Evidence,
}
_METRIC = "a number, a mapping of names to numbers, or None"


class VerifierError(UsageError):
    """A user's verifier raises what it must not, or gives an answer that cannot be used.

    On the unchanged code that ends the run. A candidate may print what nobody thought of: it is wrong then.
    """


def answerable(verifier: PerformanceVerifier) -> PerformanceVerifier:
    """``verifier``, with exceptions and unusable answers as a VerifierError that names its file. Ours as it is."""
    return _Answerable(verifier) if files_of(type(verifier)) else verifier


class _Answerable(PerformanceVerifier):
    def __init__(self, inner: PerformanceVerifier) -> None:
        self._inner = inner
        self._files = files_of(type(inner))
        with blamed(self._files):
            settings = getattr(inner, "settings", None)
        if not isinstance(settings, Settings):
            raise self._mend("settings are missing: its __init__ must call super().__init__(settings)")
        super().__init__(settings)
        self._take_attributes()
        if type(inner).calibrate is PerformanceVerifier.calibrate:  # else it may still find out what it measures
            self._require_a_whole_metric()

    def _take_attributes(self) -> None:
        for name, kind in _ATTRIBUTES.items():
            with blamed(self._files):
                value: object = getattr(self._inner, name)
            if not isinstance(value, kind):
                raise self._mend(f"{name} is {value!r}, not {'an' if kind is Evidence else 'a'} {kind.__name__}")
            setattr(self, name, value)

    def _require_a_whole_metric(self) -> None:
        if missing := half_a_metric(self._inner):
            what, line = missing
            fix = 'name it: metric_name = "requests/s"; or take metric() away, and time is measured'
            raise self._mend(what, line=line, fix=fix if line else "write the metric(), or take the name away")

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
        counting = Counting(workspace.sandbox)  # the time of one run is what counts: a second would not
        with blamed(self._files):
            result = self._a_run("bench", self._inner.bench(replace(workspace, sandbox=counting)))
        if result is None:
            raise self._unusable("bench", result)
        if counting.runs != 1:
            what = f"bench() runs {counting.runs} commands; it must be exactly one workspace.run"
            raise self._mend(what, fix="put what belongs together into one command line, all else into prepare()")
        return result

    def calibrate(self, workspace: Workspace) -> RunResult | None:
        with blamed(self._files):
            result = self._a_run("calibrate", self._inner.calibrate(workspace))
        self._take_attributes()  # it may have found out what its figures are worth
        self._require_a_whole_metric()
        return result

    def metric(self, result: RunResult) -> Metric:
        with blamed(self._files, passing=UNREADABLE):
            value: object = self._inner.metric(result)
        if isinstance(value, Mapping):
            for name, one in value.items():
                if not isinstance(name, str) or not isinstance(one, SupportsFloat):
                    raise self._unusable("metric", value, _METRIC)
            return {name: float(one) for name, one in value.items()}
        if value is None:
            return None
        if not isinstance(value, SupportsFloat):
            raise self._unusable("metric", value, _METRIC)
        return float(value)

    def frames_of(self, benchmark: str) -> tuple[str, ...]:
        with blamed(self._files):
            value: object = self._inner.frames_of(benchmark)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise self._unusable("frames_of", value, "texts in a list")
        return tuple(value)

    def comparable(self, stream: str, data: bytes) -> bytes:
        with blamed(self._files, passing=UNREADABLE):
            value: object = self._inner.comparable(stream, data)
        if not isinstance(value, bytes):
            raise self._unusable("comparable", value, "bytes")
        return value

    @property
    def compares(self) -> bool:
        with blamed(self._files):
            return self._inner.compares

    def differs(self, stream: str, expected: bytes, actual: bytes) -> str | None:
        with blamed(self._files, passing=UNREADABLE):
            value: object = self._inner.differs(stream, expected, actual)
        if value is not None and not isinstance(value, str):
            raise self._unusable("differs", value, "a text or None")
        return value or None

    def _a_run(self, method: str, result: object) -> RunResult | None:
        if result is None or isinstance(result, RunResult):
            return result
        raise self._unusable(method, result)

    def _unusable(self, method: str, value: object, wanted: str = "what workspace.run() returns") -> VerifierError:
        return self._mend(f"{method}() returns {type(value).__name__}, not {wanted}", separator=".")

    def _mend(
        self, what: str, separator: str = ": ", line: int | None = None, fix: str = "mend the file"
    ) -> VerifierError:
        place = f"{shown(self._files[0])}{f':{line}' if line else ''}"
        return VerifierError(f"{place}: {type(self._inner).__name__}{separator}{what}", fix)


@contextmanager
def blamed(files: tuple[str, ...], passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns an exception that passed through one of the user's ``files`` into a VerifierError that names the line.

    Their code may raise anything, so anything is caught here; what is not theirs, or is our own error, goes on.
    A ``sys.exit(0)`` of theirs would end the program with the exit code that says "faster".

    Args:
        files: as tracebacks name them.
        passing: exceptions that mean something to the caller; ``in_words`` names the line of these, too.
    """
    try:
        yield
    except (PesquaredError, KeyboardInterrupt, GeneratorExit):
        raise
    except passing as error:
        if where := _line_in(files, error):
            error.add_note(f"{where}: {_named(error)}")
        raise
    except BaseException as error:
        where = _line_in(files, error)
        if not where and not (files and _exits(error)):
            raise
        where = where or shown(files[0])
        raise VerifierError(f"{where}: {_named(error)}", "mend the file") from error


def in_words(error: Exception) -> str:
    """What an exception that may pass says, after the user's file and line if it came from there."""
    return next(iter(getattr(error, "__notes__", ())), "") or str(error) or type(error).__name__


def _line_in(files: tuple[str, ...], error: BaseException) -> str:
    """The innermost line of ``files`` that ``error`` passed through, "" if none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f"{shown(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


def _exits(error: BaseException) -> bool:
    """Would it end the program without a word?"""
    return not isinstance(error, Exception)


def _named(error: BaseException) -> str:
    said = str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def shown(file: str) -> str:
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
