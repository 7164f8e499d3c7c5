"""What the README shows works as it stands there."""

import re
from pathlib import Path

import pytest

from pesquared.core.running import RunResult, Usage
from pesquared.core.settings import Settings
from pesquared.sandbox.none import Unconfined
from pesquared.verify import PerformanceVerifier, Suite, Workspace
from pesquared.verify.registry import VERIFIERS, load_verifier

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


def test_every_ready_verifier_is_listed() -> None:
    assert all(f"| `{name}`" in README for name in VERIFIERS)
