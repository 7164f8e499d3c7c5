"""Blocks that replace lines of a long function instead of writing it anew: applied to what the prompt showed.

What is to be found has to stand there exactly once: letter for letter, else but for white space at lines' ends.
What comes out is a whole definition, and goes the way of all others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pesquared.propose.refusal import Refused
from pesquared.propose.reply import Block
from pesquared.propose.shown import Shown

SEARCH = re.compile(r"<{5,9} ?SEARCH\b[^\n]*")
DIVIDER = re.compile(r"={5,9}\s*")
REPLACE = re.compile(r">{5,9} ?REPLACE\b[^\n]*")
MOST_HUNKS = 200
SHOWN = 80  # characters of what was not found


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines and what takes their place; both without the line break at their end."""

    search: str
    replace: str


def holds_hunks(text: str) -> bool:
    """Does a line of it begin such a block?"""
    return any(SEARCH.fullmatch(line) for line in text.split("\n"))


def expanded(blocks: Sequence[Block], shown: Shown) -> list[Block]:
    """The blocks, with all that search and replace made into whole definitions.

    Raises:
        Refused: search-not-found, search-ambiguous, unparsable.
    """
    found = [block for block in blocks if holds_hunks(block.text)]
    if not found:
        return list(blocks)
    texts = {shown.target.key: shown.context.text}
    texts |= {caller.definition.key: caller.text for caller in shown.context.callers}
    changed: dict[str, str] = {}
    hunks = [hunk for block in found for hunk in _hunks(block.text)]
    if len(hunks) > MOST_HUNKS:
        raise Refused("too-large", f"the reply holds more than {MOST_HUNKS} replacements")
    for hunk in hunks:
        key, text = _applied(hunk, texts)
        texts[key] = changed[key] = text
    paths = {shown.target.key: shown.target.extent.path}
    paths |= {caller.definition.key: caller.definition.extent.path for caller in shown.context.callers}
    whole = [Block(text, paths[key]) for key, text in changed.items()]
    if shown.target.key not in changed and len(found) == len(blocks):
        whole.append(Block(shown.context.text, paths[shown.target.key]))  # only a caller changes
    return [*(block for block in blocks if block not in found), *whole]


def _hunks(text: str) -> Iterator[Hunk]:
    """The replacements of a block; what stands between them is passed over."""
    search: list[str] = []
    replace: list[str] = []
    part = "outside"
    for line in text.split("\n"):
        if SEARCH.fullmatch(line):
            if part != "outside":
                raise Refused("unparsable", "a SEARCH inside another one")
            search, replace, part = [], [], "search"
        elif part == "search" and DIVIDER.fullmatch(line):
            part = "replace"
        elif part == "replace" and REPLACE.fullmatch(line):
            yield Hunk("\n".join(search), "\n".join(replace))
            part = "outside"
        elif part == "search":
            search.append(line)
        elif part == "replace":
            replace.append(line)
    if part != "outside":
        raise Refused("unparsable", "a SEARCH without its ======= or REPLACE")


def _applied(hunk: Hunk, texts: dict[str, str]) -> tuple[str, str]:
    """The key of the one definition that holds the lines, and its new text."""
    if not hunk.search.strip():
        raise Refused("search-not-found", "a SEARCH with nothing in it")
    for places in (_exactly, _but_for_ends):
        found = [(key, place) for key, text in texts.items() for place in places(hunk.search, text)]
        if len(found) > 1:
            raise Refused("search-ambiguous", f"{_first(hunk)} stands there {len(found)} times: give more lines")
        if found:
            key, (start, end) = found[0]
            return key, texts[key][:start] + hunk.replace + texts[key][end:]
    raise Refused("search-not-found", f"{_first(hunk)} does not stand in what was shown, letter for letter")


def _exactly(search: str, text: str) -> list[tuple[int, int]]:
    """Where whole lines are the same."""
    whole, lines = f"\n{text}\n", f"\n{search}\n"
    places = []
    at = whole.find(lines)
    while at >= 0:
        places.append((at, at + len(search)))
        at = whole.find(lines, at + 1)
    return places


def _but_for_ends(search: str, text: str) -> list[tuple[int, int]]:
    """Where lines are the same but for white space behind them."""
    wanted = [line.rstrip() for line in search.split("\n")]
    lines = text.split("\n")
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + len(line) + 1)
    stripped = [line.rstrip() for line in lines]
    return [
        (ends[at], ends[at + len(wanted)] - 1)
        for at in range(len(lines) - len(wanted) + 1)
        if stripped[at] == wanted[0] and stripped[at : at + len(wanted)] == wanted
    ]


def _first(hunk: Hunk) -> str:
    return repr(next(line.strip() for line in hunk.search.split("\n") if line.strip())[:SHOWN])
