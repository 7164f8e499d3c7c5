"""``pesquared profile [-o DIR] -- COMMAND``: record where a program spends its time."""

import os
import shutil
from pathlib import Path

import click

from pesquared.cli.host import describe_host
from pesquared.cli.json_target import JsonTarget
from pesquared.core.recording import Recording, Wanted, recording_document
from pesquared.errors import UsageError
from pesquared.profiles.recording.perf_tool import PerfTool
from pesquared.profiles.recording.recording import Recorder
from pesquared.reporters.words import printable

FOLDER = "stacks"
DOCUMENT = "recording.json"


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(FOLDER),
    metavar="DIR",
    help="[default: stacks]",
)
@click.option(
    "--pid", type=click.IntRange(1), metavar="PID", help="Watch this process instead of running COMMAND."
)
@click.option(
    "--duration",
    type=click.FloatRange(0.1, 86_400),
    default=10.0,
    metavar="S",
    help="How long to watch it, in seconds.  [default: 10]",
)
@click.option(
    "--rate", type=click.IntRange(1, 20_000), default=999, metavar="N", help="Samples a second.  [default: 999]"
)
@click.option(
    "--call-graph",
    type=click.Choice(["dwarf", "fp", "lbr"]),
    default="dwarf",
    help="How stacks are found.  [default: dwarf]",
)
@click.option("--off-cpu", is_flag=True, help="Record where threads wait, too.")
@click.option("--lines", is_flag=True, help="Keep the lines that ran; needs a build with -g.")
def profile(
    *,
    command: tuple[str, ...],
    output: Path,
    pid: int | None,
    duration: float,
    rate: int,
    call_graph: str,
    off_cpu: bool,
    lines: bool,
) -> None:
    """Record the stacks of COMMAND, or of a process, with perf, for the other commands to read.

    COMMAND is run once, as you, outside of any sandbox. Built with -g it shows inlined functions, too.
    """
    if bool(command) == (pid is not None):
        raise UsageError(
            "nobody says what to record" if pid is None else "a command and a process cannot be recorded at once",
            "pesquared profile -- COMMAND, or pesquared profile --pid PID",
        )
    perf = PerfTool.find()
    _require_there(command, pid)
    folder = _made(output)
    wanted = Wanted(command, pid, duration, rate, call_graph, off_cpu, lines)
    recording = Recorder(perf, wanted, folder).record()
    JsonTarget.open(str(folder / DOCUMENT)).write(recording_document(recording, describe_host()))
    click.echo(_told(recording, folder))


def _require_there(command: tuple[str, ...], pid: int | None) -> None:
    """Where there is nothing to watch, perf itself says little."""
    if command and shutil.which(command[0]) is None:
        raise UsageError(
            f"there is no program {command[0]}", "is its path right? a shell's command needs: sh -c '…'"
        )
    if pid is not None and not _is_running(pid):
        raise UsageError(f"there is no process {pid}", "see which there are: ps -e")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"-o {folder}: {error.strerror}", "name a folder that can be made and written") from error
    return folder


def _told(recording: Recording, folder: Path) -> str:
    lines = [f"wrote {printable(str(folder / name))}" for name in (*recording.files, DOCUMENT)]
    if recording.exit_code:
        lines.append(f"note: the command ended with exit code {recording.exit_code}")
    lines += [f"note: {printable(note)}" for note in recording.notes]
    lines.append(f"next: pesquared hotspots {printable(str(folder))} [CODEBASE]")
    return "\n".join(lines)
