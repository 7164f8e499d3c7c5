"""Whether the real perf can record here."""

import shutil
import subprocess
from pathlib import Path

import pytest


def require_perf(folder: Path) -> None:
    """Skips the test where perf is missing or refused."""
    if shutil.which("perf") is None:
        pytest.skip("perf is not installed")
    command = ("perf", "record", "-q", "-e", "cpu-clock", "-o", str(folder / "perf.data"), "true")
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("perf may not record here")
