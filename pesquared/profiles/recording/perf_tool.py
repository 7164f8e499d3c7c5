"""The program perf on this machine: is it there, what may it record, and what to do where it may not."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pesquared.errors import UsageError

SWITCHES = "sched:sched_switch"

_PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class PerfTool:
    """perf, tried out. ``event`` is what samples are taken by: cycles, or the clock where they are not counted."""

    program: str
    version: str
    event: str
    has_counters: bool

    @classmethod
    def find(cls) -> "PerfTool":
        """Tries perf on a program that does nothing.

        Raises:
            UsageError: it is not installed or may not record; what to do is said.
        """
        program = shutil.which("perf")
        if program is None:
            raise UsageError(
                "perf is not installed",
                "Debian: apt install linux-perf; Ubuntu: apt install linux-tools-$(uname -r); Fedora: dnf install"
                " perf. On macOS record with: sample PID 10 -file stacks.txt",
            )
        said = _tried([program, "--version"])
        refused = _refusal(program, "cpu-clock")
        if refused:
            raise UsageError(f"perf may not record here: {refused}", remedy(_paranoid(), os.geteuid()))
        has_counters = _counts(program, "cycles")
        version = said.stdout.decode(errors="replace").strip()[:80]
        return cls(program, version, "cycles" if has_counters else "cpu-clock", has_counters)

    def may_trace_switches(self) -> str:
        """Why waits cannot be recorded, and what to do; "" if they can."""
        refused = _refusal(self.program, SWITCHES)
        if not refused:
            return ""
        return f"{refused}: the kernel's trace points are for root, or with kernel.perf_event_paranoid=-1"


def remedy(paranoid: int | None, uid: int) -> str:
    """What lets perf record, by how strict the kernel is; None: the kernel has no perf at all."""
    if paranoid is None:
        return "this kernel was built without performance events; record on another machine"
    if uid != 0 and paranoid > 2:
        return (
            f"kernel.perf_event_paranoid is {paranoid}: sudo sysctl kernel.perf_event_paranoid=2, or run as root"
        )
    return "in a container, start it with --cap-add PERFMON --security-opt seccomp=unconfined"


def _refusal(program: str, event: str) -> str:
    """What perf said when it was not allowed to record; "" when it was."""
    with tempfile.TemporaryDirectory() as folder:
        result = _tried([program, "record", "-q", "-e", event, "-o", f"{folder}/data", "--", "true"])
    if result.returncode == 0:
        return ""
    lines = [line.strip() for line in result.stderr.decode(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if line != "Error:"), f"exit code {result.returncode}")[:200]


def _counts(program: str, event: str) -> bool:
    """Does the machine count it?"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "counted")
        result = _tried([program, "stat", "-j", "-e", event, "-o", str(file), "--", "true"])
        return result.returncode == 0 and file.is_file() and bool(counters(file.read_bytes()))


def counters(printed: bytes) -> dict[str, float]:
    """What ``perf stat -j`` counted, by event; those that the machine does not count are left out. Total."""
    found = {}
    for line in printed.splitlines():
        try:
            one = json.loads(line)
            found[str(one["event"])] = float(one["counter-value"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def _paranoid() -> int | None:
    try:
        return int(_PARANOID.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _tried(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, b"", b"it did not end")
    except OSError as error:
        return subprocess.CompletedProcess(command, 126, b"", str(error.strerror).encode())
