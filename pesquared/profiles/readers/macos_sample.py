"""Reads what ``sample`` of macOS prints: a tree of calls with the number of samples that ran through each.

    Call graph:
        800 Thread_1234   DispatchQueue_1: com.apple.main-thread  (serial)
        + 800 start  (in dyld) + 1903  [0x18f1]
        +   800 main  (in prog) + 120  [0x1029]
        +     700 work  (in prog) + 44  [0x102a]

    Total number in stack (recursive counted multiple, when >=5):

A count includes what is below it: a function's own samples are what its children leave over. Samples of threads
that wait are time off the processor; they have an event of their own, ``off-cpu``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.profile import OFF_CPU, UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.lines import excerpt, read_lines, to_text
from pesquared.profiles.problems import Problems

_GRAPH = re.compile(rb"^Call graph:\s*$", re.MULTILINE)
_NODE = re.compile(rb"(?P<indent>[ +!:|]{1,4096})(?P<count>\d{1,12}) (?P<what>[^\n]+)")
_MODULE = re.compile(rb"  \(in (?P<module>[^)\n]{1,256})\)")
_UNNAMED = (b"???", b"0x")

# Where threads of macOS wait: system calls that return when there is something to do.
_WAITING = frozenset((
    "__accept", "__poll", "__psynch_cvwait", "__psynch_mutexwait", "__psynch_rw_rdlock", "__psynch_rw_wrlock",
    "__read_nocancel", "__recvfrom", "__select", "__select_nocancel", "__semwait_signal",
    "__semwait_signal_nocancel", "__sigsuspend", "__sigsuspend_nocancel", "__sigwait", "__ulock_wait",
    "__ulock_wait2", "__wait4", "__wait4_nocancel", "__workq_kernreturn", "kevent", "kevent64", "kevent_id",
    "kevent_qos", "mach_msg_trap", "mach_msg2_trap", "poll", "read", "semaphore_timedwait_trap",
    "semaphore_wait_trap", "start_wqthread", "swtch_pri", "thread_switch",
))  # fmt: skip


@dataclass(slots=True)
class _Node:
    indent: int
    frame: str
    left: int  # samples that no child has taken


class MacosSampleReader:
    """The reader of the format. Memory grows with the depth of the tree only."""

    name: str = "macOS sample"

    def recognises(self, head: bytes) -> bool:
        """The heading of the tree, or of the report."""
        return b"\0" not in head and (_GRAPH.search(head) is not None or head.startswith(b"Analysis of sampling "))

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields a sample for each node that has samples of its own."""
        with opened(path, diagnostics) as contents:
            yield from _samples(_tree(read_lines(contents.stream, contents.problems)), contents.problems)


def _tree(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The lines between the tree's heading and its end."""
    within = False
    for number, line in lines:
        if line.startswith((b"Call graph:", b"Total number in stack", b"Sort by top of stack")):
            within = line.startswith(b"Call graph:")
        elif within and line.strip():
            yield number, line


def _samples(lines: Iterable[tuple[int, bytes]], problems: Problems) -> Iterator[Sample]:
    path: list[_Node] = []
    for number, line in lines:
        found = _NODE.match(line)
        if found is None:
            problems.add(number, f"no part of the call graph: {excerpt(line.strip())}")
            continue
        indent, count = len(found["indent"]), int(found["count"])
        while path and path[-1].indent >= indent:
            yield from _own(path)
        if path and count > path[-1].left:
            problems.add(number, f"more samples than its caller has left: {excerpt(line.strip())}")
            count = path[-1].left
        if len(path) < MAX_FRAMES:
            if path:
                path[-1].left -= count
            path.append(_Node(indent, _frame(found["what"]), count))
    while path:
        yield from _own(path)


def _own(path: list[_Node]) -> Iterator[Sample]:
    """Ends the deepest node: its own samples. The root is the thread, which is no frame."""
    node = path[-1]
    frames = tuple(part.frame for part in path[1:])
    if node.left and frames:
        event = OFF_CPU if node.frame in _WAITING else "cpu"
        yield Sample(frames, float(node.left), Origin(tid=path[0].frame, event=event))
    path.pop()


def _frame(what: bytes) -> str:
    """``work  (in prog) + 44  [0x102a]`` → ``work``; a thread's line has no module."""
    module = _MODULE.search(what)
    if module is None:
        return to_text(what.split(b"  ")[0].split(b" DispatchQueue")[0].strip()) or UNKNOWN
    name = what[: module.start()].strip()
    if name.startswith(_UNNAMED):
        return f"[{to_text(module['module'])}]"
    return to_text(name) or UNKNOWN
