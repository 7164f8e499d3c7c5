"""Reads what valgrind's callgrind writes: exact counts of events by function, and who called whom.

    ob=(1) /home/me/prog   the object and
    fl=(1) prog.c          the file of the functions that follow
    fn=(1) main            the function whose costs follow
    16 400                 at line 16, 400 instructions of its own
    cfn=(2) fib            it calls this one
    calls=1 50             once
    16 86000               at line 16, at this cost, with all below

Names are compressed: ``(1) main`` names a number, ``(1)`` repeats it; functions, files and objects have numbers of
their own. A function is told apart by its object and file: every library has functions that are called alike, or
not at all. ``cob=`` and ``cfi=`` are said of a callee where they differ from the caller's object and the file of
the line that calls. Format: "Callgrind Format Specification" in valgrind's manual. The stacks are not recorded;
``rebuilt`` guesses them.
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
_OTHER_NAMES = (b"jump", b"jcnd", b"jfi", b"jfn", b"rcalls")
_FUNCTION, _FILE, _OBJECT = b"fn", b"fl", b"ob"  # what names are of
_HEADER = re.compile(rb"[A-Za-z][\w ]{0,31}:")
_LONGEST_NUMBER = 20  # digits
_RECURSION_LEVEL = re.compile(r"'\d{1,4}$")  # callgrind --separate-recs: fib'2
_MOST_EVENTS = 16
_MOST_NAMES = 1 << 18
_MOST_CALLS = 1 << 18  # different ones; large programs show some 50,000

Costs = list[float]
Node = tuple[str, str, str]  # object, file, name; "" for what is not told


@dataclass(slots=True)
class _Graph:
    """What has been read so far."""

    events: list[str] = field(default_factory=lambda: [""])
    positions: int = 1  # numbers before the costs
    names: dict[tuple[bytes, bytes], str] = field(default_factory=dict)  # by what they are of, and number
    selfs: dict[Node, Costs] = field(default_factory=dict)
    calls: dict[tuple[Node, Node], Costs] = field(default_factory=dict)
    object: str = ""
    file: str = ""
    file_of_line: str = ""  # another one within inlined code
    function: Node = ("", "", "")
    callee: Node = ("", "", "")
    callee_object: str | None = None  # as said for the next callee
    callee_file: str | None = None
    calling: bool = False  # do the next costs belong to a call?

    def name(self, kind: bytes, given: bytes) -> str:
        """``(1) main``, which names a number, ``(1)`` or ``main``; "" for ``???``."""
        known = self.names.get((kind, given))
        if known is not None:
            return known
        found = _NAME.match(given)
        name = to_text(found["name"].strip()) if found else ""
        name = "" if name == "???" else name
        if kind == _FUNCTION:
            name = _RECURSION_LEVEL.sub("", name)
        if found and found["name"] and len(self.names) < _MOST_NAMES:
            self.names[kind, found["number"] or given] = name
        return name

    def begin_function(self, name: str) -> None:
        self.function, self.file_of_line, self.calling = (self.object, self.file, name), self.file, False

    def begin_call(self, name: str) -> None:
        """Of this function, in the place that was said for it, if any was."""
        file = self.file_of_line if self.callee_file is None else self.callee_file
        self.callee = (self.object if self.callee_object is None else self.callee_object, file, name)
        self.callee_object = self.callee_file = None

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
        yield from rebuilt(selfs, calls, origin, _shown)


def _shown(node: Node) -> str:
    """The function's name; its object, as readers of other formats show it, where it has none."""
    where, _, name = node
    if name and not name.startswith("0x"):
        return name
    module = where.rsplit("/", 1)[-1].strip("[]")
    return f"[{module}]" if module else UNKNOWN


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
        graph.begin_function(graph.name(_FUNCTION, rest))
    elif key == b"cfn":
        graph.begin_call(graph.name(_FUNCTION, rest))
    elif key == b"calls":
        graph.calling = True
    elif not _take_place(graph, key, rest) and key not in _OTHER_NAMES:
        return _take_header(graph, line)
    return True


def _take_place(graph: _Graph, key: bytes, rest: bytes) -> bool:
    """Takes an object or a file; is it one?"""
    if key == b"ob":
        graph.object = graph.name(_OBJECT, rest)
    elif key == b"cob":
        graph.callee_object = graph.name(_OBJECT, rest)
    elif key == b"fl":
        graph.file = graph.file_of_line = graph.name(_FILE, rest)
    elif key in (b"fi", b"fe"):
        graph.file_of_line = graph.name(_FILE, rest)
    elif key in (b"cfi", b"cfl"):
        graph.callee_file = graph.name(_FILE, rest)
    else:
        # A jump's target needs no place, but may be the first to give a file's or a function's number its name.
        if key in (b"jfi", b"jfn"):
            graph.name(_FILE if key == b"jfi" else _FUNCTION, rest)
        return False
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
