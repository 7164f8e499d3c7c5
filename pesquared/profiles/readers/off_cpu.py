"""Reads folded stacks of time that threads waited: what bcc's offcputime and blocked-time scripts write.

They look like any folded stacks, but their weight is time off the processor. It never adds up with time on it,
so that these samples have an event of their own. They are known by their leaves: the kernel's scheduler, which is
where a thread that waits was last seen. As it is in all of them, it is taken off.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pesquared.core.profile import OFF_CPU, Diagnostic, Origin, Sample
from pesquared.profiles.readers.folded import FoldedReader

_SCHEDULER = (
    r"(?:finish_task_switch|__schedule|schedule|__traceiter_sched_switch|perf_trace_sched_switch)"
    r"(?:\.isra\.\d{1,4})?(?:_\[k\])?"
)
_IN_SCHEDULER = re.compile(_SCHEDULER)
_WAITING = re.compile(rb"(?:^|;)" + _SCHEDULER.encode() + rb" \d{1,20}(?:\.\d{0,9})?\r?$")
_BORDER = ("-", "--")  # between the kernel's frames and the program's: offcputime --delimited
_SHARE = 0.8  # of the lines; a profile of the processor has a few such leaves, too


class OffCpuReader:
    """The reader of the format. Memory does not grow with the file."""

    name: str = "folded off-CPU"

    def recognises(self, head: bytes) -> bool:
        """Nearly all complete lines end in the scheduler."""
        if b"\0" in head:
            return False
        lines = [line for line in head[: head.rfind(b"\n") + 1].split(b"\n") if line and not line.startswith(b"#")]
        return bool(lines) and sum(_WAITING.search(line) is not None for line in lines) >= _SHARE * len(lines)

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields one sample a good line, of the event ``off-cpu``. It ends where the scheduler was called."""
        origin = Origin(event=OFF_CPU)
        for sample in FoldedReader().read(path, diagnostics):
            frames = [frame for frame in sample.frames if frame not in _BORDER]
            while len(frames) > 1 and _IN_SCHEDULER.fullmatch(frames[-1]):
                frames.pop()
            if frames:
                yield replace(sample, frames=tuple(frames), origin=origin)
