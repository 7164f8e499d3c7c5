"""Builds outside, everything else inside."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Purpose
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.outside import BuildsOutside


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder into which everybody may look; pytest's own are private."""
    with TemporaryDirectory(prefix="pesquared-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_builds_see_the_host(purpose: Purpose, bubblewrap: Bubblewrap, public: Path) -> None:
    host, tree = public / "licence", public / "tree"
    host.write_text("of the host")
    tree.mkdir()
    if bubblewrap.owner:
        os.chown(tree, *bubblewrap.owner)
    sandbox: Sandbox = BuildsOutside.of(bubblewrap, os.environ)
    command = Command(("sh", "-c", f"cat {host}; : > made"), tree=tree, cwd=tree, writable=True, purpose=purpose)
    result = sandbox.run(command)
    assert (result.stdout == b"of the host") is (purpose is Purpose.BUILD), result
    assert (tree / "made").stat().st_uid == tree.stat().st_uid
    assert sandbox.tier == "bubblewrap, builds outside"
    assert sandbox.owner == bubblewrap.owner
