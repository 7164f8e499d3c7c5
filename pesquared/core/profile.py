"""Where the time goes: what a profile says after it has been read."""

import re
from dataclasses import dataclass

UNKNOWN = "[unknown]"  # a frame that may stand for any function
REBUILT = "[rebuilt]"  # a frame of its own: the chain below was guessed from calls, no stack was recorded
UNSEEN = "[unseen]"  # a frame of its own: time that was used and that no sample saw
OFF_CPU = "off-cpu"  # the event of time that a thread waited
PLACE = re.compile(r"\[at (?P<file>[^:\]]+):(?P<line>[0-9]{1,9})\]")  # a frame of which only the line is known


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something in an input file that could not be used, with its place."""

    source: str  # file as the user named it
    line: int  # 1-based; 0 when it concerns the whole file
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.message}" if self.line else f"{self.source}: {self.message}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sample was taken, as far as its format says: one object for all samples that share it."""

    comm: str = ""  # the process's name
    pid: str = ""
    tid: str = ""
    event: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Sample:
    """One stack as the profiler saw it, root first, and how much it weighs in the profile's own unit."""

    frames: tuple[str, ...]
    weight: float
    origin: Origin = NOWHERE
    lines: tuple[str, ...] = ()  # "file.c:12" for each frame, "" where it is not known; () if it is for none


@dataclass(frozen=True, slots=True)
class LineWeight:
    """A line of a function's source, and the weight of the stacks that run through it."""

    file: str  # as the profile spells it
    line: int  # 1-based
    weight: float
    share: float  # fraction of the profile's total weight


@dataclass(frozen=True, slots=True)
class CallChain:
    """The frames from the root to a hotspot, and the share of the whole profile spent below exactly this path."""

    frames: tuple[str, ...]  # root → leaf; the leaf is the hotspot
    weight: float
    share: float  # fraction of the profile's total weight


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A function in which time is spent. Shares are fractions of the whole profile; recursion counts once."""

    function: str
    self_weight: float
    total_weight: float
    self_share: float
    total_share: float
    chains: tuple[CallChain, ...]  # heaviest first
    symbol: str = ""  # the mangled name, where the profile has one
