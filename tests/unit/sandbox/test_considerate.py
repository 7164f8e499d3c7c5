"""Every command takes its turn by what it is run for, and the tier shows through."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from pesquared.core.running import Command, Purpose
from pesquared.sandbox.considerate import Considerate
from tests.support.fake_sandbox import ScriptedSandbox


@dataclass
class Noted:
    """A lock that writes down how it is held, and asks the sandbox what was run by then."""

    sandbox: ScriptedSandbox
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def _noted(self, how):
        before = len(self.sandbox.commands)
        yield
        self.notes.append(f"{how} {len(self.sandbox.commands) - before}")

    def measuring(self):
        return self._noted("measuring")

    def working(self):
        return self._noted("working")


@pytest.mark.parametrize(
    ("purpose", "how"),
    [(Purpose.BUILD, "working"), (Purpose.TEST, "working"), (Purpose.BENCH, "measuring"), (Purpose.PROFILE, "measuring")],
)  # fmt: skip
def test_a_command_is_run_while_the_lock_is_held(tmp_path, purpose, how):
    noted = Noted(ScriptedSandbox())
    result = Considerate(noted.sandbox, noted).run(
        Command(("sh", "-c", "exit 3"), tmp_path, tmp_path, purpose=purpose)
    )
    assert result.exit_code == 3
    assert noted.notes == [f"{how} 1"]


def test_the_launch_is_measured_alone(tmp_path):
    noted = Noted(ScriptedSandbox())
    assert Considerate(noted.sandbox, noted).launch_cost(tmp_path) == noted.sandbox.launch_cost(tmp_path)
    assert noted.notes == ["measuring 0"]


def test_the_tier_shows_through():
    inner = ScriptedSandbox(tier="some", confines=True, read_only_trees=True, owner=(1, 2), accounting="wall")
    outer = Considerate(inner, Noted(inner))
    for name in ("tier", "confines", "read_only_trees", "owner", "accounting"):
        assert getattr(outer, name) == getattr(inner, name)
