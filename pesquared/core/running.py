"""How foreign programs are run: the command, its limits, what came back. All times in seconds, sizes in bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

TASK_CLOCK = "task-clock"  # the accounting that sees every process a command starts


class Purpose(StrEnum):
    """What a command is run for. A sandbox may lock in more of a build or a test than of what is timed."""

    BUILD = "build"
    TEST = "test"
    BENCH = "bench"
    PROFILE = "profile"  # a benchmark under a profiler


@dataclass(frozen=True, slots=True)
class Limits:
    """When a command is stopped. Its whole process tree goes with it."""

    timeout_s: float = 600.0
    output_kept: int = 8 << 20  # per stream: head and tail are kept, the middle is dropped
    output_killed: int = 64 << 20  # more than this in both streams together ends the command
    file_size: int = 2 << 30
    processes: int = 512
    memory: int | None = None  # of the whole process tree; None: not limited
    disk: int | None = None  # bytes that it may write below the places it can write to; None: not limited


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run inside the sandbox. Of our own environment only what ``env`` names is passed on."""

    argv: tuple[str, ...]
    tree: Path  # the code base's tree; the only part of the host's files that it sees beside toolchains
    cwd: Path  # inside ``tree``
    writable: bool = False  # may it write into ``tree``?
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    purpose: Purpose = Purpose.TEST
    watch: bool = False  # look at its memory and its waits while it runs; disturbs timing, never in a timed run


@dataclass(frozen=True, slots=True)
class Activity:
    """What looks at a running command, every few milliseconds, saw its threads do.

    A thread that waits for a core is as ready as one that has it, so a crowded host changes nothing in the shares.
    """

    looks: int
    busy: int  # looks that saw a thread ready to run, on a core or waiting for one
    ready: int  # threads ready to run, summed over the looks


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command used. ``cpu_s`` covers every process it started, however deep, user and system time."""

    wall_s: float
    cpu_s: float | None  # None where no accounting that can be trusted is available
    peak_bytes: int | None  # None unless watched
    source: str  # "task-clock" or "wall": what ``cpu_s`` comes from
    activity: Activity | None = None  # None unless watched
    resident_bytes: int | None = None  # the most seen while a limit on memory was watched; None without one


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a command ended. A killed command has a negative exit code (the signal) or a ``stopped`` reason."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    usage: Usage
    stopped: str = ""  # "", "timeout", "output", "memory" or "disk"

    @property
    def ok(self) -> bool:
        return self.exit_code == 0 and not self.stopped
