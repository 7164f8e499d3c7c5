"""How strong the gates are: small faults put into the code on purpose, and which gate notices them."""

from dataclasses import dataclass
from enum import StrEnum

from pesquared.core.proposal import Edit


class Kind(StrEnum):
    """What a mutant gets wrong."""

    ARITHMETIC = "arithmetic"  # + for -, << for >>, …
    RELATIONAL = "relational"  # == for !=, < for >
    LOGICAL = "logical"  # && for ||, ! dropped
    ASSIGNMENT = "assignment"  # += for -=
    BOUND = "bound"  # < for <=, the neighbour of an element
    CONSTANT = "constant"  # 0, 1, one more, one less
    CONDITION = "condition"  # negated
    DROPPED = "dropped"  # a statement that is not there
    ARGUMENTS = "arguments"  # two of a call, swapped
    RETURN = "return"  # too early, or another value


@dataclass(frozen=True, slots=True)
class Mutant:
    """One function with one fault. ``probe`` makes the program trap where the fault is, instead of having it."""

    kind: Kind
    function: str  # qualified name
    line: int  # 1-based, in the file of ``edit``
    edit: Edit
    before: str  # the line, or lines, that the edit touches, with the white space made one blank
    after: str
    probe: tuple[Edit, ...] = ()  # empty where no trap can be put
    advice: str = ""  # what sort of input tells the fault from the original

    @property
    def place(self) -> str:
        return f"{self.edit.path}:{self.line}"


class Fate(StrEnum):
    """What became of a mutant. Only those killed and those that survived say something of the gates."""

    KILLED = "killed"
    SURVIVED = "survived"
    STILLBORN = "stillborn"  # it does not build
    EQUIVALENT = "equivalent"  # the compiler makes the same program of it
    UNJUDGED = "unjudged"  # interrupted, or the baseline did not repeat itself


class Reach(StrEnum):
    """Does any gate run the place where a survivor's fault is? Unknown where no trap could be put there."""

    NEVER = "never"
    RUNS = "runs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant and what became of it."""

    mutant: Mutant
    fate: Fate
    gate: str = ""  # the first that noticed, of one that was killed
    reason: str = ""  # what was said of it
    reach: Reach = Reach.UNKNOWN  # of a survivor


@dataclass(frozen=True, slots=True)
class FunctionGroup:
    """A function that was looked at: how many faults it has room for, or why it was passed over."""

    name: str
    place: str  # "file:line", "" where it is not known
    possible: int = 0
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What is tried: mutants, and changes without effect, which the gates must let pass."""

    base: str  # the commit that they are changes of
    seed: int  # by which they were drawn
    functions: tuple[FunctionGroup, ...]
    harmless: tuple[Mutant, ...]
    mutants: tuple[Mutant, ...]


@dataclass(frozen=True, slots=True)
class GateStrength:
    """The whole report."""

    sample: Sample
    gates: tuple[str, ...]  # in the order in which they are passed
    harmless: tuple[Tried, ...]  # checked first: what is killed of these shows gates that cannot be trusted
    tried: tuple[Tried, ...]
    interrupted: bool = False

    @property
    def rejected(self) -> tuple[Tried, ...]:
        """Changes without effect that the gates did not let pass."""
        return tuple(one for one in self.harmless if one.fate is Fate.KILLED)

    def having(self, fate: Fate) -> tuple[Tried, ...]:
        return tuple(one for one in self.tried if one.fate is fate)

    @property
    def counted(self) -> int:
        """Mutants that build and are no other program's twin: those that a gate could notice."""
        return len(self.having(Fate.KILLED)) + len(self.having(Fate.SURVIVED))

    @property
    def score(self) -> float | None:
        """Share of the counted ones that were killed; None where none counts."""
        return len(self.having(Fate.KILLED)) / self.counted if self.counted else None
