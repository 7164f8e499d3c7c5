"""What commands open together: here, that a door for builds is no way around the limits."""

import os
from dataclasses import replace

import pytest

from pesquared.cli.opening import Asked, opened
from pesquared.cli.options import configure
from pesquared.core.events import Observers
from pesquared.core.protocols import Slot
from pesquared.core.running import Command, Purpose
from pesquared.core.stopping import StopRequest
from tests.support.projects import make_project

HUNGRY = "import time; kept = bytearray(400 << 20); time.sleep(60)"


@pytest.mark.parametrize("purpose", [Purpose.BUILD, Purpose.TEST])
def test_a_build_outside_has_the_same_limits(tmp_path, purpose):
    project = make_project(tmp_path)
    environ = {**os.environ, "PESQUARED_STATE_DIR": str(tmp_path / "state"), "PESQUARED_LOCK_DIR": str(tmp_path)}
    (project.root / "pesquared.toml").write_text("")
    configured = configure(project.root, {"isolated": True})
    settings = configured.settings
    settings = replace(settings, build=replace(settings.build, outside=True))
    settings = replace(settings, sandbox=replace(settings.sandbox, tier="already-isolated", memory_mib=64))
    asked = Asked(
        project.root,
        replace(configured, settings=settings),
        "command",
        debug=False,
        stop=StopRequest(),
        environ=environ,
    )
    with opened(asked, Observers()) as base:
        base.workspaces.place(Slot.ORIGINAL, base.repository.snapshot().commit)
        base.workspaces.activate(Slot.ORIGINAL)
        tree = base.workspaces.tree
        result = base.sandbox.run(Command(("python3", "-c", HUNGRY), tree, tree, writable=True, purpose=purpose))
    assert result.stopped == "memory"
