"""An answer that was cut off, and what was sent when it was asked to be gone on with, made one text."""

import re

MOST_CONTINUATIONS = 3
LONGEST_OVERLAP, SHORTEST_OVERLAP = 2000, 8  # characters that a model says again although it should not
REOPENED = re.compile(r"\s*(?:`{3,}|~{3,})[^\n`]*\n")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def joined(so_far: str, more: str) -> str:
    """``so_far`` and ``more`` without what was said twice at the seam."""
    if _is_inside_a_fence(so_far):
        reopened = REOPENED.match(more)
        if reopened:
            more = more[reopened.end() :]
            so_far = so_far if so_far.endswith("\n") or not more else _up_to_a_line(so_far, more)
    return so_far + more[_overlap(so_far, more) :]


def _up_to_a_line(so_far: str, more: str) -> str:
    """Where a fence was opened again, a line that was begun is said again from its beginning, or it has ended."""
    begun = so_far.rpartition("\n")[2]
    first = more.partition("\n")[0]
    return so_far[: len(so_far) - len(begun)] if begun and first.startswith(begun) else so_far


def _overlap(so_far: str, more: str) -> int:
    """Length of the longest end of ``so_far`` with which ``more`` begins, 0 if that is short enough for chance."""
    for length in range(min(LONGEST_OVERLAP, len(so_far), len(more)), SHORTEST_OVERLAP - 1, -1):
        if so_far.endswith(more[:length]):
            return length
    return 0


def _is_inside_a_fence(text: str) -> bool:
    opened = ""
    for found in FENCE.finditer(text):
        if not opened:
            opened = found[1]
        elif found[1][0] == opened[0] and len(found[1]) >= len(opened):
            opened = ""
    return bool(opened)
