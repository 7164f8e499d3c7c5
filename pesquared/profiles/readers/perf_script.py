"""Reads what ``perf script`` prints: for each sample a header line, its frames, leaf first, and a blank line.

    comm 4711/4712 [001] 11188.842726:     333444 cpu-clock:
                1226 mix+0x12 (inlined)
                1226 outer+0x46 (/home/me/prog)
              891f4 start_thread+0x2c4 (/usr/lib/libc.so.6)

The number before the event's name is the sample's weight, in the unit of the event. Format: builtin-script.c of
the Linux kernel's ``tools/perf``, as far as no option of ``-F`` leaves out what the header is known by.

bperf, a perf that samples blocked threads too, prints one sample for many alike with ``-F +weight``: after the
event stands how many more there were.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pesquared.core.profile import UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.frames import MAX_FRAMES, Frame
from pesquared.profiles.lines import excerpt, read_lines, to_text
from pesquared.profiles.names.inlining import Inlining
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.origins import Origins

# A command's name may hold spaces, so the header is known by the numbers after it. Every repetition is bounded: a
# hostile line costs no more than its length.
_HEADER = re.compile(
    rb"\s{0,16}(?P<comm>\S[^\t\n]{0,63}?)\s{1,16}(?P<pid>-?\d{1,10})(?:/(?P<tid>-?\d{1,10}))?\s{1,16}"
    rb"(?:\[\d{1,5}\]\s{1,16})?"
    rb"\d{1,12}\.\d{1,9}:\s{1,24}(?:(?P<period>\d{1,20})\s{1,8})?(?P<event>[^\s\d][^\s]{0,255}:)(?=\s|$)"
)
_FRAME = re.compile(rb"\t\s{0,40}(?P<address>[0-9a-f]{1,16})\s(?P<rest>[^\n]*)")
_OFFSET = re.compile(rb"\+0x[0-9a-f]{1,16}$")
_COLUMNS = re.compile(rb"(?:\s{1,32}[0-9a-f]{1,16}){0,4}\s*")  # an address, a weight: what is no frame
_REPEATED = (b"task-clock", b"cpu-clock")  # the events whose weight is a number of repetitions, not a latency
_MOST_REPEATS = 1 << 32
_INLINED = b" (inlined)"
_OBJECT_STARTS = (b" (/", b" ([")  # a path, or what is no file: [vdso], [unknown], //anon


@dataclass(frozen=True, slots=True)
class Record:
    """One sample."""

    event: str
    weight: float
    frames: tuple[Frame, ...]  # leaf first
    comm: str = ""
    pid: str = ""
    tid: str = ""


class PerfScriptReader:
    """The reader of the format. Memory does not grow with the file."""

    name: str = "perf script"

    def recognises(self, head: bytes) -> bool:
        """A header line among the first lines."""
        return b"\0" not in head and any(_HEADER.match(line) for line in head.splitlines() if line[:1] != b"#")

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields one sample a record. Those of different events do not add up: the origin tells them apart."""
        with opened(path, diagnostics) as contents:
            yield from samples_of(contents.stream, contents.problems)


def samples_of(stream: IO[bytes], problems: Problems) -> Iterator[Sample]:
    """One sample a record of what perf prints."""
    origins, inlining = Origins(), Inlining()
    for record in records(read_lines(stream, problems), problems):
        stack = inlining.mended(record.frames)[::-1]
        frames = tuple([frame.name for frame in stack])
        lines = tuple([frame.line for frame in stack])
        origin = origins[Origin(record.comm, record.pid, record.tid, record.event)]
        yield Sample(frames, record.weight, origin, lines if any(lines) else ())


def records(lines: Iterable[tuple[int, bytes]], problems: Problems) -> Iterator[Record]:
    """The samples that hold a stack; total.

    Args:
        lines: numbered, with or without their ends.
        problems: told of what is no part of any sample.
    """
    header: re.Match[bytes] | None = None
    frames: list[Frame] = []
    for number, line in lines:
        if line.isspace() or not line or line.startswith(b"#"):
            if header is not None:
                yield from _record(header, frames)
                header, frames = None, []
        elif found := _HEADER.match(line):
            yield from _record(header, frames)
            header, frames = found, []
            rest = line[found.end() :]
            if not _COLUMNS.fullmatch(rest):
                _add_frame(frames, b"\t" + rest.lstrip())  # without call graphs, its one frame follows
        elif header is None or not (_add_frame(frames, line) or _add_place(frames, line)):
            problems.add(number, f"no part of a sample: {excerpt(line.strip())}")
    yield from _record(header, frames)


def event_of(line: bytes) -> str | None:
    """The event of a sample that begins in this line; None if none does."""
    header = _HEADER.match(line)
    return to_text(header["event"][:-1]) if header else None


def _record(header: re.Match[bytes] | None, frames: list[Frame]) -> Iterator[Record]:
    if header is None or not frames:
        return
    comm, pid, tid, event = (to_text(header[part] or b"") for part in ("comm", "pid", "tid", "event"))
    if not tid:
        pid, tid = "", pid  # where perf prints one number, it is the thread's
    weight = float(header["period"]) if header["period"] is not None else 1.0
    yield Record(event[:-1], min(weight * (1 + _repeats(header)), 2.0**64), tuple(frames), comm, pid, tid)


def _repeats(header: re.Match[bytes]) -> int:
    """How many more samples bperf folded into this one."""
    last = header.string[header.end() :].split()[-1:]
    if (
        not last
        or not header["event"].startswith(_REPEATED)
        or not _COLUMNS.fullmatch(header.string, header.end())
    ):
        return 0
    return min(int(last[0]), _MOST_REPEATS) if last[0].isdigit() else 0


def _add_frame(frames: list[Frame], line: bytes) -> bool:
    """Takes a line that is a frame."""
    found = _FRAME.match(line)
    if found and len(frames) < MAX_FRAMES:
        frames.append(_frame(to_text(found["address"]), found["rest"].rstrip()))
    return found is not None


def _add_place(frames: list[Frame], line: bytes) -> bool:
    """Takes a line that says where in the source the frame before it stands: ``  file.c:12 (inlined)``."""
    if not frames or not line.startswith(b"  "):
        return False
    text = line.strip()
    place = to_text(text.removesuffix(_INLINED))
    known = "" if place.startswith((":", "??")) else place
    frames[-1] = replace(frames[-1], inlined=frames[-1].inlined or text.endswith(_INLINED), line=known)
    return True


def _frame(address: str, rest: bytes) -> Frame:
    """``outer+0x46 (/home/me/prog)``; an inlined function's object is not printed."""
    inlined = rest.endswith(_INLINED)
    symbol, where = rest.removesuffix(_INLINED), b""
    if symbol.endswith(b")"):
        at = max(symbol.rfind(start) for start in _OBJECT_STARTS)
        if at >= 0:
            symbol, where = symbol[:at], symbol[at + 2 : -1]
    name = to_text(_OFFSET.sub(b"", symbol.strip())).strip()
    return Frame(address, name or UNKNOWN, to_text(where), inlined)
