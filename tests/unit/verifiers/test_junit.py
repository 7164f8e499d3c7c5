"""A JUnit report as the test gate: what failed is named, and what is no longer run is missed."""

import re
import shutil
from pathlib import Path

import pytest

from pesquared.core.settings import Settings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.sandbox.none import Unconfined
from pesquared.verifiers.junit import JUnitVerifier
from pesquared.verify import Suite, Workspace

PASSED = (
    '<testsuites><testsuite><testcase classname="c" name="one"/><testcase name="two"/></testsuite></testsuites>'
)
FAILED = PASSED.replace('name="two"/>', 'name="two"><failure message="1 is&#10;not 2"/></testcase>')


class Written(JUnitVerifier):
    report = "report.xml"


def try_out(verifier: JUnitVerifier, folder: Path, report: str):
    (folder / "said").write_text(report)
    return verifier.test(
        Workspace(folder, folder, Unconfined(accounting="wall"), 60.0, writable=True), Suite.QUICK
    )


def verifier(command: str = "cat said", kind: type[JUnitVerifier] = JUnitVerifier) -> JUnitVerifier:
    return kind(Settings(test=SuiteSettings(quick=command)))


def test_what_passes_passes(tmp_path: Path) -> None:
    result = try_out(verifier(), tmp_path, f"running\n{PASSED}\ndone")
    assert result is not None
    assert result.ok
    assert verifier("").test(Workspace(tmp_path, tmp_path, Unconfined(accounting="wall")), Suite.QUICK) is None


@pytest.mark.parametrize("end", ["", "; exit 3"])
def test_failures_are_named_whatever_the_exit_code_says(tmp_path: Path, end: str) -> None:
    result = try_out(verifier(f"cat said{end}"), tmp_path, FAILED)
    assert result is not None
    assert not result.ok
    assert result.stderr == b"failed: two: 1 is not 2"


def test_a_report_that_is_missing_or_broken_is_a_failure(tmp_path: Path) -> None:
    for report in ("", "<testsuites>", "words"):
        result = try_out(verifier(), tmp_path, report)
        assert result is not None
        assert result.exit_code == 1
        assert b"XML report" in result.stderr
    ended = try_out(verifier("echo why; exit 3"), tmp_path, "")
    assert ended is not None
    assert (ended.exit_code, ended.stdout) == (3, b"why\n")


def test_tests_that_are_not_run_any_more_are_missed(tmp_path: Path) -> None:
    one = verifier()
    assert try_out(one, tmp_path, PASSED).ok
    gone = try_out(one, tmp_path, PASSED.replace('<testcase name="two"/>', ""))
    assert gone.stderr == b"two: not run any more"
    skipped = try_out(one, tmp_path, PASSED.replace('name="two"/>', 'name="two"><skipped/></testcase>'))
    assert not skipped.ok
    assert try_out(one, tmp_path, PASSED.replace("<testsuite>", '<testsuite><testcase name="new"/>')).ok


def test_many_failures_are_cut(tmp_path: Path) -> None:
    cases = "".join(f'<testcase name="{n}"><error>{"x" * 999}</error></testcase>' for n in range(30))
    result = try_out(verifier(), tmp_path, f"<testsuite>{cases}</testsuite>")
    assert result is not None
    assert result.stderr.endswith(b"and 10 more")
    assert len(result.stderr) < 10_000


def test_a_report_in_a_file(tmp_path: Path) -> None:
    assert try_out(verifier("cp said report.xml", Written), tmp_path, PASSED).ok
    assert not try_out(verifier("cp said report.xml", Written), tmp_path, FAILED).ok
    (tmp_path / "report.xml").unlink()
    (tmp_path / "elsewhere").write_text(PASSED)
    linked = try_out(verifier("ln -sf elsewhere report.xml", Written), tmp_path, PASSED)
    assert linked.stderr == b"the test command writes no report.xml"


CTEST = """\
cmake_minimum_required(VERSION 3.16)
project(code NONE)
enable_testing()
add_test(NAME right COMMAND test ! -e ${CMAKE_SOURCE_DIR}/wrong)
add_test(NAME other COMMAND true)
"""


@pytest.mark.skipif(shutil.which("ctest") is None, reason="needs ctest")
def test_ctest_as_the_readme_has_it(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[3] / "verifiers" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"--test '([^']*ctest[^']*)'", readme)
    assert found
    assert "/dev/" not in found[1]  # ctest would put a file in its place
    (tmp_path / "CMakeLists.txt").write_text(CTEST)
    it = verifier(f"cmake -B build > /dev/null; {found[1]}")
    good = try_out(it, tmp_path, "")
    assert good is not None
    assert good.ok, good
    (tmp_path / "wrong").touch()
    bad = try_out(it, tmp_path, "")
    assert bad is not None
    assert bad.stderr.startswith(b"failed: right/right")
    (tmp_path / "wrong").unlink()
    (tmp_path / "CMakeLists.txt").write_text(CTEST.replace("add_test(NAME other COMMAND true)\n", ""))
    fewer = try_out(it, tmp_path, "")
    assert fewer is not None
    assert fewer.stderr == b"other/other: not run any more"
