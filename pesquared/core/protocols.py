"""Where things plug in. The engine knows these; the command line wires the real ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pesquared.core.inspection import Inspection
from pesquared.core.profile import Diagnostic, Hotspot, Sample
from pesquared.core.proposal import Answer, Edit, ProposalRequest
from pesquared.core.running import Command, RunResult, Usage
from pesquared.core.source import (
    CONTEXT_TOKENS,
    CompiledUnit,
    CompileView,
    Definition,
    FunctionContext,
    Resolution,
)
from pesquared.core.verdict import Gain, Noise, Verdict


class ProfileReader(Protocol):
    """One profile format. Total: broken bytes become diagnostics, never exceptions."""

    name: str

    def recognises(self, head: bytes) -> bool:
        """Is this the format, judged by the first few KiB of the file?"""

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields the samples one by one; what cannot be read is appended to ``diagnostics``."""


class Profile(Protocol):
    """A profile as the engine sees it."""

    total: float

    def hotspots(self, owns: Callable[[str], bool] | None = None) -> Iterator[Hotspot]:
        """Functions by self weight, heaviest first, lazily.

        With ``owns``, each stack counts for its deepest frame for which ``owns(frame)`` is true, and its chain
        ends there: time in a library belongs to the function of ours that called it. Stacks without one are left
        out.
        """

    def edge_share(self, caller: str, callee: str) -> float | None:
        """Share of the profile that runs through a direct call; None if the profile never saw it."""

    def total_share(self, function: str) -> float:
        """Share of the profile at and below ``function``."""

    def share_where(self, holds: Callable[[Sequence[str]], bool]) -> float:
        """Share of the profile in the stacks, root first, for which ``holds(stack)`` is true."""


@dataclass(frozen=True, slots=True)
class BenchmarkProfiles:
    """What several benchmarks of one program do; weights count samples of CPU time.

    Attributes:
        each: by name, its stacks from the function that it runs in down; None where they cannot be told.
        outside: the stacks that are nobody's for certain: of preparations, of threads, of those not told.
    """

    each: Mapping[str, Profile | None]
    outside: Profile


class SourceIndex(Protocol):
    """One language's view of the code base's tree. Paths are relative to the code base."""

    def resolve(self, symbol: str) -> Resolution:
        """The one definition a profile's symbol stands for, or why there is not one."""

    def find(self, name: str) -> Resolution:
        """What a user means by a name: like ``resolve``, but scopes may be left out."""

    def extract(
        self, definition: Definition, profile: Profile | None = None, tokens: int = CONTEXT_TOKENS
    ) -> FunctionContext:
        """What surrounds it, in about ``tokens`` tokens; callers are weighted by the profile."""

    def compile_view(self, definition: Definition) -> CompileView:
        """The definition and all that it needs to compile, in one file."""

    def code_key(self, source: bytes) -> str:
        """Equal for two texts that differ in layout and comments only."""

    def units_of(self, path: str) -> tuple[CompiledUnit, ...]:
        """The units that hold or include the file, a few at most; () in a language that compiles none."""

    def layouts(self, path: str) -> Mapping[str, str]:
        """The record types that the file defines: their sizes and members as text, equal if binary compatible."""

    def interface_change(self, definition: Definition, files: Mapping[str, bytes]) -> str:
        """What is missing or other for other units once ``files`` hold what is given; "" if nothing is."""

    def inspect(self) -> Inspection:
        """How well the code base can be read."""

    def refresh(self) -> None:
        """Forget what was read: the tree has changed."""


class Proposer(Protocol):
    """Suggests rewrites. ``trusted`` says whether its code may run where there is no sandbox."""

    name: str
    model: str
    trusted: bool

    def propose(self, request: ProposalRequest) -> Answer: ...


class Sandbox(Protocol):
    """Runs foreign programs, and measures them."""

    @property
    def tier(self) -> str:
        """The tier's name: "bubblewrap", "none"."""

    @property
    def accounting(self) -> str:
        """Where ``cpu_s`` comes from: "task-clock" or "wall"."""

    @property
    def confines(self) -> bool:
        """May code that a model wrote run here?"""

    @property
    def read_only_trees(self) -> bool:
        """Is ``Command.writable = False`` enforced?"""

    @property
    def owner(self) -> tuple[int, int] | None:
        """The uid and gid that trees must belong to; None when that is us."""

    def run(self, command: Command) -> RunResult:
        """Runs it to its end. Raises nothing for what the command does; a missing program is exit code 127."""

    def launch_cost(self, tree: Path) -> Usage:
        """What a run of the program ``true`` costs here: the median of several, measured once."""


class HostLock(Protocol):
    """Keeps what would disturb a measurement away from it, across all runs of the tool on this host.

    Both contexts may be entered again inside themselves, and ``measuring`` inside nothing else.
    """

    def measuring(self) -> AbstractContextManager[None]:
        """Alone on the host: nobody else measures, builds or tests."""

    def working(self) -> AbstractContextManager[None]:
        """Builds and tests: beside others that do the same, not beside a measurement."""


