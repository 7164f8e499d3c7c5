"""What the import contracts cannot hold: the size of files, what an import costs, and the licence and lock files."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.relative_to(ROOT) for path in (ROOT / "pesquared").rglob("*.py"))
HEAVY = (
    "anthropic",
    "clang",
    "genai_prices",
    "git",
    "httpx2",
    "jinja2",
    "lxml",
    "openai",
    "pandas",
    "tabulate",
    "tiktoken",
)
MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 60


def module_text(module: Path) -> str:
    return (ROOT / module).read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_file_holds_one_idea(module: Path):
    assert len(module_text(module).splitlines()) <= MOST_LINES


def lines_of(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_function_fits_on_a_screen(module: Path):
    long = [
        node.name
        for node in ast.walk(ast.parse(module_text(module)))
        if isinstance(node, ast.FunctionDef) and lines_of(node) > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_file_says_what_it_is_for(module: Path):
    assert ast.get_docstring(ast.parse(module_text(module))) or not module_text(module).strip()


def loaded_after(code: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter holds after ``code``."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_else():
    loaded = loaded_after("import pesquared")
    assert "pesquared" in loaded
    assert loaded.isdisjoint({*HEAVY, "click", "msgspec", "rich"})


def test_help_loads_nothing_heavy():
    loaded = loaded_after("from pesquared.cli.main import run\nassert run(['--help']) == 0")
    assert "click" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_core_needs_the_standard_library_only():
    loaded = loaded_after("import pesquared.core.protocols, pesquared.core.events, pesquared.core.settings")
    assert loaded.isdisjoint({*HEAVY, "click", "msgspec", "rich", "platformdirs", "dotenv"})


def test_the_main_program_stays_short():
    assert len((ROOT / "main.py").read_text(encoding="utf-8").splitlines()) <= 5


def test_the_lock_holds_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {"requirements.lock": project["dependencies"]}
    wanted["requirements-dev.lock"] = project["dependencies"] + project["optional-dependencies"]["dev"]
    for name, requirements in wanted.items():
        locked = re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        asked = {re.split(r"[<>=~!\[; ]", requirement)[0] for requirement in requirements}
        assert asked - set(locked) == set(), name


def test_both_locks_agree():
    running, testing = (
        set((ROOT / name).read_text(encoding="utf-8").split("\n"))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert running - testing == set()


def test_no_lock_names_a_package_index():
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
