"""Trees to run in, the tiers to run with, and a program that is hard to account for or to get rid of."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pesquared.core.running import Command, Limits, RunResult
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.choose import choose
from pesquared.sandbox.none import Unconfined

Run = Callable[..., RunResult]


@pytest.fixture(scope="session")
def bubblewrap() -> Bubblewrap:
    """The tier as it was chosen. One that leaks is a failure; one that is absent or not permitted here is not."""
    choice = choose(os.environ)
    if isinstance(choice.sandbox, Bubblewrap):
        return choice.sandbox
    if Bubblewrap.installed(os.environ) is None or "could not be set up" in choice.why:
        pytest.skip(choice.why)
    pytest.fail(choice.why)


@pytest.fixture(scope="session")
def unconfined() -> Unconfined:
    return Unconfined.with_tools_of(os.environ)


@pytest.fixture(params=["bubblewrap", "unconfined"])
def sandbox(request: pytest.FixtureRequest) -> Bubblewrap | Unconfined:
    """Both tiers: what is tested with it holds in each."""
    tier: Bubblewrap | Unconfined = request.getfixturevalue(request.param)
    return tier


@pytest.fixture(scope="session")
def hostile_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    program = tmp_path_factory.mktemp("hostile") / "hostile"
    subprocess.run([compiler, "-O1", "-o", program, Path(__file__).with_name("hostile.c")], check=True)
    return program


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty tree that belongs to whoever runs in it."""
    folder = tmp_path / "tree"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    return folder


@pytest.fixture
def hostile(hostile_program: Path, tree: Path) -> str:
    """The program's path inside the tree."""
    shutil.copy2(hostile_program, tree / "hostile")
    return str(tree / "hostile")


@pytest.fixture
def run(sandbox: Bubblewrap | Unconfined, tree: Path) -> Run:
    """Runs an argv in the tree, in either tier."""

    def _run(*argv: str, limits: Limits = Limits(timeout_s=60), cwd: Path = tree, **more: object) -> RunResult:  # noqa: B008
        return sandbox.run(Command(argv, tree=tree, cwd=cwd, limits=limits, **more))  # type: ignore[arg-type]

    return _run


@pytest.fixture
def is_held() -> Callable[[Path], bool]:
    """Does anybody living hold the lock on this file?"""

    def _is_held(path: Path) -> bool:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    return _is_held
