"""Verifiers are found by name or file; what is wrong in a user's file is reported as theirs."""

from pathlib import Path

import pytest

from pesquared.core.settings import Settings
from pesquared.errors import UsageError
from pesquared.verifiers.catch2 import Catch2Verifier
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify import PerformanceVerifier, load_verifier
from pesquared.verify.registry import make_verifier

GOOD = """\
from pesquared import PerformanceVerifier

class Mine(PerformanceVerifier):
    def bench(self, workspace):
        return workspace.run("./decode")
"""


def test_names() -> None:
    assert load_verifier("") is CommandVerifier
    assert load_verifier("command") is CommandVerifier
    assert load_verifier("catch2") is Catch2Verifier
    with pytest.raises(UsageError, match="did you mean 'command'"):
        load_verifier("comand")


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(GOOD)
    found = load_verifier(f"{tmp_path}/mine.py:Mine")
    assert issubclass(found, PerformanceVerifier)
    assert found.__name__ == "Mine"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("import os\nx = 1 / 0\n", "Mine", r"mine\.py:2: ZeroDivisionError"),
        ("import sys\nsys.exit(0)\n", "Mine", r"mine\.py:2: SystemExit: 0"),
        ("def broken(:\n", "Mine", r"mine\.py:1: SyntaxError"),
        ("class Mine: pass\n", "Mine", "is not a PerformanceVerifier"),
        ("Mine = 3\n", "Mine", "is not a PerformanceVerifier"),
        (GOOD, "Other", "defines no 'Other'"),
        (GOOD.replace("bench", "bensch"), "Mine", r"lacks bench\(\)"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, name: str, message: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        load_verifier(f"{tmp_path}/mine.py:{name}")
    assert caught.value.exit_code == 2


def test_a_relative_path_has_its_line_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("\n\nx = 1 / 0\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^mine\.py:3: ZeroDivisionError"):
        load_verifier("mine.py:Mine")


@pytest.mark.parametrize("name", ["", ":Mine"])
def test_a_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="there is no verifier file"):
        load_verifier(f"{tmp_path}/none.py{name}")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (GOOD, "give it as {}:Mine"),
        (f"{GOOD}\nclass Other(Mine): pass\n", "give it as {}:Mine or {}:Other"),
        ("x = 1\n", "it defines none"),
        ("def broken(:\n", "give it as path/to/file.py:Class"),
    ],
)
def test_a_file_without_a_class_says_which_there_are(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"mine\.py: which class of it\?") as caught:
        load_verifier(str(path))
    assert caught.value.fix == hint.replace("{}", str(path))


@pytest.mark.parametrize(
    ("method", "message", "fix"),
    [
        ("def __init__(self): pass", r"mine\.py:6: .*takes 1 positional argument", "def __init__(self, settings)"),
        ("def __init__(self, *, one): pass", r"mine\.py:6: .*positional argument", "def __init__(self, settings)"),
        (
            "def __new__(cls): return super().__new__(cls)",
            r"mine\.py: .*takes 1 pos",
            "def __init__(self, settings)",
        ),
        (
            "def __init__(self, settings): super().__init__()",
            r"mine\.py:6: TypeError: .*settings",
            "mend the file",
        ),
        ("def __init__(self, settings): raise SystemExit", r"mine\.py:6: SystemExit", "mend the file"),
    ],
)
def test_a_class_that_cannot_be_made(tmp_path: Path, method: str, message: str, fix: str) -> None:
    (tmp_path / "mine.py").write_text(f"{GOOD}    {method}\n")
    with pytest.raises(UsageError, match=message) as caught:
        make_verifier(f"{tmp_path}/mine.py:Mine", Settings())
    assert fix in caught.value.fix
