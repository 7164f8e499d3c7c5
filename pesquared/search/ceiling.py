"""Amdahl's ceiling: the part of the benchmark's own time that runs through a function, and so can be saved in it.

What is not certain counts as running through it, since a ceiling that is too low would call an honest gain a
cheat, or skip a function that is worth an attempt.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from pesquared.core.profile import PLACE, UNKNOWN, UNSEEN
from pesquared.core.protocols import Profile, SourceIndex
from pesquared.core.source import Definition, Extent, Missing
from pesquared.search.tail_calls import WORD, Reach, Shown, definitions_of, reach_of

_Z = 3.29  # of a normal distribution: exceeded once in a thousand on either side


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Shares of the benchmark's time, fractions."""

    share: float  # that certainly runs through the functions
    at_most: float  # with what is open, and with what so many samples may have missed
    sampled_at_most: float  # without the time that was never sampled, which is the kernel's for the most part


class _Way(Enum):
    """How a stack runs with regard to some functions."""

    THROUGH = auto()
    PERHAPS = auto()
    UNSEEN = auto()
    ELSEWHERE = auto()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The functions asked about."""

    names: frozenset[str]
    extents: tuple[Extent, ...]
    reach: Reach


class Ceilings:
    """Ceilings on one baseline.

    Args:
        profile: the benchmark's own; weights count samples.
        source: the baseline's tree.
        text: the source of a definition.
    """

    def __init__(self, profile: Profile, source: SourceIndex, text: Callable[[Definition], str]) -> None:
        self._profile = profile
        self._source = source
        self._text = text
        self._frames: dict[str, Shown] = {}
        self._known: dict[tuple[str, ...], Ceiling | None] = {}

    def of(self, functions: tuple[str, ...]) -> Ceiling | None:
        """The ceiling of a rewrite of ``functions``, qualified names; None if one of them cannot be found.

        Raises:
            PesquaredError: the tree has changed since the baseline was built.
        """
        if functions not in self._known:
            self._known[functions] = self._find(functions)
        return self._known[functions]

    def _find(self, functions: tuple[str, ...]) -> Ceiling | None:
        found = [self._source.find(name) for name in functions]
        if not found or any(isinstance(one, Missing) for one in found):
            return None
        wanted = self._wanted([definition for one in found for definition in definitions_of(one)])
        through, perhaps, unseen = (
            self._profile.share_where(self._goes(way, wanted)) for way in (_Way.THROUGH, _Way.PERHAPS, _Way.UNSEEN)
        )
        samples = self._profile.total
        sampled_at_most = min(1.0, upper_bound(through, samples) + perhaps)
        return Ceiling(through, upper_bound(through + perhaps + unseen, samples), sampled_at_most)

    def _goes(self, way: _Way, wanted: _Wanted) -> Callable[[Sequence[str]], bool]:
        return lambda stack: self._way(stack, wanted) is way

    def _wanted(self, definitions: Sequence[Definition]) -> _Wanted:
        return _Wanted(
            frozenset(one.name for one in definitions),
            tuple(one.extent for one in definitions),
            reach_of(definitions, self._source, self._text),
        )

    def _way(self, stack: Sequence[str], wanted: _Wanted) -> _Way:
        if UNSEEN in stack:
            return _Way.UNSEEN
        frames = [self._frame(text) for text in stack]
        if any(len(frame.meanings) == 1 and frame.meanings[0].name in wanted.names for frame in frames):
            return _Way.THROUGH
        open_ended = (
            UNKNOWN in stack
            or any(_lies_in(text, wanted.extents) for text in stack)
            or any(_may_be(frame, wanted) for frame in frames)
            or any(wanted.reach.may_lie_between(caller, callee) for caller, callee in pairwise(frames))
        )
        return _Way.PERHAPS if open_ended else _Way.ELSEWHERE

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


def _may_be(frame: Shown, wanted: _Wanted) -> bool:
    """Could the frame be one of the functions under a name that does not say so?"""
    if len(frame.meanings) > 1:
        return any(one.name in wanted.names for one in frame.meanings)
    return not frame.meanings and frame.base in wanted.reach.bases


def upper_bound(share: float, samples: float) -> float:
    """The most that a share can be if so many samples showed ``share``: Wilson's interval at one in a thousand."""
    if samples <= 0:
        return 1.0
    weight = _Z * _Z / samples
    spread = _Z * math.sqrt(max(share * (1 - share), 0.0) / samples + weight / (4 * samples))
    return min(1.0, (share + weight / 2 + spread) / (1 + weight))
