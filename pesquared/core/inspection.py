"""How well a code base can be read: what its compile commands are, and what is wrong with them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitProblem:
    """A translation unit that cannot be read whole."""

    file: str  # relative to the code base
    problem: str  # the first error, or why it was lost
    fatal: bool  # something is missing without which the rest cannot be trusted


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the index of a code base says of itself."""

    origin: str  # where the compile commands came from
    confidence: str  # "high", "medium", "low"
    units: int  # that have a command
    sources: int  # source files that are there
    without: tuple[str, ...]  # source files without a command
    problems: tuple[UnitProblem, ...]
    definitions: int
    notes: tuple[str, ...]
