"""One run of the benchmark, each time from the same state of the tree."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pesquared.core.protocols import HostLock, Sandbox, Slot, Workspaces
from pesquared.core.running import Purpose, RunResult
from pesquared.verify.trees.files import Snapshot, Writes, changed, read_regular, snapshot
from pesquared.verify.trees.pristine import Pristine, SpoiltTreeError
from pesquared.verify.verifier import PerformanceVerifier
from pesquared.verify.workspace import Workspace

_MOST_TOUCHED = 10_000  # files: putting back takes about a second


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """How the benchmark is run: the same for every run of either side."""

    timeout_s: float
    writable: bool  # only a benchmark that writes into its tree gets one it can write
    writes: Writes = field(default_factory=Writes)
    purpose: Purpose = Purpose.BENCH
    streams: tuple[str, ...] = ("stdout",)  # what is compared: "stdout", "stderr", "file:PATH" (of the code base)
    setup: str = ""  # shell text of ours that comes before its command lines, see Workspace


@dataclass(frozen=True, slots=True)
class BenchRun:
    """A run and what it left behind."""

    result: RunResult
    streams: Mapping[str, bytes | None]  # None: a file that is not there
    touched: tuple[str, ...] = ()  # all paths it changed, relative to the tree
    strays: tuple[str, ...] = ()  # those of them it was not expected to


class Bench:
    """Runs the benchmark in a slot. Its plan changes only while the baseline is learned.

    Every method may raise SpoiltTreeError, which names the slot.
    """

    def __init__(
        self,
        verifier: PerformanceVerifier,
        workspaces: Workspaces,
        sandbox: Sandbox,
        plan: BenchPlan,
        host: HostLock,
    ) -> None:
        self.plan = plan
        self._verifier = verifier
        self._workspaces = workspaces
        self._sandbox = sandbox
        self._host = host
        self._pristine: dict[Slot, Pristine] = {}

    def under(self, plan: BenchPlan) -> "Bench":
        """The same benchmark under another plan, with nothing captured yet."""
        return Bench(self._verifier, self._workspaces, self._sandbox, plan, self._host)

    @property
    def own_metric(self) -> str:
        return self._verifier.metric_name

    def alone(self) -> AbstractContextManager[None]:
        """The host to ourselves, for runs that are compared with each other."""
        return self._host.measuring()

    def capture(self, slot: Slot) -> None:
        """Remembers the slot's state, built and not yet benched, as the one every run begins from."""
        with self._at(slot) as tree:
            self._pristine[slot] = Pristine(tree, self.plan.writes)

    def restore(self, slot: Slot) -> None:
        """Puts back what runs have written, so that the slot can be copied or built in."""
        if self.plan.writes and slot in self._pristine:
            with self._at(slot) as tree:
                self._pristine[slot].restore(tree)

    @contextmanager
    def _at(self, slot: Slot) -> Iterator[Path]:
        self._workspaces.activate(slot)
        try:
            yield self._workspaces.tree
        except SpoiltTreeError as spoilt:
            spoilt.slot = slot
            raise

    def exchanged(self, one: Slot, other: Slot) -> None:
        """The slots' trees were exchanged: so is what is known of them."""
        self._pristine[one], self._pristine[other] = self._pristine[other], self._pristine[one]

    def run(self, slot: Slot, *, watch: bool = False, sandbox: Sandbox | None = None) -> BenchRun:
        """One run in a slot that has been captured; in another sandbox where one is given."""
        return self._run(slot, writable=self.plan.writable, watch=watch, sandbox=sandbox)

    def trial(self, slot: Slot) -> BenchRun:
        """A run that may write anywhere in the tree: shows what a read-only tree would only silently refuse."""
        return self._run(slot, writable=True, watch=False)

    def _run(self, slot: Slot, *, writable: bool, watch: bool, sandbox: Sandbox | None = None) -> BenchRun:
        self._workspaces.activate(slot)
        tree, codebase = self._workspaces.tree, self._workspaces.codebase
        # Where the sandbox enforces a read-only tree there is nothing to put back and nothing to look for.
        watched = writable or not self._sandbox.read_only_trees
        if watched:
            self.restore(slot)
        before = snapshot(tree) if watched else {}
        result = self._verifier.bench(
            Workspace(
                codebase,
                tree,
                sandbox or self._sandbox,
                self.plan.timeout_s,
                writable,
                watch,
                self.plan.purpose,
                self.plan.setup,
            )
        )
        touched = self._touched(slot, before, snapshot(tree)) if watched else ()
        streams = {name: self._stream(name, result) for name in self.plan.streams}
        return BenchRun(result, streams, touched, tuple(p for p in touched if not self.plan.writes.match(p)))

    def _touched(self, slot: Slot, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
        touched = changed(before, after)
        if len(touched) <= _MOST_TOUCHED:
            return tuple(sorted(touched))
        spoilt = SpoiltTreeError(
            f"a run of the benchmark leaves or changes {len(touched)} files, and {_MOST_TOUCHED} are the most "
            "that are put back before each run",
            "let it write fewer files, or into /tmp, which is new in every run",
        )
        spoilt.slot = slot
        raise spoilt

    def _stream(self, name: str, result: RunResult) -> bytes | None:
        if name == "stdout":
            return result.stdout
        if name == "stderr":
            return result.stderr
        path = in_tree(self._workspaces, name.removeprefix("file:"))
        return read_regular(self._workspaces.tree, path)


def in_tree(workspaces: Workspaces, path: str) -> str:
    """A path relative to the code base as one relative to the tree."""
    prefix = workspaces.codebase.relative_to(workspaces.tree).as_posix()
    return os.path.normpath(PurePosixPath(prefix, path).as_posix())


def in_codebase(workspaces: Workspaces, path: str) -> str:
    """The inverse: a path relative to the tree as one relative to the code base."""
    prefix = workspaces.codebase.relative_to(workspaces.tree).as_posix()
    return os.path.relpath(path, prefix)
