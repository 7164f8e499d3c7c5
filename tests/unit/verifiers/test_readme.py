"""What the README shows works as it stands there."""

import re
from pathlib import Path

import pytest

from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import Settings
from pesquared.sandbox.none import Unconfined
from pesquared.verify import PerformanceVerifier, Suite, Workspace
from pesquared.verify.registry import VERIFIERS, load_verifier

HOW_TO = (Path(__file__).parents[3] / "docs" / "howto" / "write-a-verifier.md").read_text(encoding="utf-8")
README = (Path(__file__).parents[3] / "verifiers" / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def shown(tmp_path: Path) -> str:
    path = tmp_path / "my.py"
    path.write_text("\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL)))
    return str(path)


def test_the_examples_load(shown: str, tmp_path: Path) -> None:
    mine = load_verifier(f"{shown}:MyVerifier")(Settings())
    (tmp_path / "check").write_text("#!/bin/sh\necho checked $1\n")
    (tmp_path / "check").chmod(0o755)
    result = mine.test(Workspace(tmp_path, tmp_path, Unconfined(accounting="wall")), Suite.QUICK)
    assert result is not None
    assert result.stdout == b"checked --fast\n"


def test_a_metric_of_its_own(shown: str) -> None:
    rate = load_verifier(f"{shown}:RequestsPerSecond")
    assert issubclass(rate, PerformanceVerifier)
    run = RunResult(0, b"requests per second: 1250.5\n", b"", Usage(1.0, None, None, "wall"))
    assert rate(Settings()).metric(run) == pytest.approx(1250.5)


SOLVER = """\
#include <stdio.h>
int main(int argc, char **argv)
{
    double result = 0, step = 0.125;
    for (int i = 0; argc > 2 && i < 4; i++)
        result += step;
    printf("{\\"steps\\": 90, \\"rates\\": {\\"small\\": 1520.5, \\"large\\": 12.25}, \\"result\\": %.17g}", result);
}
"""


def test_the_worked_example_works_and_so_does_its_test(tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", HOW_TO, re.DOTALL)
    (tmp_path / "solver.py").write_text(examples[1])
    (tmp_path / "tests" / "project").mkdir(parents=True)
    (tmp_path / "tests" / "project" / "solver.c").write_text(SOLVER)
    names = {"Solver": load_verifier(f"{tmp_path}/solver.py:Solver")}
    exec(examples[2].replace("tests/project", f"{tmp_path}/tests/project"), names)
    names["test_solver"]()  # type: ignore[call-arg]


def test_every_ready_verifier_is_listed() -> None:
    assert all(f"| `{name}`" in README for name in VERIFIERS)
