"""Takes a demangled C++ symbol apart: return type, scopes, template arguments, parameters, qualifiers.

This is not C++ grammar but what libiberty and LLVM print. One pass over tokens, no recursion, so that a hostile
symbol costs time in proportion to its length.
"""

import re
from dataclasses import dataclass

from pesquared.profiles.names.lambdas import MARKS, wrapped_lambda

# ``operator<`` and its kin are one token, so that their brackets are never taken for brackets. What is left as a
# bare ``operator`` is a conversion (``operator double``), or has been cut off by a folding script.
_TOKEN = re.compile(
    r"""operator(?: \(\) | \[\] | <=> | <<= | >>= | ->\* | -> | << | >> | <= | >= | && | \|\| | \+\+ | --
                  | [-+*/%^&|!=]= | [-+*/%^&|~!=<>,] | ""\ ?\w+
                  | \ (?:new|delete)(?:\[\])?(?!\w) | \ co_await(?!\w) )
      | 'lambda\d*' | [\w$~]+ | :: | -> | .""",
    re.VERBOSE | re.DOTALL,
)
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_QUALIFIERS = frozenset(("const", "volatile", "&", "noexcept", "restrict"))
_ANONYMOUS = "(anonymous namespace)"


@dataclass(frozen=True, slots=True)
class Demangled:
    """The parts of a symbol that tell which definition it is.

    ``text`` keeps what sets overloads apart; ``name`` keeps scopes only. Neither has a return type or template
    arguments, because all instances of a template are one definition.
    """

    text: str
    name: str
    parameters: str | None  # as printed between the parentheses; None when the symbol has none


def take_apart(symbol: str) -> Demangled | None:
    """The parts of ``symbol``; None when its brackets do not close or it ends in a bare ``operator``.

    Such symbols were cut by a folding script (``main::{lambda``, ``foo<``) and fit several functions. Of a symbol
    that only runs a lambda, the lambda's is returned as it stands.
    """
    tokens = _TOKEN.findall(symbol)
    partners = _match_brackets(tokens)
    if partners is None or not tokens or tokens[-1] == "operator":
        return None
    start, end = _declarator(tokens, partners)
    opener, closer = _parameter_list(tokens, partners, start, end)
    head = _Head(tokens, partners, start, opener if closer else end)
    name, text = head.walk(typed=closer > 0)
    if not name:
        return None
    if inner := wrapped_lambda(tokens, partners, name.rpartition("::")[2]):
        return Demangled(inner, inner, None)
    if not closer:
        return Demangled(text, name, None)
    return Demangled(text + "".join(tokens[opener:end]), name, "".join(tokens[opener + 1 : closer]).strip())


def _match_brackets(tokens: list[str]) -> list[int] | None:
    """For each bracket the index of its partner, -1 elsewhere; None if they do not match.

    ``<`` is a bracket unless a closing bracket of another kind comes first: then it was "less than".
    """
    partners = [-1] * len(tokens)
    open_at: list[int] = []
    for index, piece in enumerate(tokens):
        if piece in ("(", "[", "{", "<"):
            open_at.append(index)
        elif piece == ">":
            if open_at and tokens[open_at[-1]] == "<":
                partners[index] = open_at.pop()
                partners[partners[index]] = index
            elif not open_at:
                return None
        elif piece in _CLOSERS:
            while open_at and tokens[open_at[-1]] == "<":
                open_at.pop()
            if not open_at or tokens[open_at[-1]] != _CLOSERS[piece]:
                return None
            partners[index] = open_at.pop()
            partners[partners[index]] = index
    return None if open_at else partners


def _declarator(tokens: list[str], partners: list[int]) -> tuple[int, int]:
    """Where the function stands: the whole, or inside ``int (*f(double)) [3]`` for what returns such pointers."""
    start, end = 0, len(tokens)
    index = start
    while index < end and tokens[index] != "operator":
        closer = partners[index]
        if closer < index:
            index += 1
            continue
        inner = index + 1
        while inner < closer and tokens[inner] in ("*", "&"):
            inner += 1
        points = tokens[index] == "(" and index > start and tokens[index - 1] == " " and inner > index + 1
        if points and inner < closer and closer + 1 < end and tokens[closer + 1] in ("(", " "):
            start, end, index = inner, closer, inner
        else:
            index = closer + 1
    return start, end


