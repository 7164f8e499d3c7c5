"""Finds where a new ``#include`` goes: behind the last one that is in force wherever the definition is.

Putting it at the very top is wrong: it would come before ``#define _GNU_SOURCE`` and the like.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pesquared.source.brackets import OPENING_CONDITIONS, OTHER_BRANCHES
from pesquared.source.tokens import Token, tokens

BOM = "\xef\xbb\xbf"  # UTF-8's byte order mark, read as Latin-1
DEEPEST = 200  # regions in each other; what stands deeper is not looked at
HEADER = re.compile(r"#\s*include\s*(<[^>\n]*>|\"[^\"\n]*\"|\w+)")


@dataclass(frozen=True, slots=True)
class Region:
    """A branch of an ``#if`` or a pair of braces; ``start`` is where it opens, which also names it."""

    kind: str  # "branch" or "brace"
    start: int
    outer: int  # of a branch: where its ``#if`` begins


@dataclass(frozen=True, slots=True)
class Condition:
    """An open ``#if`` and the regions around it."""

    start: int
    before: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Included:
    """An ``#include`` line and the regions around it, outermost first."""

    header: str  # ``<stdio.h>`` or ``"a.h"``
    end: int  # offset behind the directive
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Preamble:
    """What stands before a definition, as far as includes are concerned."""

    includes: tuple[Included, ...]
    regions: tuple[Region, ...]  # around the definition
    first: Token | None  # the first token that is neither comment nor directive
    first_regions: tuple[Region, ...]
    behind_directive: int  # the end of the last directive before ``first``, 0 for none


def content_start(text: str) -> int:
    """Offset behind the byte order mark, if there is one."""
    return len(BOM) if text.startswith(BOM) else 0


def header_of(line: str) -> str:
    """``<stdio.h>`` of ``#  include <stdio.h> // x``; "" for other lines."""
    found = HEADER.match(line)
    return found.group(1) if found else ""


def read_preamble(text: str, stop: int) -> Preamble:
    """Walks the tokens of ``text`` up to ``stop``, where the definition begins.

    Args:
        text: the file, decoded as Latin-1 so that offsets are bytes.
        stop: offset of the definition.
    """
    regions: list[Region] = []
    conditions: list[Condition] = []
    includes: list[Included] = []
    first: Token | None = None
    first_regions: tuple[Region, ...] = ()
    behind_directive = 0
    for token in tokens(text, content_start(text), stop):
        if len(regions) > DEEPEST:
            break
        if token.kind == "directive":
            if token.directive == "include":
                includes.append(Included(header_of(token.text), token.end, tuple(regions)))
            regions = _after_directive(token, regions, conditions)
            behind_directive = behind_directive if first else token.end
        elif token.kind != "comment":
            if first is None:
                first, first_regions = token, tuple(regions)
            _count_brace(token, regions)
    return Preamble(tuple(includes), tuple(regions), first, first_regions, behind_directive)


def _count_brace(token: Token, regions: list[Region]) -> None:
    if token.text == "{":
        regions.append(Region("brace", token.start, token.start))
    elif token.text == "}":
        for at in range(len(regions) - 1, -1, -1):
            if regions[at].kind == "brace":  # perhaps opened in a branch before: ``#ifdef __cplusplus``
                del regions[at]
                break


def _after_directive(token: Token, regions: list[Region], conditions: list[Condition]) -> list[Region]:
    """The open regions behind a directive. A brace that a branch leaves open stays open behind ``#endif``."""
    name = token.directive
    if name in OPENING_CONDITIONS:
        conditions.append(Condition(token.start, tuple(regions)))
        return [*regions, Region("branch", token.start, token.start)]
    if name in OTHER_BRANCHES and conditions:
        return [*conditions[-1].before, Region("branch", token.start, conditions[-1].start)]
    if name == "endif" and conditions:
        closed = conditions.pop()
        return [region for region in regions if region.outer != closed.start]
    return regions


def include_position(text: str, stop: int, header: str) -> int | None:
    """Byte offset at which the line ``#include header`` goes, the start of a line; None when it is there already.

    Args:
        text: the file, decoded as Latin-1.
        stop: offset of the definition that needs it.
        header: with its brackets or quotes.
    """
    preamble = read_preamble(text, stop)
    in_force = [
        found
        for found in preamble.includes
        if found.regions == preamble.regions[: len(found.regions)]
        and all(region.kind == "branch" for region in found.regions)
    ]
    if any(found.header == header for found in in_force):
        return None
    if in_force:
        return _next_line(text, in_force[-1].end)
    if preamble.includes:
        return _behind_regions(text, preamble, stop)
    return _before_first_declaration(text, preamble, stop)


def _behind_regions(text: str, preamble: Preamble, stop: int) -> int:
    """All includes stand in conditions or braces of their own: behind the outermost of the last one's."""
    last = preamble.includes[-1]
    apart = next(
        (
            region
            for at, region in enumerate(last.regions)
            if at >= len(preamble.regions) or preamble.regions[at] != region
        ),
        None,
    )
    if apart is None or apart.kind == "brace":
        return declaration_start(text, stop)
    depth = 0
    for token in tokens(text, apart.outer, stop):
        depth += {"endif": -1}.get(token.directive, int(token.directive in OPENING_CONDITIONS))
        if token.directive == "endif" and depth == 0:
            return _next_line(text, token.end)
    return declaration_start(text, stop)


def _before_first_declaration(text: str, preamble: Preamble, stop: int) -> int:
    """No include at all: behind leading ``#define`` lines, else before the first declaration's comment."""
    differs = preamble.first_regions != preamble.regions[: len(preamble.first_regions)]
    if preamble.first is None or differs:
        return declaration_start(text, stop)
    if preamble.behind_directive:
        return _next_line(text, preamble.behind_directive)
    return declaration_start(text, preamble.first.start)


def _next_line(text: str, offset: int) -> int:
    newline = text.find("\n", offset)
    return len(text) if newline < 0 else newline + 1


def declaration_start(text: str, offset: int) -> int:
    """Where the declaration begins that goes on at ``offset``, with what a parser does not count to it.

    That is a macro or an attribute in front of it, and the comment directly above.

    Args:
        text: the file, decoded as Latin-1.
        offset: start of the definition's extent.
    """
    before = list(tokens(text, content_start(text), offset))
    start, at = offset, len(before) - 1
    while at >= 0 and before[at].kind != "directive" and before[at].text not in (";", "{", "}", ":"):
        if before[at].kind == "comment":
            gap = text[before[at].end : start]
            if gap.count("\n") > 1 or _behind_code(before, at, text):
                break
        start = before[at].start
        at -= 1
    return start


def _behind_code(before: Sequence[Token], at: int, text: str) -> bool:
    """Does the comment ``before[at]`` stand on the line of the token before it?"""
    return at > 0 and "\n" not in text[before[at - 1].end : before[at].start]
