"""Whether the real perf can record here, and a sandbox that answers for it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pesquared.core.running import Command, Purpose, RunResult, Usage
from tests.support.fake_sandbox import ScriptedSandbox


def require_perf(folder: Path) -> None:
    """Skips the test where perf is missing or refused."""
    if shutil.which("perf") is None:
        pytest.skip("perf is not installed")
    command = ("perf", "record", "-q", "-e", "cpu-clock", "-o", str(folder / "perf.data"), "true")
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("perf may not record here")


@dataclass
class SaidByPerf(ScriptedSandbox):
    """A sandbox that answers for perf."""

    said: bytes = b""
    exit_code: int = 0
    text: bytes = b""
    runs: int = 0

    def run(self, command: Command) -> RunResult:
        if command.purpose is not Purpose.PROFILE:
            return super().run(command)
        self.runs += 1
        stdout = b"\n" + command.argv[4].encode() + b"\n" + self.text
        return RunResult(self.exit_code, stdout, self.said, Usage(0.1, 0.1, None, "task-clock"))
