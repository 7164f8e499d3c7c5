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
from pesquared.profiles.readers.rebuilt import NOTE, rebuilt

_HEAD = re.compile(
    rb"^# callgrind format|^(?:version: 1\n|creator: callgrind)|^events: [A-Z]\w*(?: |$)", re.MULTILINE
)
_NAME = re.compile(rb"(?P<number>\(\d{1,9}\))?\s{0,8}(?P<name>[^\n]*)")
_POSITIONS = frozenset(b"+-*0123456789")
_OTHER_NAMES = (b"fl", b"fi", b"fe", b"ob", b"cfi", b"cfl", b"cob", b"jump", b"jcnd", b"rcalls")
_HEADER = re.compile(rb"[A-Za-z][\w ]{0,31}:")
_LONGEST_NUMBER = 20  # digits
_RECURSION_LEVEL = re.compile(r"'\d{1,4}$")  # callgrind --separate-recs: fib'2
_MOST_EVENTS = 16
_MOST_NAMES = 1 << 18
_MOST_CALLS = 1 << 18  # different ones; large programs show some 50,000

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

    def name(self, given: bytes) -> str:
        """``(1) main``, which names a number, ``(1)`` or ``main``."""
        known = self.names.get(given)
        if known is not None:
            return known
        found = _NAME.match(given)
        name = to_text(found["name"].strip()) if found else ""
        if name == "???" or name.startswith("0x"):
            name = ""
        name = _RECURSION_LEVEL.sub("", name) or UNKNOWN
        if found and found["name"] and len(self.names) < _MOST_NAMES:
            self.names[found["number"] or given] = name
        return name

    def costs_of_function(self) -> Costs:
        """Of the one that is being read."""
        costs = self.selfs.get(self.function)
        if costs is None:
            costs = self.selfs[self.function] = [0.0] * len(self.events)
        return costs

    def costs_of_call(self) -> Costs:
        """Of the call that is being read; those of new calls beyond ``_MOST_CALLS`` are lost."""
        call = (self.function, self.callee)
        costs = self.calls.get(call)
        if costs is None:
            costs = [0.0] * len(self.events)
            if len(self.calls) < _MOST_CALLS:
                self.calls[call] = costs
        return costs


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
                text = line.strip()
                if not _take(graph, text):
                    contents.problems.add(number, f"no part of a callgrind file: {excerpt(text)}")
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
    if line[0] in _POSITIONS:
        return _take_costs(graph, line.split())
    key, equals, rest = line.partition(b"=")
    if not equals:
        return _take_header(graph, line)
    if key == b"fn":
        graph.function, graph.calling = graph.name(rest), False
    elif key == b"cfn":
        graph.callee = graph.name(rest)
    elif key == b"calls":
        graph.calling = True
    elif key not in _OTHER_NAMES:
        return _take_header(graph, line)
    return True


def _take_header(graph: _Graph, line: bytes) -> bool:
    key, _, value = line.partition(b":")
    if key == b"events" and not graph.selfs:
        graph.events = [to_text(word) for word in value.split()[:_MOST_EVENTS]] or [""]
    elif key == b"positions":
        graph.positions = min(max(len(value.split()), 1), 4)
    return _HEADER.match(line) is not None


def _take_costs(graph: _Graph, words: list[bytes]) -> bool:
    """Costs of the function itself, or, right after ``calls=``, of a call; those left out are 0."""
    given = words[graph.positions : graph.positions + len(graph.events)]
    for word in given:
        if not word.isdigit() or len(word) > _LONGEST_NUMBER:
            return False
    if len(words) > graph.positions + len(graph.events):
        return False
    costs = graph.costs_of_call() if graph.calling else graph.costs_of_function()
    graph.calling = False
    for column, word in enumerate(given):
        costs[column] += int(word)
    return True
