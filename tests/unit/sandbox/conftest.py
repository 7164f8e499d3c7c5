"""Trees to run in, the tiers to run with, and a program that is hard to account for or to get rid of."""

import dataclasses
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from pesquared.core.running import Command, Limits, RunResult
from pesquared.errors import PesquaredError
from pesquared.sandbox.accounting_probe import counts_processor_time
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.escape import find_escapes
from pesquared.sandbox.landlock import Landlocked
from pesquared.sandbox.none import Unconfined
from pesquared.sandbox.podman import Podman

Tier = TypeVar("Tier", Bubblewrap, Landlocked, Podman)
AnyTier = Bubblewrap | Landlocked | Unconfined
Run = Callable[..., RunResult]


def _tried(tier: Tier | str) -> Tier:
    """A tier that leaks is a failure; one that is absent or not permitted here is not."""
    if isinstance(tier, str):
        pytest.skip(tier)
    try:
        findings = find_escapes(tier, tier.owner)
    except PesquaredError as error:
        pytest.skip(error.message)
    assert findings == ()
    return tier if counts_processor_time(tier) else dataclasses.replace(tier, accounting="wall")


@pytest.fixture(scope="session")
def bubblewrap() -> Bubblewrap:
    return _tried(Bubblewrap.installed(os.environ))


@pytest.fixture(scope="session")
def landlock() -> Landlocked:
    return _tried(Landlocked.installed(os.environ))


@pytest.fixture(scope="session")
def podman() -> Podman:
    return _tried(Podman.installed(os.environ))


@pytest.fixture(params=["bubblewrap", "landlock"])
def confining(request: pytest.FixtureRequest) -> Bubblewrap | Landlocked:
    """What is tested with it holds in each tier that confines."""
    tier: Bubblewrap | Landlocked = request.getfixturevalue(request.param)
    return tier


@pytest.fixture(scope="session")
def unconfined() -> Unconfined:
    return Unconfined.with_tools_of(os.environ)


@pytest.fixture(params=["bubblewrap", "landlock", "unconfined"])
def sandbox(request: pytest.FixtureRequest) -> AnyTier:
    """What is tested with it holds in every tier."""
    tier: AnyTier = request.getfixturevalue(request.param)
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
def tree() -> Iterator[Path]:
    """An empty tree that belongs to whoever runs in it, in a folder that all may enter."""
    with tempfile.TemporaryDirectory(prefix="pesquared-test-") as above:
        Path(above).chmod(0o755)
        folder = Path(above) / "tree"
        folder.mkdir()
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
        yield folder


@pytest.fixture
def hostile(hostile_program: Path, tree: Path) -> str:
    """The program's path inside the tree."""
    shutil.copy2(hostile_program, tree / "hostile")
    return str(tree / "hostile")


@pytest.fixture
def run(sandbox: AnyTier, tree: Path) -> Run:
    """Runs an argv in the tree, in every tier."""

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
