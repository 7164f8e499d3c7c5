"""Rebuilds call chains from a call graph, for formats that record who calls whom but not the stacks.

The time of a function is shared among its callers in proportion to what the calls cost, and theirs among their own
callers. That is a guess: a callee may be slow for one of its callers only. So every such chain begins with a frame
of its own, ``[rebuilt]``, and readers say it once, with ``NOTE``.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TypeVar

from pesquared.core.profile import NOWHERE, REBUILT, Origin, Sample

# A chain that carries less than this share of the profile is not followed further up; nor are more than so many.
_WORTH_FOLLOWING = 1e-4
_MOST_STEPS = 10_000
_MOST_CALLERS = 16
_DEEPEST = 64

NOTE = "records calls, not stacks: chains are rebuilt in proportion to what the calls cost"

# What tells functions apart: a name, or also where it stands; equal weights are sorted by it.
Node = TypeVar("Node", bound=Hashable)


def rebuilt(
    selfs: Mapping[Node, float],
    calls: Mapping[tuple[Node, Node], float],
    origin: Origin = NOWHERE,
    shown: Callable[[Node], str] = str,
) -> Iterator[Sample]:
    """Samples whose weights add up to those of ``selfs``, heavy chains as far up as the graph tells.

    Args:
        selfs: function → its own weight, not negative.
        calls: (caller, callee) → weight of the callee and all below it, in calls by this caller.
        origin: of the samples.
        shown: the frame that stands for a function.
    """
    callers = _callers(calls)
    floor = sum(selfs.values()) * _WORTH_FOLLOWING
    open_chains: list[tuple[float, tuple[Node, ...]]] = []
    for function, weight in selfs.items():
        if weight < floor or function not in callers:
            yield Sample((REBUILT, shown(function)), weight, origin)
        else:
            heapq.heappush(open_chains, (-weight, (function,)))
    steps = 0
    while open_chains:
        negative, chain = heapq.heappop(open_chains)
        above = [(name, cost) for name, cost in callers.get(chain[0], ()) if name not in chain]
        if not above or -negative < floor or steps >= _MOST_STEPS or len(chain) >= _DEEPEST:
            yield Sample((REBUILT, *map(shown, chain)), -negative, origin)
            continue
        steps += 1
        whole = sum(cost for _, cost in above)
        for name, cost in above:
            heapq.heappush(open_chains, (negative * (cost / whole), (name, *chain)))


def _callers(calls: Mapping[tuple[Node, Node], float]) -> Mapping[Node, list[tuple[Node, float]]]:
    """The costliest callers of each function; a function's calls of itself lead nowhere."""
    found: dict[Node, list[tuple[Node, float]]] = defaultdict(list)
    for (caller, callee), cost in calls.items():
        if caller != callee and cost > 0:
            found[callee].append((caller, cost))
    return {name: heapq.nlargest(_MOST_CALLERS, above, key=lambda item: item[1]) for name, above in found.items()}