class Slot(StrEnum):
    """The trees a run keeps: as it began, the baseline of the moment, what is tried, and some for other uses."""

    ORIGINAL = "original"
    BASELINE = "baseline"
    CANDIDATE = "candidate"
    VARIANT = "variant"  # built in another way: with sanitizers, by another compiler
    OTHER = "other"  # the baseline, built in another way
    TESTED = "tested"  # a copy that tests may write into; it never sees the benchmark
    SANITIZED = "sanitized"  # the baseline, built with sanitizers: what such a variant begins as


class Workspaces(Protocol):
    """Built trees. Whichever slot is active stands at one constant path, so that builds agree on it.

    No slot holds a ``.git``. All file times survive copying, so that one changed file costs one compile.
    """

    tree: Path  # the constant path of the active slot's whole repository
    codebase: Path  # the code base inside it: ``tree`` or a folder below

    def place(self, slot: Slot, commit: str) -> None:
        """The files of ``commit`` and nothing else (but ``[build] include``): for a cold build."""

    def copy(self, source: Slot, target: Slot) -> None:
        """``target`` becomes a copy of ``source`` with build products and times."""

    def update(self, slot: Slot, commit: str) -> tuple[str, ...]:
        """Writes what differs between the slot's commit and ``commit``; returns the changed paths."""

    def relabel(self, slot: Slot, commit: str) -> None:
        """The slot's files are those of ``commit``, too: the same tree under another message."""

    def exchange(self, one: Slot, other: Slot) -> None:
        """Swaps two slots' trees."""

    def activate(self, slot: Slot) -> None:
        """Puts the slot's tree at the constant path."""


class Repository(Protocol):
    """The user's git repository, of which nothing but our own refs is ever changed."""

    prefix: str  # path of the code base below the repository's root, "" for the root itself

    def commit_edits(self, parent: str, edits: tuple[Edit, ...], message: str) -> str:
        """Commits the edits (paths relative to the code base) on top of ``parent`` and returns the commit."""

    def reword(self, commit: str, message: str) -> str:
        """The same tree and parents with another message; returns the new commit."""

    def set_branch(self, name: str, commit: str) -> None: ...

    def delete_branch(self, name: str) -> None:
        """Takes back a branch of ours."""

    def read(self, commit: str, path: str) -> bytes:
        """A file (relative to the code base) as it stands in ``commit``."""

    def tracks(self, commit: str, path: str) -> bool:
        """Is the file (relative to the code base) part of ``commit``? Generated files are not."""

    def add_note(self, commit: str, text: str) -> None:
        """Attaches ``text`` in refs/notes/pesquared, replacing an earlier note on the same commit."""


class Judge(Protocol):
    """Builds, checks and measures. Holds the current baseline and the original."""

    def establish(self) -> Noise:
        """Builds and checks the baseline, measures it against itself.

        Raises:
            BaselineError: it does not build or pass, or there is nothing to be right by.
            NoiseError: nothing can be told apart here.
        """

    def establish_gates(self) -> None:
        """Builds and checks the baseline and measures nothing: all that ``check`` needs.

        Raises:
            BaselineError: as ``establish``.
        """

    @property
    def metric(self) -> str: ...

    @property
    def runtime_s(self) -> float: ...

    def judge(self, commit: str, ceiling: float | None = None, benchmarks: tuple[str, ...] = ()) -> Verdict:
        """The whole way: build, gates, screen, confirm, claim.

        Args:
            commit: what to judge.
            ceiling: the most that it can save, a share of the time; what clearly saves more is quarantined.
                None: not known.
            benchmarks: those of ``benchmark_profiles()`` that count; () means: all.
        """

    def benchmark_profile(self) -> Profile | None:
        """What the benchmark itself does on the baseline of the moment; weights count samples of CPU time.

        A stack that holds ``UNKNOWN`` may run through any function; ``UNSEEN``, alone, stands for time that was
        used and not sampled; ``PLACE`` matches a frame of which only the line is known. Recorded when it is asked
        for, once for each baseline. None where that cannot be done, or where shares of CPU time say nothing about
        the metric.
        """

    def benchmark_profiles(self) -> BenchmarkProfiles | None:
        """What each of several benchmarks does on the baseline of the moment, to choose those that count.

        None where there is nothing to choose (one benchmark, or ``[bench] filter`` says which count), where the
        verifier does not know what its benchmarks run in, and where nothing can be recorded.
        """

    def compare(self, commit: str, told: Callable[[Noise], None] = ...) -> Verdict:
        """For one candidate alone: gates, one decision at the full level, claim. Nothing is screened.

        Establishes what is not yet, and then tells the noise: once the candidate is built, if there is anything to
        be measured.

        Raises:
            BaselineError, NoiseError: as ``establish``.
        """

    def check(self, commit: str) -> Verdict:
        """Build and all gates, full tests included; nothing is measured.

        What passes them all is ``inconclusive``, ``not-measured``.
        """

    def adopt(self, commit: str) -> None:
        """The commit judged last becomes the baseline."""

    def conclude(self, commit: str, benchmarks: tuple[str, ...] = ()) -> tuple[Verdict, Gain | None]:
        """A cold build of ``commit`` against the original: gates and a last confirmation on fresh pairs.

        ``benchmarks`` are those that count, as for ``judge``.
        """
