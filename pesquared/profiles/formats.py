"""The profile formats, and which of them a file is in, judged by its content."""

from pathlib import Path
from typing import Protocol

from pesquared.core.profile import Diagnostic
from pesquared.core.protocols import ProfileReader
from pesquared.core.registry import Registry
from pesquared.profiles.contents import opened

HEAD = 8192  # bytes a reader is shown


class EvidenceReader(Protocol):
    """A format that says something about a program, but not in stacks. What it reads is its own business."""

    name: str
    what: str  # for a message: "output of coz"

    def recognises(self, head: bytes) -> bool:
        """Is this the format, judged by the first few KiB of the file?"""


# In the order in which they are asked: the most particular first, text that may be anything last.
FORMATS: Registry[type[ProfileReader]] = Registry(
    "profile format",
    {
        "perf.data": "pesquared.profiles.readers.perf_data:PerfDataReader",
        "pprof": "pesquared.profiles.readers.pprof:PprofReader",
        "pstats": "pesquared.profiles.readers.pstats:PstatsReader",
        "speedscope": "pesquared.profiles.readers.speedscope:SpeedscopeReader",
        "callgrind": "pesquared.profiles.readers.callgrind:CallgrindReader",
        "macOS sample": "pesquared.profiles.readers.macos_sample:MacosSampleReader",
        "cProfile table": "pesquared.profiles.readers.cprofile_table:CprofileTableReader",
        "perf script": "pesquared.profiles.readers.perf_script:PerfScriptReader",
        "folded off-CPU": "pesquared.profiles.readers.off_cpu:OffCpuReader",
        "folded": "pesquared.profiles.readers.folded:FoldedReader",
    },
)

# What holds something else than stacks, and is handed over by mistake.
EVIDENCE: Registry[type[EvidenceReader]] = Registry(
    "evidence format",
    {
        "coz": "pesquared.profiles.counters.coz:CozReader",
        "perf stat": "pesquared.profiles.counters.perf_stat:PerfStatReader",
        "perf mem": "pesquared.profiles.counters.perf_mem:PerfMemReader",
    },
)


def recognise(path: Path) -> ProfileReader | Diagnostic:
    """The reader for the file, packed by gzip or not, or why there is none."""
    notes: list[Diagnostic] = []
    with opened(path, notes) as contents:
        head = contents.stream.read(HEAD)
    if notes and not head:
        return notes[0]
    for evidence in EVIDENCE:
        if (other := EVIDENCE.load(evidence)()).recognises(head):
            return Diagnostic(str(path), 0, f"is {other.what}, which holds no stacks")
    for name in FORMATS:
        reader = FORMATS.load(name)()
        if reader.recognises(head):
            return reader
    return Diagnostic(str(path), 0, f"is in no known profile format (known: {', '.join(FORMATS)})")
