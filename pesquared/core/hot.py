"""Where a profile says that the time goes, with the source beside it: what is shown to people and to models."""

from dataclasses import dataclass

from pesquared.core.profile import Hotspot, LineWeight


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a function as it stands in the file."""

    number: int  # 1-based, in the file
    text: str
    share: float  # fraction of the profile that runs through it; 0 where the profile shows none


@dataclass(frozen=True, slots=True)
class HotFunction:
    """A hotspot and what is known of its place."""

    hotspot: Hotspot
    place: str = ""  # "file:line" in the code base, "" without one
    ambiguous: bool = False  # several definitions fit its name
    lines: tuple[LineWeight, ...] = ()  # heaviest first; () where the profile shows none
    source: tuple[SourceLine, ...] = ()  # the whole function, () where it is not known

    @property
    def speed_up(self) -> float | None:
        """Amdahl: times as fast as now if the hotspot's own time were gone. None: that is all there is."""
        left = 1.0 - self.hotspot.self_share
        return 1.0 / left if left > 1e-9 else None


@dataclass(frozen=True, slots=True)
class HotReport:
    """The hottest functions of a profile, in order."""

    total: float  # weight of the whole profile, in its own unit
    functions: tuple[HotFunction, ...]
    functions_in_all: int  # in which time is spent, those that are not listed included
    owned_share: float  # fraction of the profile that the functions in all account for
    left_out: tuple[str, ...] = ()  # what could not be read of it
    exact_chains: bool = True  # if not, the weights of chains are *at least* what they say
    codebase: str = ""
