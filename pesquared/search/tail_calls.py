"""Functions that a stack does not show because their last act was a call.

A call in tail position is compiled to a jump: of ``caller → wrapper → callee`` the stack shows no wrapper. No
profiler can tell. The source can, for the most part: it says who can have called whom.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pesquared.core.protocols import SourceIndex
from pesquared.core.source import Ambiguous, Definition, FunctionContext, Missing

WORD = re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"(?P<member>\.\s*|->\s*|)(?P<name>[A-Za-z_]\w*)\s*\(")
_THROUGH_POINTER = re.compile(r"\(\s*\*[^()]{1,200}\)\s*\(")
_NO_CALLS = frozenset({"if", "for", "while", "switch", "return", "sizeof", "alignof", "decltype", "catch"})
_MOST_FOLLOWED = 40  # definitions, breadth first


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of the function that a frame shows."""

    base: str  # its name without scopes
    meanings: tuple[Definition, ...]  # several where the name is ambiguous, none outside the code base
    words: frozenset[str]  # of its source; empty outside the code base


@dataclass(frozen=True, slots=True)
class Reach:
    """What some functions can call, and those in turn."""

    bases: frozenset[str]  # the functions' own names, without scopes
    words: frozenset[str]
    anything: bool  # one of them calls through a pointer, so that names do not tell

    def may_lie_between(self, caller: Shown, callee: Shown) -> bool:
        """Could one of the functions stand between two neighbours of a stack, unseen?"""
        said = callee.base in caller.words
        to_us = not self.bases.isdisjoint(caller.words)
        if callee.base in self.words:
            return to_us or not said
        by_pointer = self.anything and bool(callee.meanings)
        by_operator = not callee.base.isidentifier()
        return to_us and not said and (by_pointer or by_operator)


def definitions_of(resolution: Definition | Ambiguous | Missing) -> tuple[Definition, ...]:
    """All that a symbol may mean."""
    if isinstance(resolution, Definition):
        return (resolution,)
    return resolution.candidates if isinstance(resolution, Ambiguous) else ()


def reach_of(functions: Sequence[Definition], source: SourceIndex, text: Callable[[Definition], str]) -> Reach:
    """What ``functions`` can call; macros count by what they stand for.

    Raises:
        PesquaredError: the tree has changed since they were found.
    """
    words: set[str] = set()
    anything = False
    following: deque[str] = deque()
    for one in functions:
        context = source.extract(one)
        texts = (context.text, *context.macros)
        words.update(_words(texts))
        following.extend(name for part in texts for _, name in _calls(part))
        anything = anything or _calls_through_pointers(context, source)
    seen: set[str] = set()
    followed = 0
    while following and followed < _MOST_FOLLOWED:
        name = following.popleft()
        if name in seen:
            continue
        seen.add(name)
        for one in definitions_of(source.find(name)):
            followed += 1
            body = text(one)
            words.update(_words((body,)))
            following.extend(called for _, called in _calls(body))
    bases = frozenset(one.base_name for one in functions)
    return Reach(bases, frozenset(words), anything or bool(following))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in WORD.findall(text)}


def _calls(text: str) -> list[tuple[bool, str]]:
    """Names before an opening parenthesis, and whether they are members."""
    found = [(bool(call["member"]), call["name"]) for call in _CALL.finditer(text)]
    return [(member, name) for member, name in found if name not in _NO_CALLS]


def _calls_through_pointers(context: FunctionContext, source: SourceIndex) -> bool:
    """Does it call a variable? A name that is no function of ours and is not only called is taken for one."""
    if _THROUGH_POINTER.search(context.text):
        return True
    known = _words((*context.macros, *context.callees, context.definition.base_name))
    variables = _words(context.variables)
    words = WORD.findall(context.text)
    calls = _calls(context.text)
    names = [name for _, name in calls]
    for member, name in dict.fromkeys(calls):
        if name in known or definitions_of(source.find(name)):
            continue
        if member or name in variables or words.count(name) > names.count(name):
            return True
    return False
