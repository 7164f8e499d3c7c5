"""Reads the table that cProfile and pstats print: times by function, without callers.

       ncalls  tottime  percall  cumtime  percall filename:lineno(function)
      28656/1    0.011    0.000    0.011    0.011 work.py:4(fib)

The own time of each function (``tottime``) counts; chains are unknown.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pesquared.core.profile import REBUILT, UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import excerpt, read_lines, to_text
from pesquared.profiles.readers.python_frames import BUILT_IN, frame_of

_HEADING = re.compile(rb"^\s{0,32}ncalls\s+tottime\s+percall\s+cumtime\s+percall\s+filename", re.MULTILINE)
_ROW = re.compile(
    rb"\s{0,32}\d{1,20}(?:/\d{1,20})?\s{1,32}(?P<own>\d{1,12}\.\d{1,9})\s{1,32}[\d.]{1,24}\s{1,32}[\d.]{1,24}"
    rb"\s{1,32}[\d.]{1,24}\s(?P<where>[^\n]{1,4096})"
)
_PLACE = re.compile(rb"(?P<file>.+):\d{1,9}\((?P<name>[^\n]+)\)")
_BUILT_IN = re.compile(rb"\{(?P<name>[^\n]+)\}")


class CprofileTableReader:
    """The reader of the format."""

    name: str = "cProfile table"

    def recognises(self, head: bytes) -> bool:
        """The heading of the table."""
        return b"\0" not in head and _HEADING.search(head) is not None

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields one stack of one function a row, in seconds."""
        origin = Origin(event="seconds")
        within = False
        with opened(path, diagnostics) as contents:
            problems = contents.problems
            for number, line in read_lines(contents.stream, problems):
                if not within or not line.strip():
                    within = _HEADING.match(line) is not None or (within and not line.strip())
                elif found := _ROW.match(line):
                    yield Sample((REBUILT, _frame(found["where"].rstrip())), float(found["own"]), origin)
                else:
                    problems.add(number, f"no row of the table: {excerpt(line.strip())}")
            problems.note(0, "records no calls: there are no chains")


def _frame(where: bytes) -> str:
    if place := _PLACE.fullmatch(where):
        return frame_of(to_text(place["name"]), to_text(place["file"]))
    if built_in := _BUILT_IN.fullmatch(where):
        return frame_of(to_text(built_in["name"]), BUILT_IN)
    return to_text(where) or UNKNOWN
