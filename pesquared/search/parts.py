"""What a run is made of. The command line wires real parts, tests wire scripted ones."""

from collections.abc import Callable
from dataclasses import dataclass

from pesquared.core.attempt import Attempt
from pesquared.core.events import Observer
from pesquared.core.protocols import Judge, Profile, Proposer, Repository, SourceIndex
from pesquared.core.settings import Settings
from pesquared.core.source import Definition
from pesquared.core.stopping import StopRequest


def no_remarks(_: Definition) -> tuple[str, ...]:
    """Where no compiler is asked."""
    return ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the engine talks to."""

    profile: Profile
    source: SourceIndex
    proposer: Proposer
    repository: Repository
    judge: Judge
    observer: Observer
    stop: StopRequest
    settings: Settings
    message: Callable[[Attempt], str]  # the commit message that shows an attempt
    remarks: Callable[[Definition], tuple[str, ...]] = no_remarks  # of the compiler, on the present baseline


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """What names a run and where it began."""

    run: str
    base: str  # the snapshot commit
    host: str
    sandbox: str
    codebase: str
    branch_name: Callable[[int, str], str]  # attempt number, function → branch
    best_branch: str
    widened: tuple[str, ...] = ()  # what the user lets commands have beside the sandbox, a sentence each
