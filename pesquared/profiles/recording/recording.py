"""Records where a program spends its time: perf is run on it, and its stacks are folded."""

import re
import subprocess
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.profile import Diagnostic
from pesquared.core.recording import Recording, Wanted
from pesquared.errors import UsageError
from pesquared.profiles.frames import Frame
from pesquared.profiles.lines import read_lines
from pesquared.profiles.names.inlining import Inlining
from pesquared.profiles.names.spellings import Spellings
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.perf_script import records
from pesquared.profiles.recording.kept import Folded, kept
from pesquared.profiles.recording.perf_tool import SWITCHES, PerfTool, counters
from pesquared.profiles.recording.waits import Waits

_STACK_BYTES = 16384  # of each sample; a deeper stack is cut, which shows at its root
_PRINTING_S = 300  # inlined functions take long to find in programs with much debug information
_FIELDS = "comm,pid,tid,time,period,event,ip,sym,dso"
_LIBRARIES = re.compile(r"/lib(?:c|m|stdc\+\+)[-.][^/]*$")
_LOST_CALLERS = 0.02  # share of the samples from which on it is worth a warning


@dataclass(frozen=True, slots=True)
class Recorder:
    """Runs perf, prints and folds what it recorded."""

    perf: PerfTool
    wanted: Wanted
    folder: Path  # where the stacks go; it exists

    def record(self) -> Recording:
        """Runs the command to its end, or watches the process.

        Raises:
            UsageError: perf recorded nothing, or what it recorded cannot be kept.
        """
        with tempfile.TemporaryDirectory(prefix="pesquared-") as name:
            scratch = Path(name)
            switches = self.wanted.off_cpu and not (why_not := self.perf.may_trace_switches())
            notes = [f"waits were not recorded: {why_not}"] if self.wanted.off_cpu and not switches else []
            begun = time.monotonic()
            code = self._run(scratch, switches=switches)
            took = time.monotonic() - begun
            stacks, lost = self._on_cpu(self._printed(scratch, notes))
            text = scratch / "text" if self.wanted.lines else None
            files = kept(self.folder, stacks, self._off_cpu(scratch) if switches else {}, text)
            if self.wanted.call_graph == "fp" and lost > _LOST_CALLERS:
                notes.append(
                    f"{lost:.0%} of the samples are in the C, C++ or mathematics library, which keeps no frame"
                    " pointers: the function that called it is missing in them; record with --call-graph dwarf"
                )
            return Recording(
                perf=self.perf.version,
                event=self.perf.event,
                unit="ns" if self.perf.event == "cpu-clock" else self.perf.event,
                wanted=self.wanted,
                exit_code=code,
                wall_s=round(took, 3),
                total=sum(stacks.values()),
                files=files,
                counters=_counted(scratch),
                notes=tuple(notes),
            )

    def _run(self, scratch: Path, *, switches: bool) -> int:
        """Its output and its input are the command's own."""
        graph = f"dwarf,{_STACK_BYTES}" if self.wanted.call_graph == "dwarf" else self.wanted.call_graph
        command = [self.perf.program, "record", "-q", "-o", str(scratch / "data"), "--call-graph", graph]
        command += ["-e", f"{self.perf.event}/freq={self.wanted.rate}/"]
        if switches:
            command += ["-e", SWITCHES, "--switch-events"]
        watched = ["-p", str(self.wanted.pid)] if self.wanted.pid is not None else []
        inner = ["sleep", str(self.wanted.duration_s)] if watched else list(self.wanted.command)
        if self.perf.has_counters:
            inner = [self.perf.program, "stat", "-j", "-o", str(scratch / "counted"), *watched, "--", *inner]
        try:
            return subprocess.run([*command, *watched, "--", *inner], check=False).returncode
        except OSError as error:
            raise UsageError(f"perf cannot be run: {error.strerror}", "see whether perf record works") from error

    def _printed(self, scratch: Path, notes: list[str]) -> Path:
        """The samples as text; without inlined functions where they cannot be had in time."""
        # perf's own demangler leaves out the parameters
        options = ["--no-demangle", "-F", f"{_FIELDS},srcline" if self.wanted.lines else _FIELDS]
        if self._print(scratch, "text", options):
            return scratch / "text"
        if self._print(scratch, "text", ["--no-inline", *options]):
            notes.append("inlined functions are not shown: finding them takes too long here")
            return scratch / "text"
        what = " ".join(self.wanted.command)[:80] if self.wanted.pid is None else f"process {self.wanted.pid}"
        raise UsageError(
            f"perf recorded nothing of {what}",
            "is it there, may you look at it, does it use the processor at all?",
        )

    def _print(self, scratch: Path, name: str, options: list[str]) -> bool:
        data = scratch / "data"
        if not data.is_file():
            return False
        with (scratch / name).open("wb") as text:
            try:
                result = subprocess.run(
                    [self.perf.program, "script", "-i", str(data), *options],
                    stdin=subprocess.DEVNULL,
                    stdout=text,
                    stderr=subprocess.DEVNULL,
                    timeout=_PRINTING_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return False
        return result.returncode == 0

    def _on_cpu(self, text: Path) -> tuple[Folded, float]:
        """Weights by stack; and the share of samples that end in a library without frame pointers."""
        stacks: Folded = defaultdict(float)
        samples = ends = 0
        problems, inlining = Problems(str(text), []), Inlining()
        with text.open("rb") as stream, Spellings() as spellings:
            for record in records(read_lines(stream, problems), problems):
                if not record.event.startswith(SWITCHES):
                    names = [_name(frame, spellings) for frame in reversed(inlining.mended(record.frames))]
                    stacks[record.comm, *names] += record.weight
                    samples += 1
                    ends += _LIBRARIES.search(record.frames[0].object) is not None
        if not stacks:
            raise UsageError("perf took no samples", "record something that runs longer, or with a higher --rate")
        return stacks, ends / samples

    def _off_cpu(self, scratch: Path) -> Folded:
        stacks: Folded = defaultdict(float)
        options = ["--show-switch-events", "--no-inline", "--no-demangle", "-F", f"{_FIELDS},trace"]
        if self._print(scratch, "switches", options):
            found: list[Diagnostic] = []
            problems = Problems("perf script", found)
            with (scratch / "switches").open("rb") as stream, Spellings() as spellings:
                for sample in Waits(problems, spellings).samples(read_lines(stream, problems)):
                    stacks[sample.frames] += sample.weight
        return stacks


def _name(frame: Frame, spellings: Spellings) -> str:
    """The function as the commands show it; inlined ones are marked as folding scripts do it."""
    function = spellings[frame.name]
    return f"{function}_[i]" if frame.inlined else function


def _counted(scratch: Path) -> dict[str, float]:
    file = scratch / "counted"
    return counters(file.read_bytes()) if file.is_file() else {}
