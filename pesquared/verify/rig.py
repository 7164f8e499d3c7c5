"""What a judge works with: given once, the same for every attempt."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pesquared.core.events import Observer
from pesquared.core.protocols import HostLock, Sandbox, SourceIndex, Workspaces
from pesquared.core.quiet import QuietHost
from pesquared.core.settings import Settings
from pesquared.core.stopping import StopRequest
from pesquared.verify.verifier import PerformanceVerifier


@dataclass(frozen=True, slots=True)
class Rig:
    """The room's doors to the others."""

    verifier: PerformanceVerifier
    workspaces: Workspaces
    sandbox: Sandbox
    settings: Settings
    observer: Observer
    stop: StopRequest
    coin: random.Random  # orders the runs inside a pair
    ignored: Callable[[], Sequence[str]]  # files git ignores in the user's checkout, relative to the code base
    source: Callable[[], SourceIndex] | None = None  # opens the source of the active tree, for reviews
    host: HostLock = field(default_factory=QuietHost)  # held over both runs of a pair
    must_be_checked: bool = True  # is it an error when there is nothing to be right by?
    primed: bool = False  # the benchmark command builds what it runs: once, untimed, after each build
