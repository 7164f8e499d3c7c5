"""Some of the hostile programs in every tier that holds here; ``benchmarks/hostile.py`` runs all of them."""

import os
import tempfile
from pathlib import Path

import pytest

from pesquared.core.running import Purpose
from pesquared.core.settings import SandboxSettings
from pesquared.errors import UsageError
from pesquared.sandbox import choose
from pesquared.sandbox.none import Unconfined
from tests.support.hostile.campaign import run_one
from tests.support.hostile.program import compile_all
from tests.support.hostile.sorts import EVERY, SORTS, running

CHOSEN = {
    "escape": (
        "create, by its path", "overwrite, through a link in the tree", "remove, through another process's root",
        "hard link into the tree", "signal KILL", "signal by an owned descriptor", "its limits", "TCP", "UDP",
        "an abstract socket", "a socket in a file", "io_uring", "namespaces by clone3", "left in shared memory",
        "programs with a user of their own",
    ),
    "tree": (
        "git: fsmonitor", "git: a file that names another folder", "a source replaced by a link",
        "a folder replaced by a link", "pipes", "deep folders", "names that are no text",
        "folders that nobody may enter", "a program with broken tables",
    ),
    "denial of service": ("daemons", "memory of eight processes", "output by many", "kills its parents"),
    "secrets": (
        "~/.ssh/id_ed25519", "environments", "our starter's environment", "memory of PROCESS",
        "our own descriptors", "a container engine's socket", "shared memory", "what lies beside the tree",
    ),
}  # fmt: skip
OPEN = (
    "create, by its path", "remove, upwards", "change the mode", "signal KILL", "TCP", "UDP", "an abstract socket",
    "~/.env", "the other process's environment",
)  # fmt: skip
BY_NAME = {program.name: program for program in EVERY}


@pytest.fixture(scope="module")
def binary():
    with tempfile.TemporaryDirectory() as folder:
        yield compile_all(EVERY, Path(folder))


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def sandbox(request):
    try:
        return choose(os.environ, SandboxSettings(tier=request.param)).sandbox
    except UsageError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("sort", CHOSEN)
def test_a_sandbox_holds_what_is_hostile(sandbox, binary, sort):
    with running(sort, sandbox) as run:
        fates = [run(BY_NAME[name], binary) for name in CHOSEN[sort]]
    assert {fate.program.name: fate.found for fate in fates if fate.found and not fate.known(sandbox.tier)} == {}


@pytest.mark.parametrize("name", OPEN)
def test_the_campaign_notices_what_nothing_holds(binary, name):
    """Else it would prove nothing."""
    sandbox = Unconfined.with_tools_of(os.environ)
    assert run_one(sandbox, BY_NAME[name], binary, Purpose.TEST).found


def test_every_program_has_a_name_of_its_own_and_a_known_gap_is_explained():
    assert len(BY_NAME) == len(EVERY)
    threats = (Path(__file__).parents[2] / "docs/explanation/threats.md").read_text()
    for program in EVERY:
        for tier in program.gaps:
            assert f"| {tier} | {program.name} |" in threats
    assert {
        sort: len(programs) >= least
        for (sort, programs), least in zip(SORTS.items(), (100, 60, 40, 60), strict=True)
    } == dict.fromkeys(SORTS, True)