def _parameter_list(tokens: list[str], partners: list[int], start: int, end: int) -> tuple[int, int]:
    """Indices of the function's own parentheses, (0, 0) if it has none. Qualifiers may follow them."""
    last = end - 1
    while last > start and (tokens[last] == " " or tokens[last] in _QUALIFIERS):
        last -= 1
    opener = partners[last]
    if tokens[last] != ")" or opener <= start or tokens[opener - 1] in (" ", "::"):
        return 0, 0
    return opener, last


class _Head:
    """All before the parameters: return type and qualified name."""

    def __init__(self, tokens: list[str], partners: list[int], start: int, end: int) -> None:
        self._tokens = tokens
        self._partners = partners
        self._start = start
        self._end = end
        self._name: list[str] = []
        self._text: list[str] = []

    def walk(self, *, typed: bool) -> tuple[str, str]:
        """``(name, text)``. A return type is dropped where there can be one: parameters or template arguments."""
        typed = typed or self._has_template_arguments()
        index = self._start
        while index < self._end:
            piece = self._tokens[index]
            if piece == "operator":
                index = self._conversion(index)
            elif self._partners[index] > index:
                index = self._group(index)
            elif piece == " " and self._before_arguments(index):
                index += 1
            elif piece == " " and typed:
                self._name, self._text = [], []
                index += 1
            else:
                self._keep(piece)
                index += 1
        return "".join(self._name).strip(), "".join(self._text).strip()

    def _keep(self, *tokens: str) -> None:
        self._name.extend(tokens)
        self._text.extend(tokens)

    def _has_template_arguments(self) -> bool:
        index = self._start
        while index < self._end:
            if self._is_template(index):
                return True
            index = max(index, self._partners[index]) + 1
        return False

    def _is_template(self, index: int) -> bool:
        """Does a template argument list start here? ``<lambda()>`` and ``<T as Trait>`` begin a name instead."""
        if self._tokens[index] != "<" or self._partners[index] < 0 or index == self._start:
            return False
        before = self._tokens[index - 1]
        return self._before_arguments(index - 1) if before == " " else before != "::"

    def _before_arguments(self, index: int) -> bool:
        """The space that demanglers put between ``operator<`` and its template arguments."""
        return (
            index + 1 < self._end
            and index > self._start
            and self._tokens[index + 1] == "<"
            and self._tokens[index - 1].startswith("operator")
        )

    def _conversion(self, index: int) -> int:
        """``operator unsigned long``: the spaces belong to the name, up to the parameters."""
        stop = index + 1
        while stop < self._end and not (self._tokens[stop] == "(" and self._partners[stop] == stop + 1):
            stop = max(stop, self._partners[stop]) + 1
        self._keep(*self._tokens[index:stop])
        return stop

    def _group(self, index: int) -> int:
        """A bracketed piece of the name: kept, kept in ``text`` only, or dropped. Returns where it ends."""
        after = self._partners[index] + 1
        group = self._tokens[index:after]
        before = self._tokens[index - 1] if index > self._start else ""
        if self._is_template(index):
            if self._is_library_glue("".join(group)):
                self._text.extend(group)
        elif "".join(group) == _ANONYMOUS:
            # Sources do not name the namespace; that it is there keeps two functions of one name apart.
            self._text.extend(group)
            if self._tokens[after : after + 1] == ["::"]:
                self._text.append("::")
                after += 1
        elif group[0] == "(" and before not in ("", " ", "::") and not before.startswith("'lambda"):
            after = self._enclosing_parameters(group, after)
        elif group[:2] != ["[", "abi"]:
            self._keep(*group)
        return after

    def _enclosing_parameters(self, group: list[str], after: int) -> int:
        """``f(int) const::{lambda()#1}``: the parameters of the function around, and its qualifiers."""
        self._text.extend(group)
        while after + 1 < self._end and self._tokens[after] == " " and self._tokens[after + 1] in _QUALIFIERS:
            self._text.extend(self._tokens[after : after + 2])
            after += 2
        return after

    def _is_library_glue(self, arguments: str) -> bool:
        """Is this the standard library around a lambda? Then the lambda is all that tells whose code runs here."""
        return "".join(self._text[:2]) == "std::" and any(mark in arguments for mark in MARKS)
