"""The plan as text."""

from collections.abc import Sequence

from pesquared.core.plan import PlannedFunction
from pesquared.core.words import percent
from pesquared.reporters.words import printable

_CEILING = "what the benchmark itself spends in them, and so can gain by them, is not known before it is built"


def plan_text(planned: Sequence[PlannedFunction], attempts: int) -> str:
    """A table of the functions and of the most that each could save.

    Args:
        planned: in the order in which they would be tried.
        attempts: proposals per function.
    """
    from tabulate import tabulate

    if not planned:
        return "nothing to try: no function of the profile is defined in the code base"
    rows = [
        (
            number,
            printable(one.symbol),
            printable(one.place),
            one.role,
            percent(one.share),
            f"not tried: {printable(one.not_tried)}" if one.not_tried else "",
        )
        for number, one in enumerate(planned, 1)
    ]
    table = tabulate(rows, headers=("#", "function", "place", "role", "at most saved", ""), disable_numparse=True)
    proposals = attempts * sum(1 for one in planned if not one.not_tried)
    return (
        f"{table}\n\nproposals: {proposals} at most, repairs not counted; nothing was built and nobody asked\n"
        + _CEILING
    )
