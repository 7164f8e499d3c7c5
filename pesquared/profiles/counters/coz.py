"""Reads what coz and BCOZ write: experiments in which one line was made faster, as far as a profiler can.

    experiment	selected=parse.c:10	speedup=0.20	duration=527447501	selected-samples=26
    throughput-point	name=round	delta=12

The points belong to the experiment before them: how often the program got somewhere in its time (ns), from which
the inserted delays have been taken off. BCOZ selects classes, too: ``IO``, ``LOCK``, or ``parse.c:10(IO,0.5%|)``.
Runs follow each other in one file. Newer versions of coz write a JSON object a line, with underscores in the keys.

Format: libcoz/profiler.cpp of github.com/plasma-umass/coz, and BCOZ's fork of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pesquared.core.profile import Diagnostic
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import excerpt, read_lines, to_text
from pesquared.profiles.problems import Problems

_HEAD = re.compile(
    rb"^(?:startup\ttime=|experiment\tselected=|(?:throughput|latency|progress)-point\tname=)"
    rb"|^\{\s?\"type\"\s?:\s?\"(?:startup|experiment|throughput[-_]point)\"",
    re.MULTILINE,
)
_EXPERIMENT = "experiment"
_POINTS = ("throughput-point", "progress-point")
_KINDS = frozenset((_EXPERIMENT, *_POINTS, "startup", "shutdown", "runtime", "samples", "latency-point"))
_MOST_POINTS = 256  # of one experiment
_OF_COZ_ITSELF = "/coz.h:"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One stretch of a run in which ``selected`` ran faster by ``speedup``."""

    selected: str  # "file:line", or what BCOZ selects
    speedup: float  # 0 to 1: share of its time that was taken off
    duration_ns: float
    progress: Mapping[str, float]  # progress point → how often it was reached


class CozReader:
    """The reader of the format."""

    name: str = "coz"
    what: str = "output of coz (experiments)"

    def recognises(self, head: bytes) -> bool:
        """One of its lines at the beginning of a line."""
        return b"\0" not in head and _HEAD.search(head) is not None

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Experiment]:
        """Yields the experiments that reached a progress point; latency points are passed over."""
        with opened(path, diagnostics) as contents:
            yield from _experiments(read_lines(contents.stream, contents.problems), contents.problems)


def _experiments(lines: Iterator[tuple[int, bytes]], problems: Problems) -> Iterator[Experiment]:
    current: Experiment | None = None
    progress: dict[str, float] = {}
    for number, line in lines:
        text = line.strip()
        if not text:
            continue
        kind, values = _values(text)
        if kind == _EXPERIMENT:
            if current is not None and progress:
                yield current
            progress = {}
            current = _experiment(values, progress)
        elif kind in _POINTS:
            _add_point(progress, values)
        if kind not in _KINDS or (kind == _EXPERIMENT and current is None):
            problems.add(number, f"not used: {excerpt(text)}")
    if current is not None and progress:
        yield current


def _add_point(progress: dict[str, float], values: Mapping[str, str]) -> None:
    """A point that was never reached since the last one says nothing."""
    reached = _number(values.get("delta", ""))
    name = values.get("name", "")
    if reached and (name in progress or len(progress) < _MOST_POINTS):
        progress[name] = progress.get(name, 0.0) + reached


def _values(line: bytes) -> tuple[str, Mapping[str, str]]:
    """The line's first word, and its ``key=value`` pairs, in either spelling."""
    if line.startswith(b"{"):
        try:
            given = msgspec.json.decode(line, type=dict[str, str | int | float | None])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return "", {}
        values = {key.replace("_", "-"): to_text(str(value).encode()) for key, value in given.items()}
        return values.get("type", "").replace("_", "-"), values
    kind, *pairs = (to_text(word) for word in line.split(b"\t"))
    return kind, {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def _experiment(values: Mapping[str, str], progress: dict[str, float]) -> Experiment | None:
    selected = values.get("selected", "")
    speedup, duration = _number(values.get("speedup", "")), _number(values.get("duration", ""))
    if not selected or _OF_COZ_ITSELF in selected or speedup is None or not duration or speedup > 1:
        return None
    return Experiment(selected, speedup, duration, progress)


def _number(text: str) -> float | None:
    """A number from 0 to 2^64, or None."""
    return float(text) if re.fullmatch(r"[0-9]{1,20}(?:\.[0-9]{0,18})?(?:e[+-]?[0-9]{1,2})?", text) else None
