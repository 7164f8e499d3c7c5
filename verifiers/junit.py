"""A JUnit XML report as the test gate: failures are named, and tests that are no longer run are missed.

The test commands must print the report (``pytest --junitxml=/dev/stdout``,
``./check --gtest_output=xml:/dev/stdout``) or write it to the file that ``report`` names. CTest puts a new file in
the place of the one it is given, even of ``/dev/stdout``, so give it a real one:
``cd build; ctest --output-junit t.xml; s=$?; cat t.xml; exit $s``.
What is timed is the benchmark command, by CPU or wall time; ``junit-times`` takes the times of test cases that the
benchmark command reports instead, which are coarse and a summary.

Format: no standard has it; read are testcase@name, classname, time (seconds), its failure, error and skipped.
"""

from dataclasses import replace

from lxml import etree

from pesquared.core.running import RunResult
from pesquared.core.settings import Settings
from pesquared.verifiers.command import CommandVerifier
from pesquared.verifiers.documents import named, xml_report
from pesquared.verify import Evidence, Suite, Workspace
from pesquared.verify.trees.files import read_regular

_ROOTS = ("testsuites", "testsuite")
_SHOWN = 20  # failures
_LINE = 200  # characters of one


class JUnitVerifier(CommandVerifier):
    """Passes where the test command ends well, no test case failed, and all ran that ran on the unchanged code."""

    report = ""  # path of a file in the code base; "": standard output

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._passed: dict[Suite, frozenset[str]] = {}  # on the unchanged code, which is what is tested first

    def test(self, workspace: Workspace, suite: Suite) -> RunResult | None:
        result = super().test(workspace, suite)
        if result is None or result.stopped:
            return result
        try:
            root, _ = xml_report(self._report(workspace, result), *_ROOTS)
        except ValueError as error:
            return result if not result.ok else _failing(result, [str(error)])
        failures = [_failure(case) for case in root.iter("testcase") if _broken(case) is not None]
        run = frozenset(_name(case) for case in root.iter("testcase") if case.find("skipped") is None)
        if result.ok and not failures and suite not in self._passed:
            self._passed[suite] = run
        failures += [f"{name}: not run any more" for name in sorted(self._passed.get(suite, run) - run)]
        return _failing(result, failures) if failures else result

    def _report(self, workspace: Workspace, result: RunResult) -> bytes:
        if not self.report:
            return result.stdout
        path = (workspace.codebase / self.report).relative_to(workspace.tree).as_posix()
        written = read_regular(workspace.tree, path)
        if written is None:
            raise ValueError(f"the test command writes no {self.report}")
        return written


class JUnitTimesVerifier(JUnitVerifier):
    """The time of each test case in the report that the benchmark command prints, in seconds."""

    metric_name = "junit-time/case"
    evidence = Evidence.SUMMARY

    def metric(self, result: RunResult) -> dict[str, float]:
        root, _ = xml_report(result.stdout, *_ROOTS)
        cases = [case for case in root.iter("testcase") if case.find("skipped") is None]
        if failures := [_failure(case) for case in cases if _broken(case) is not None]:
            raise ValueError(failures[0])
        return named([(_name(case), float(case.get("time", "nan"))) for case in cases])

    def comparable(self, stream: str, data: bytes) -> bytes:
        """Nothing of standard output: it is a report of times. A case that fails is no figure."""
        return b"" if stream == "stdout" else data


def _name(case: etree._Element) -> str:
    return "/".join(part for part in (case.get("classname"), case.get("name")) if part)


def _broken(case: etree._Element) -> etree._Element | None:
    return next((found for kind in ("failure", "error") if (found := case.find(kind)) is not None), None)


def _failure(case: etree._Element) -> str:
    """One line for a failed case."""
    broken = _broken(case)
    said = "" if broken is None else broken.get("message") or broken.text or ""
    return f"failed: {_name(case)}: {' '.join(said.split())[:_LINE]}"


def _failing(result: RunResult, failures: list[str]) -> RunResult:
    """The run as a failed one, whose error output names what failed."""
    more = [f"and {len(failures) - _SHOWN} more"] if len(failures) > _SHOWN else []
    said = "\n".join([*failures[:_SHOWN], *more]).encode("utf-8", "replace")
    return replace(result, exit_code=result.exit_code or 1, stdout=b"", stderr=said)
