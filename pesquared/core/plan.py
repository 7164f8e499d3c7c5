"""What a run would try, for those who look before they leap."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedFunction:
    """A function of a hot chain, in the order in which it would be tried."""

    symbol: str
    place: str  # "file:line", "" where it is not known
    role: str
    share: float  # of the profile: by Amdahl, all that a rewrite can save
    not_tried: str = ""  # why it would be passed over
