"""How a stack of the benchmark's own profile runs with regard to some functions: through them, perhaps, elsewhere.

What is not certain is "perhaps": what hangs on it must not take a doubt for a fact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from pesquared.core.profile import PLACE, UNKNOWN, UNSEEN
from pesquared.core.protocols import SourceIndex
from pesquared.core.source import Definition, Extent, Missing
from pesquared.search.tail_calls import WORD, Reach, Shown, definitions_of, reach_of


class Way(Enum):
    """How a stack runs with regard to some functions."""

    THROUGH = auto()
    PERHAPS = auto()
    UNSEEN = auto()
    ELSEWHERE = auto()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The functions asked about."""

    names: frozenset[str]
    extents: tuple[Extent, ...]
    reach: Reach


class Ways:
    """Ways of stacks on one baseline.

    Args:
        source: the baseline's tree.
        text: the source of a definition.
    """

    def __init__(self, source: SourceIndex, text: Callable[[Definition], str]) -> None:
        self._source = source
        self._text = text
        self._frames: dict[str, Shown] = {}

    def wanted(self, functions: tuple[str, ...]) -> Wanted | None:
        """What must be known of functions, qualified names; None if one of them cannot be found.

        Raises:
            PesquaredError: the tree has changed since the baseline was built.
        """
        found = [self._source.find(name) for name in functions]
        if not found or any(isinstance(one, Missing) for one in found):
            return None
        definitions = [definition for one in found for definition in definitions_of(one)]
        return Wanted(
            frozenset(one.name for one in definitions),
            tuple(one.extent for one in definitions),
            reach_of(definitions, self._source, self._text),
        )

    def goes(self, way: Way, wanted: Wanted) -> Callable[[Sequence[str]], bool]:
        """Does a stack, root first, run this way?"""
        return lambda stack: self._way(stack, wanted) is way

    def cut_in_a_library(self, stack: Sequence[str], wanted: Wanted) -> bool:
        """Is it only open because it was cut, and shows none of the code base's functions?

        Who calls a library also works himself, and is seen at that: such a stack alone is no reason for a doubt.
        """
        below = stack[1:]
        if not below or stack[0] != UNKNOWN or self._way(below, wanted) is not Way.ELSEWHERE:
            return False
        return not any(self._frame(text).meanings for text in below)

    def _way(self, stack: Sequence[str], wanted: Wanted) -> Way:
        if UNSEEN in stack:
            return Way.UNSEEN
        frames = [self._frame(text) for text in stack]
        if any(len(frame.meanings) == 1 and frame.meanings[0].name in wanted.names for frame in frames):
            return Way.THROUGH
        open_ended = (
            UNKNOWN in stack
            or any(_lies_in(text, wanted.extents) for text in stack)
            or any(_may_be(frame, wanted) for frame in frames)
            or any(wanted.reach.may_lie_between(caller, callee) for caller, callee in pairwise(frames))
        )
        return Way.PERHAPS if open_ended else Way.ELSEWHERE

    def _frame(self, text: str) -> Shown:
        if text not in self._frames:
            foreign = text.startswith("[") or text.endswith("_[k]")
            meanings = () if foreign else definitions_of(self._source.resolve(text))
            words = frozenset(word for one in meanings for word in WORD.findall(self._text(one)))
            self._frames[text] = Shown(meanings[0].base_name if meanings else _last_word(text), meanings, words)
        return self._frames[text]


def _lies_in(text: str, extents: Sequence[Extent]) -> bool:
    """Does a frame of which only the line is known stand in one of the functions? Files go by their last name."""
    place = PLACE.fullmatch(text)
    return place is not None and any(
        place["file"].rpartition("/")[2] == one.path.rpartition("/")[2]
        and one.line <= int(place["line"]) <= one.end_line
        for one in extents
    )


def _last_word(text: str) -> str:
    words = WORD.findall(text.partition("(")[0])
    return words[-1] if words else text


def _may_be(frame: Shown, wanted: Wanted) -> bool:
    """Could the frame be one of the functions under a name that does not say so?"""
    if len(frame.meanings) > 1:
        return any(one.name in wanted.names for one in frame.meanings)
    return not frame.meanings and frame.base in wanted.reach.bases
