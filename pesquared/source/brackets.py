"""Which brackets and which ``#if`` … ``#endif`` belong together, in text whose branches may each hold a brace."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pesquared.source.tokens import Token

PAIRS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(PAIRS.values())
OPENING_CONDITIONS = frozenset({"if", "ifdef", "ifndef"})
OTHER_BRANCHES = frozenset({"else", "elif", "elifdef", "elifndef"})


@dataclass(frozen=True, slots=True)
class Open:
    """An open bracket; ``below`` is what was open before it. Shared, never changed: a branch can go back to it."""

    index: int
    below: "Open | None"


@dataclass(slots=True)
class Condition:
    """An open ``#if``: what was open before it, and after its first branch."""

    index: int
    before: Open | None
    after: Open | None = None
    branches: int = 1


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """Where the text stops making sense. ``index`` counts tokens."""

    reason: str
    index: int


@dataclass(slots=True)
class Brackets:
    """``closing`` maps opening brackets to what closes them, ``endif`` each ``#if``; both are token indices."""

    closing: dict[int, int] = field(default_factory=dict)
    endif: dict[int, int] = field(default_factory=dict)
    opening: dict[int, int] = field(default_factory=dict)  # the other way round
    _open: Open | None = None
    _conditions: list[Condition] = field(default_factory=list)

    def take(self, index: int, token: Token, code: Sequence[Token]) -> str:
        """Goes on by one token; returns what is wrong with it, "" for nothing."""
        if token.kind == "directive":
            return self._directive(index, token.directive)
        if token.kind != "punctuator":
            return ""
        if token.text in PAIRS:
            self._open = Open(index, self._open)
        elif token.text in CLOSERS:
            if self._open is None:
                return f"a {token.text!r} that nothing opens"
            opener = code[self._open.index].text
            if PAIRS[opener] != token.text:
                return f"{token.text!r} where {PAIRS[opener]!r} was expected"
            self.closing[self._open.index] = index
            self.opening[index] = self._open.index
            self._open = self._open.below
        return ""

    def _directive(self, index: int, name: str) -> str:
        if name in OPENING_CONDITIONS:
            self._conditions.append(Condition(index, self._open))
        elif name in OTHER_BRANCHES or name == "endif":
            if not self._conditions:
                return f"#{name} without #if"
            condition = self._conditions[-1]
            if condition.branches == 1:
                condition.after = self._open
            condition.branches += 1
            self._open = condition.before
            if name == "endif":
                self._open = condition.after  # the branches are alternatives: the first stands for all
                self.endif[condition.index] = index
                self._conditions.pop()
        return ""

    def left_open(self, code: Sequence[Token]) -> Unbalanced | None:
        """What the end of the text leaves open."""
        if self._conditions:
            return Unbalanced("an #if without #endif", self._conditions[-1].index)
        if self._open is not None:
            return Unbalanced(f"a {code[self._open.index].text!r} that is never closed", self._open.index)
        return None

    def crosses(self, first: int, stop: int, code: Sequence[Token]) -> bool:
        """Does a bracket within ``code[first:stop]`` belong to one outside?"""
        for index in range(first, stop):
            if self.opening.get(index, index) < first or self.closing.get(index, index) >= stop:
                return True
            if code[index].kind == "punctuator" and code[index].text in PAIRS and index not in self.closing:
                return True
        return False


def match_brackets(code: Sequence[Token]) -> Brackets | Unbalanced:
    """Matches the brackets of tokens without comments."""
    found = Brackets()
    for index, token in enumerate(code):
        problem = found.take(index, token, code)
        if problem:
            return Unbalanced(problem, index)
    return found.left_open(code) or found
