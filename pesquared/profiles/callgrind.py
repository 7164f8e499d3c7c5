"""Reads what valgrind's callgrind writes: exact counts of events by function, and who called whom.

    fn=(1) main            the function whose costs follow
    16 400                 at line 16, 400 instructions of its own
    cfn=(2) fib            it calls this one
    calls=1 50             once
    16 86000               at line 16, at this cost, with all below

Names are compressed: ``(1) main`` names a number, ``(1)`` repeats it. Format: "Callgrind Format Specification" in
valgrind's manual. The stacks are not recorded; ``rebuilt`` guesses them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pesquared.core.profile import UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.lines import excerpt, read_lines, to_text
from pesquared.profiles.rebuilt import NOTE, rebuilt

_HEAD = re.compile(
    rb"^# callgrind format|^(?:version: 1\n|creator: callgrind)|^events: [A-Z]\w*(?: |$)", re.MULTILINE
)
_NAME = re.compile(rb"(?P<key>[a-z]{2,3})= ?(?:\((?P<number>\d{1,9})\))?(?: ?(?P<name>[^ \n][^\n]*))?")
_COST = re.compile(
    rb"(?:[+*-]|[+-]?(?:0x[0-9a-f]{1,16}|\d{1,20}))(?: (?:[+*-]|[+-]?(?:0x[0-9a-f]{1,16}|\d{1,20}))){0,40}"
)
_HEADER = re.compile(rb"[A-Za-z][\w ]{0,31}:")
_NUMBER = re.compile(rb"\d{1,20}")
_RECURSION_LEVEL = re.compile(r"'\d{1,4}$")  # callgrind --separate-recs: fib'2
_MOST_EVENTS = 16
_MOST_NAMES = 1 << 18

Costs = list[float]


@dataclass(slots=True)
class _Graph:
    """What has been read so far."""

    events: list[str] = field(default_factory=lambda: [""])
    positions: int = 1  # numbers before the costs
    names: dict[bytes, str] = field(default_factory=dict)
    selfs: dict[str, Costs] = field(default_factory=dict)
    calls: dict[tuple[str, str], Costs] = field(default_factory=dict)
    function: str = UNKNOWN
    callee: str = UNKNOWN
    calling: bool = False  # do the next costs belong to a call?


class CallgrindReader:
    """The reader of the format. Memory grows with the number of functions and calls."""

    name: str = "callgrind"

    def recognises(self, head: bytes) -> bool:
        """The header's first lines."""
        return b"\0" not in head and _HEAD.search(head) is not None

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields rebuilt stacks, for each event that was counted, the first event first."""
        with opened(path, diagnostics) as contents:
            graph = _Graph()
            for number, line in read_lines(contents.stream, contents.problems):
                if not _take(graph, line.strip()):
                    contents.problems.add(number, f"no part of a callgrind file: {excerpt(line.strip())}")
            if graph.calls:
                contents.problems.note(0, NOTE)
            yield from _samples(graph)


def _samples(graph: _Graph) -> Iterator[Sample]:
    for column, event in enumerate(graph.events):
        origin = Origin(event=event)
        selfs = {name: costs[column] for name, costs in graph.selfs.items() if costs[column]}
        calls = {call: costs[column] for call, costs in graph.calls.items() if costs[column]}
        yield from rebuilt(selfs, calls, origin)


def _take(graph: _Graph, line: bytes) -> bool:
    """Takes a line; is it one of the format's?"""
    if not line or line.startswith(b"#"):
        return True
    if line[:1] in b"+-*0123456789":
        return bool(_COST.fullmatch(line)) and _take_costs(graph, line.split())
    if found := _NAME.fullmatch(line):
        return _take_name(graph, found)
    if line.startswith(b"calls="):
        graph.calling = True
        return True
    return _take_header(graph, line)


def _take_header(graph: _Graph, line: bytes) -> bool:
    key, _, value = line.partition(b":")
    if key == b"events" and not graph.selfs:
        graph.events = [to_text(word) for word in value.split()[:_MOST_EVENTS]] or [""]
    elif key == b"positions":
        graph.positions = min(max(len(value.split()), 1), 4)
    return _HEADER.match(line) is not None or line.startswith((b"jump=", b"jcnd=", b"rcalls="))


def _take_name(graph: _Graph, found: re.Match[bytes]) -> bool:
    key = found["key"]
    if key not in (b"fn", b"cfn"):
        return key in (b"fl", b"fi", b"fe", b"ob", b"cfi", b"cfl", b"cob")
    if found["name"] is not None:
        name = _RECURSION_LEVEL.sub("", to_text(found["name"])).strip() or UNKNOWN
        if found["number"] is not None and len(graph.names) < _MOST_NAMES:
            graph.names[found["number"]] = name
    else:
        name = graph.names.get(found["number"] or b"", UNKNOWN)
    if name == "???" or name.startswith("0x"):
        name = UNKNOWN
    if key == b"cfn":
        graph.callee = name
    else:
        graph.function, graph.calling = name, False
    return True


def _take_costs(graph: _Graph, words: list[bytes]) -> bool:
    """Costs of the function itself, or, right after ``calls=``, of a call; those left out are 0."""
    given = words[graph.positions : graph.positions + len(graph.events)]
    if not all(_NUMBER.fullmatch(word) for word in given):
        return False
    if graph.calling:
        costs = graph.calls.setdefault((graph.function, graph.callee), [0.0] * len(graph.events))
        graph.calling = False
    else:
        costs = graph.selfs.setdefault(graph.function, [0.0] * len(graph.events))
    for column, word in enumerate(given):
        costs[column] += float(word)
    return True
