"""What might be faster: the question to a proposer and its possible answers."""

from dataclasses import dataclass
from enum import StrEnum

from pesquared.core.source import FunctionContext
from pesquared.core.verdict import Gain


class Stage(StrEnum):
    """Why the proposer is asked: for something faster, or to mend what it gave."""

    OPTIMIZE = "optimize"
    REPAIR = "repair"


class Role(StrEnum):
    """Where the function stands in its chain. Root and parent are asked to call their hot child less."""

    ROOT = "root"
    PARENT = "parent"
    LEAF = "leaf"


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes [start, end) of a file become ``replacement``, provided they still hash to ``sha256``."""

    path: str  # relative to the code base
    start: int
    end: int
    sha256: str  # of the bytes that are replaced; of b"" for an insertion
    replacement: bytes


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answered, and what the answer cost."""

    provider: str
    model: str  # "" when the provider has no model
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rewrite: edits of one code base, not yet applied anywhere."""

    edits: tuple[Edit, ...]
    rationale: str
    answerer: Answerer
    reply: str = ""  # what the proposer said, word for word; "" for rules
    rewrites: tuple[str, ...] | None = (
        None  # qualified names of the functions it rewrites; None: other things, too
    )
    methodology: str = ""  # which of the eight of systematic optimisation it says it is; "" if it does not say


@dataclass(frozen=True, slots=True)
class Declined:
    """The proposer has nothing for this function. Not an attempt."""

    reason: str


@dataclass(frozen=True, slots=True)
class InvalidReply:
    """The proposer answered with something that cannot be applied. ``reason_code`` is a word of the verdict."""

    reason_code: str
    reason: str
    answerer: Answerer
    reply: str = ""


Answer = Proposal | Declined | InvalidReply


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with the previous answer to the same request, for the repair turn."""

    gate: str  # "reply", "build", "tests", "output"
    detail: str  # compiler errors, or what differed; already truncated
    reply: str  # the previous answer


@dataclass(frozen=True, slots=True)
class EarlierTry:
    """What became of an earlier attempt at the same function, told to the next prompt."""

    rationale: str
    verdict: str
    reason: str
    gain: Gain | None = None  # where it was measured


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """Everything a proposer may use. It holds no path outside the code base and no secret."""

    attempt: int  # number of the attempt in the run, from 1; the same in its repair turns
    stage: Stage
    role: Role
    context: FunctionContext
    chain: tuple[str, ...]  # root → leaf, as the profile names them
    share: float  # of the profile, at and below the function
    hot_callee: str = ""  # the next frame of the chain, "" at the leaf
    metric: str = "cpu"
    sealed: tuple[str, ...] = ()  # globs of files that stay as they are
    earlier: tuple[EarlierTry, ...] = ()
    failure: Failure | None = None
    turn: int = 0  # repair turns before this one
    of_function: int = 0  # attempts at the same function before this one
    remarks: tuple[str, ...] = ()  # what the compiler could not do to it, a line each
