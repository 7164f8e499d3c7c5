"""Tries a verifier out on a small project, from your own tests: ``check_verifier(MyVerifier, "tests/project")``.

It goes through all that a run would ask of the verifier, in scratch copies, and says what would go wrong there.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from pesquared.cli.configuration import check_names, convert
from pesquared.core.protocols import Sandbox
from pesquared.core.running import Purpose, RunResult
from pesquared.core.settings import Settings
from pesquared.core.verdict import Evidence
from pesquared.errors import PesquaredError, UsageError
from pesquared.sandbox.none import Unconfined
from pesquared.verify.blame import VerifierError, answerable
from pesquared.verify.diagnosis import ending, excerpt
from pesquared.verify.ladder.output import OutputGate
from pesquared.verify.ladder.scrub import Scrubber
from pesquared.verify.making import made
from pesquared.verify.measuring.figures import Figures
from pesquared.verify.trees.files import Writes, changed, read_regular, snapshot
from pesquared.verify.verifier import UNREADABLE, PerformanceVerifier, Suite
from pesquared.verify.workspace import Workspace

__all__ = ["VerifierReport", "check_verifier"]

_RUNS = 3
_TIMEOUT_S = 600.0
_UNEXPECTED = (
    b"",
    b"\x00\xff\xfe",
    b"{" * 5000,
    b'{"a":' * 5000,
    b"<a>" * 1000,
    b"nan",
    b"{}",
    b"[]",
    b"-1\n" * 9,
)


@dataclass(frozen=True, slots=True)
class VerifierReport:
    """What a verifier did on a project.

    Attributes:
        metric_name: as the verifier calls it after its calibration; "" for CPU or wall time.
        evidence: what its figures are worth.
        figures: what each run reported: the cost of each benchmark by name, of a single number under its name.
            Less is better: they are inverted where the verifier says that higher is.
        suites: suites of tests that there are.
        compared: streams whose content shows a wrong result; empty: only tests can.
        writes: files that the benchmark writes, relative to the project.
    """

    metric_name: str
    evidence: Evidence
    figures: tuple[Mapping[str, float], ...]
    suites: frozenset[Suite]
    compared: tuple[str, ...]
    writes: tuple[str, ...]


def check_verifier(
    kind: type[PerformanceVerifier],
    project: str | Path,
    settings: Settings | Mapping[str, Mapping[str, object]] | None = None,
    *,
    breaks: Callable[[Path], None] | None = None,
    sandbox: Sandbox | None = None,
) -> VerifierReport:
    """Builds, tests and benches copies of ``project``, and checks what the verifier answers.

    Checked are: types and attributes; that build and tests pass; that ``bench`` is one run, ends well, writes the
    same files each time and no others than ``[bench] writes`` where that is set; that the metric is there, finite,
    above 0, of the same benchmarks in each run, and equal where it is said to be; that there is something to
    be right by; that unexpected output is no error of the verifier's; and all that again on a second copy.

    Args:
        kind: the verifier.
        project: a folder; it is copied and never written to.
        settings: what the verifier gets, also as ``pesquared.toml`` would say it; the defaults if None.
        breaks: edits a copy of the project so that its result is wrong, but still builds: then the tests must fail
            or the output differ.
        sandbox: where commands run; the bare machine, with your PATH, if None.

    Raises:
        AssertionError: something would go wrong; the message says what and where.
        UsageError: ``settings`` holds what is no setting.
    """
    in_force = _settings(settings)
    runs_in = sandbox or Unconfined.with_tools_of(os.environ)
    with tempfile.TemporaryDirectory(prefix="pesquared-verifier-", ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve() / "project"
        check = _Check(kind, Path(project), in_force, runs_in, place)
        try:
            report, gate = check.learn()
            check.repeat(report, gate)
            if breaks is not None:
                check.must_notice(breaks, report, gate)
        except PesquaredError as error:
            raise AssertionError(f"{kind.__name__}: {error}") from error
    return report


def _settings(given: object) -> Settings:
    if given is None or isinstance(given, Settings):
        return given or Settings()
    if not isinstance(given, Mapping):
        raise UsageError(f"settings= is a {type(given).__name__}", 'give Settings, or a mapping: {"bench": {…}}')
    sections = {str(section): keys for section, keys in given.items()}
    check_names(sections, "settings=")
    return convert(sections, "settings=")


@dataclass(frozen=True, slots=True)
class _Run:
    result: RunResult
    streams: Mapping[str, bytes | None]
    touched: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Check:
    """One verifier on copies of one project."""

    kind: type[PerformanceVerifier]
    project: Path
    settings: Settings
    sandbox: Sandbox
    place: Path  # of each copy in turn: a path may be part of what is built

    def learn(self) -> tuple[VerifierReport, OutputGate]:
        """The whole way a baseline goes, and what its output must be from now on."""
        verifier = self._made()
        with self._built(verifier) as tree:
            suites = frozenset(suite for suite in Suite if self._passes(verifier, tree, suite))
            self._calibrate(verifier, tree)
            runs = self._benched(verifier, tree)
        bench = self.settings.bench
        gate = OutputGate(Scrubber(bench.ignore), bench.tolerance, verifier)
        for run in runs:
            gate.learn(run.streams)
        figures = self._figures(verifier, runs)
        self._must_take_unexpected_output(verifier, runs[0].result)
        if not suites and not gate.comparable:
            self._fail("there is nothing to be right by: no tests, and no output of bench() that stays the same")
        report = VerifierReport(
            verifier.metric_name, verifier.evidence, figures, suites, gate.telling, tuple(sorted(runs[0].touched))
        )
        return report, gate

    def repeat(self, report: VerifierReport, gate: OutputGate) -> None:
        """Another instance, another copy: it must not live on what the first one left."""
        verifier = self._made()
        with self._built(verifier) as tree:
            for suite in report.suites:
                self._passes(verifier, tree, suite)
            self._calibrate(verifier, tree)
            runs = self._benched(verifier, tree)
        if difference := gate.difference(runs[0].streams):
            self._fail(f"bench() on a second copy of the project differs: {difference}")
        figures = self._figures(verifier, runs)
        if figures and figures[0].keys() != report.figures[0].keys():
            self._fail(f"metric() names {sorted(report.figures[0])} on one copy, {sorted(figures[0])} on another")

    def must_notice(self, breaks: Callable[[Path], None], report: VerifierReport, gate: OutputGate) -> None:
        """A copy whose result is wrong must not pass."""
        verifier = self._made()
        with self._built(verifier, breaks) as tree:
            workspace = self._workspace(tree, self.settings.test.timeout_s)
            for suite in report.suites:
                result = verifier.test(workspace, suite)
                if result is None or not result.ok:
                    return
            run = self._bench(verifier, tree)
        if run.result.ok and gate.difference(run.streams) is None:
            self._fail("the edit given as breaks= passes test(), and what bench() prints does not show it")

    def _made(self) -> PerformanceVerifier:
        """A new instance; its exceptions and unusable answers become errors that name its file and line."""
        return answerable(made(self.kind, self.settings))

    @contextmanager
    def _built(
        self, verifier: PerformanceVerifier, edit: Callable[[Path], None] = lambda _: None
    ) -> Iterator[Path]:
        """A copy of the project, built."""
        shutil.copytree(self.project, self.place, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        try:
            edit(self.place)
            workspace = self._workspace(self.place, self.settings.build.timeout_s, Purpose.BUILD)
            self._must_be_well("build()", verifier.build(workspace))
            self._must_be_well("prepare()", verifier.prepare(workspace))
            yield self.place
        finally:
            shutil.rmtree(self.place, ignore_errors=True)

    def _passes(self, verifier: PerformanceVerifier, tree: Path, suite: Suite) -> bool:
        result = verifier.test(self._workspace(tree, self.settings.test.timeout_s), suite)
        self._must_be_well(f"test({suite.value})", result)
        return result is not None

    def _calibrate(self, verifier: PerformanceVerifier, tree: Path) -> None:
        with _put_back(tree):
            try:
                result = verifier.calibrate(self._workspace(tree, _TIMEOUT_S, Purpose.BENCH))
            except UNREADABLE as error:
                self._fail(f"calibrate() cannot read what is printed: {error}")
            self._must_be_well("calibrate()", result)

    def _benched(self, verifier: PerformanceVerifier, tree: Path) -> list[_Run]:
        """Runs that end well and write the same files, those that are declared if any are."""
        runs = [self._bench(verifier, tree) for _ in range(_RUNS)]
        declared = Writes(patterns=self.settings.bench.writes)
        for run in runs:
            self._must_be_well("bench()", run.result)
            strays = sorted(path for path in run.touched if declared and not declared.match(path))
            if strays:
                self._fail(f"bench() writes {', '.join(strays[:3])}, which [bench] writes does not name")
            if not declared and run.touched != runs[0].touched:
                odd = sorted(run.touched ^ runs[0].touched)
                self._fail(f"bench() writes other files from run to run: {', '.join(odd[:3])}")
        return runs

    def _bench(self, verifier: PerformanceVerifier, tree: Path) -> _Run:
        with _put_back(tree):
            before = snapshot(tree)
            timeout_s = self.settings.bench.timeout_s or _TIMEOUT_S
            result = verifier.bench(self._workspace(tree, timeout_s, Purpose.BENCH))
            touched = frozenset(changed(before, snapshot(tree)))
            return _Run(
                result, {name: _stream(name, result, tree) for name in self._streams(touched, tree)}, touched
            )

    def _streams(self, touched: frozenset[str], tree: Path) -> tuple[str, ...]:
        """What is compared in a run: as declared, and every file it writes."""
        written = (f"file:{path}" for path in sorted(touched) if read_regular(tree, path) is not None)
        return tuple(dict.fromkeys((*self.settings.bench.compare, *written)))

    def _figures(self, verifier: PerformanceVerifier, runs: list[_Run]) -> tuple[Mapping[str, float], ...]:
        """What the runs report; nothing without a metric of the verifier's own."""
        if not verifier.metric_name:
            return ()
        reader = Figures(verifier)
        figures = [reader.read(run.result) for run in runs]
        for figure in figures:
            if figure.cost is None:
                self._fail(f"metric() of {verifier.metric_name}: {figure.problem}")
        costs = {figure.cost for figure in figures}
        if verifier.deterministic and len(costs) != 1:
            self._fail(f"metric() is said to be deterministic, but its costs are {costs}")
        for name in figures[0].parts:
            verifier.frames_of(name)
        return tuple(figure.parts or {verifier.metric_name: figure.cost or 0.0} for figure in figures)

    def _must_take_unexpected_output(self, verifier: PerformanceVerifier, like: RunResult) -> None:
        """A candidate may print anything: that is no figure, or a wrong output, never an error in the verifier."""
        for data in _UNEXPECTED:
            with contextlib.suppress(*UNREADABLE, VerifierError):
                verifier.metric(replace(like, stdout=data, stderr=data))
            for stream in self.settings.bench.compare:
                with contextlib.suppress(*UNREADABLE, VerifierError):
                    verifier.comparable(stream, data)

    def _workspace(self, tree: Path, timeout_s: float, purpose: Purpose = Purpose.TEST) -> Workspace:
        return Workspace(tree, tree, self.sandbox, timeout_s, writable=True, purpose=purpose)

    def _must_be_well(self, method: str, result: RunResult | None) -> None:
        if result is not None and not result.ok:
            self._fail(f"{method} {ending(result)} on the project\n{excerpt(result)}".rstrip())

    def _fail(self, what: str) -> NoReturn:
        raise AssertionError(f"{self.kind.__name__}: {what}")


@contextmanager
def _put_back(tree: Path) -> Iterator[None]:
    """Whatever is done to the tree is undone."""
    kept = tree.with_name("kept")
    shutil.copytree(tree, kept, symlinks=True)
    try:
        yield
    finally:
        shutil.rmtree(tree, ignore_errors=True)
        kept.rename(tree)


def _stream(name: str, result: RunResult, tree: Path) -> bytes | None:
    if name in ("stdout", "stderr"):
        return result.stdout if name == "stdout" else result.stderr
    return read_regular(tree, os.path.normpath(name.removeprefix("file:")))
