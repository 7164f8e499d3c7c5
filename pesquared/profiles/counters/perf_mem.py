"""Reads the table that ``perf mem report --stdio`` prints: which loads are slow, and where their data was.

    # Overhead       Samples  Local Weight  Memory access  Symbol          Shared Object
    # ........  ............  ............  .............  ..............  .............
        61.25%            12  231           RAM hit        [.] chase       prog

Which columns there are depends on ``--sort``; the row of dots says where each begins and ends.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pesquared.core.profile import UNKNOWN, Diagnostic
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import excerpt, read_lines, to_text

_DOTS = re.compile(rb"#[ .]*\.\.\.[ .]*\s*")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)%")
_LEVEL = re.compile(r"\[[.a-zA-Z]\] ")  # [.] user, [k] kernel
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class MemoryAccess:
    """Loads of one function that were served from one place."""

    function: str
    object: str
    level: str  # "L1 hit", "RAM hit", …; "" where the table does not tell
    share: float  # of the weight of all sampled accesses
    samples: int  # 0 where the table does not tell
    latency: float  # cycles or so, as the processor counts; 0 where the table does not tell


class PerfMemReader:
    """The reader of the format."""

    name: str = "perf mem"
    what: str = "output of perf mem report (memory accesses)"

    def recognises(self, head: bytes) -> bool:
        """A heading with the column that only this report has."""
        return b"\0" not in head and any(_is_heading(line) for line in head.splitlines())

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> tuple[MemoryAccess, ...]:
        """All rows, in the table's order."""
        found: list[MemoryAccess] = []
        heading = b""
        columns: list[tuple[str, int, int | None]] = []
        with opened(path, diagnostics) as contents:
            for number, line in read_lines(contents.stream, contents.problems):
                if line.startswith(b"#"):
                    if _DOTS.fullmatch(line):
                        columns = list(_columns(heading, line)) if _is_heading(heading) else []
                    heading = line
                elif columns and line.strip():
                    access = _access({name: to_text(line[at:end].strip()) for name, at, end in columns})
                    if access is not None and len(found) < _MOST:
                        found.append(access)
                    else:
                        contents.problems.add(number, f"no row of the table: {excerpt(line.strip())}")
        return tuple(found)


def _is_heading(line: bytes) -> bool:
    return line.startswith(b"#") and b"Overhead" in line and b"Memory access" in line


def _columns(heading: bytes, dots: bytes) -> Iterator[tuple[str, int, int | None]]:
    """Name, first and last byte of each column; the last one has no end."""
    starts = [found.start() for found in re.finditer(rb"(?<=[ #])\.", dots)]
    for at, after in pairwise([*starts, None]):
        if at is not None:
            begin = 0 if at == starts[0] else at
            yield to_text(heading[at:after].strip()), begin, after


def _access(row: Mapping[str, str]) -> MemoryAccess | None:
    percent = _PERCENT.fullmatch(row.get("Overhead", ""))
    if percent is None or "Symbol" not in row:
        return None
    return MemoryAccess(
        function=_LEVEL.sub("", row["Symbol"]) or UNKNOWN,
        object=row.get("Shared Object", ""),
        level=row.get("Memory access", ""),
        share=min(float(percent[1]) / 100, 1.0),
        samples=int(_number(row.get("Samples", ""))),
        latency=_number(row.get("Local Weight", "") or row.get("Weight", "")),
    )


def _number(text: str) -> float:
    return float(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0.0
