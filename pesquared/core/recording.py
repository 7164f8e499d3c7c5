"""How a profile was taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pesquared.core.document import SCHEMA


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recorded: a command's whole run, or a process for some time."""

    command: tuple[str, ...] = ()
    pid: int | None = None
    duration_s: float = 10.0  # of watching a process
    rate: int = 999  # samples a second of processor time; odd, so that nothing regular keeps step with it
    call_graph: str = "dwarf"  # how stacks are found: dwarf, fp (frame pointers) or lbr
    off_cpu: bool = False  # record where threads wait, too
    lines: bool = False  # keep the lines that ran


@dataclass(frozen=True, slots=True)
class Recording:
    """What came of it."""

    perf: str  # its version
    event: str
    unit: str  # of the weights: "ns" or the event that is counted
    wanted: Wanted
    exit_code: int  # of the command
    wall_s: float
    total: float  # weight of all samples
    files: tuple[str, ...]  # names in the folder
    counters: Mapping[str, float] = field(default_factory=dict)  # of perf stat, where the machine counts
    notes: tuple[str, ...] = ()


def recording_document(recording: Recording, host: str) -> dict[str, object]:
    """The ``recording.json`` beside the stacks; described in docs/reference/json.md."""
    wanted = recording.wanted
    return {
        "schema": SCHEMA,
        "recorder": recording.perf,
        "command": list(wanted.command),
        "pid": wanted.pid,
        "host": host,
        "event": recording.event,
        "unit": recording.unit,
        "rate_hz": wanted.rate,
        "call_graph": wanted.call_graph,
        "exit_code": recording.exit_code,
        "wall_s": recording.wall_s,
        "total": recording.total,
        "files": list(recording.files),
        "counters": dict(recording.counters),
        "notes": list(recording.notes),
    }
