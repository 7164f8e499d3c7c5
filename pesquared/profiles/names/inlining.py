"""Puts right what perf prints of functions inlined at one address.

    1a8c outer+0xec (/home/me/prog)     the innermost function; what it is called is not known
    1a8c pivot+0xec (inlined)
    1a8c outer+0xec (inlined)           the function around them

perf, like addr2line, often gives the innermost function the name of the one around all. Taken at its word, a
function would call itself through what is inlined in it, and time would count for it that is another's. The
innermost one is left without a name then: its time counts for the one it is inlined in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pesquared.profiles.frames import Frame
from pesquared.profiles.names.symbols import clean


class Inlining:
    """Remembers which names mean one function."""

    def __init__(self) -> None:
        self._same: dict[tuple[str, str], bool] = {}

    def mended(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """The frames of one sample, leaf first, without innermost functions that bear a wrong name."""
        if not any(frame.inlined for frame in frames):
            return frames
        return [frame for _, run in groupby(frames, _address) for frame in self._of_run(list(run))]

    def _of_run(self, run: list[Frame]) -> Iterator[Frame]:
        """Recursion repeats an address, and with it all that is inlined there."""
        size = _period(run)
        group = run[:size]
        if size > 1 and self._is_same(group[0].symbol, group[-1].symbol):
            # The symbol of the program's own table is the more exact spelling.
            outermost = replace(group[-1], symbol=group[0].symbol, object=group[0].object, inlined=False)
            group = [*group[1:-1], outermost]
        for _ in range(len(run) // size):
            yield from group

    def _is_same(self, symbol: str, debugged: str) -> bool:
        """Is a name of the symbol table that of the debug information, which may have no scopes?"""
        known = self._same.get((symbol, debugged))
        if known is None:
            known = _is_one_function(symbol, debugged)
            if len(self._same) < 1 << 16:
                self._same[symbol, debugged] = known
        return known


def _address(frame: Frame) -> str:
    return frame.address


def _period(run: list[Frame]) -> int:
    """The length of the shortest beginning that the whole repeats."""
    count = len(run)
    return next(size for size in range(1, count + 1) if count % size == 0 and run[:-size] == run[size:])


def _is_one_function(symbol: str, debugged: str) -> bool:
    if symbol == debugged or symbol.endswith(f"::{debugged}"):
        return True
    # In a mangled name each identifier follows its length.
    if debugged.isidentifier() and symbol.startswith("_Z"):
        return f"{len(debugged)}{debugged}" in symbol
    name = clean(debugged).name
    return name != debugged and _is_one_function(symbol if symbol.startswith("_Z") else clean(symbol).name, name)
