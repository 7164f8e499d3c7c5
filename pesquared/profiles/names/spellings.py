"""From the frames that a profiler printed to functions: each spelling is understood once."""

import re
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from pesquared.core.profile import UNKNOWN, Sample
from pesquared.errors import UsageError
from pesquared.profiles.held import Function, Stack
from pesquared.profiles.names.demangler import Demangler
from pesquared.profiles.names.symbols import clean

MAX_SPELLINGS = 1 << 18  # remembered; more are understood anew each time
MAX_FUNCTIONS = 1 << 18  # a hundred times what large programs show of themselves

# ``work (pack/mod.py:17)``: py-spy and others write the line that runs into the frame.
_LINE = re.compile(r"\((?P<place>[^()]+\.pyx?:[0-9]{1,9})\)$")


class Spellings(dict[str, str]):
    """The function of each frame, as ``Symbol.text``, demangled; and the line where the frame tells one.

    A context, because mangled names are looked up by a process.

    Raises:
        UsageError: more than ``MAX_FUNCTIONS`` functions. Such a profile was not made of symbols.
    """

    def __init__(self) -> None:
        super().__init__()
        self._functions: dict[str, str] = {}
        self._demangler = Demangler()
        self.places: dict[str, str] = {}  # frame → "file:line"
        self.symbols: dict[str, str] = {}  # function → its mangled name, the first one if there are several

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._demangler.__exit__(kind, error, trace)

    def __missing__(self, frame: str) -> str:
        function = self.understood(frame)
        if len(self) < MAX_SPELLINGS:
            self[frame] = function
        return function

    def understood(self, frame: str) -> str:
        """The function of a frame, not remembered by the frame."""
        symbol = clean(frame).text
        shown = self._demangler.shown(symbol)
        text = symbol if shown == symbol else clean(shown).text
        if text not in self._functions and len(self._functions) >= MAX_FUNCTIONS:
            raise UsageError(
                f"the profile names more than {MAX_FUNCTIONS} functions",
                "its frames look like addresses: record it with symbols (a build that is not stripped)",
            )
        function = self._functions.setdefault(text, text)  # one object for all spellings: quick to compare
        if text is not symbol:
            self.symbols.setdefault(text, symbol)
        if len(self.places) < MAX_SPELLINGS and (found := _LINE.search(frame)):
            self.places[frame] = found["place"]
        return function


def stacks_of(samples: Iterable[Sample], spellings: Callable[[str], str]) -> Iterator[tuple[Stack, float]]:
    """Each sample's functions, root first, and its weight; what weighs nothing is left out."""
    for sample in samples:
        if sample.weight:
            stack = tuple(map(spellings, sample.frames))
            yield (collapse_unknown(stack, UNKNOWN) if UNKNOWN in stack else stack), sample.weight


def collapse_unknown(stack: tuple[Function, ...], unknown: Function) -> tuple[Function, ...]:
    """Frames that could not be unwound tell nothing by their number: one stands for a run of them."""
    if stack.count(unknown) < 2:
        return stack
    before = (None, *stack)
    return tuple(one for last, one in zip(before, stack, strict=False) if one != unknown or last != unknown)
