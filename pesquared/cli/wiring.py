"""The main job put together: real parts behind the Protocols, in the order in which they fail most cheaply."""

import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pesquared.cli import places
from pesquared.cli.configuration import Configured
from pesquared.cli.host import describe_host
from pesquared.cli.plan import plan
from pesquared.cli.providers import advice, proposer_for
from pesquared.cli.run_folder import REPLIES, SLOTS, run_folder
from pesquared.cli.suggest import likely_benchmarks
from pesquared.core.attempt import RunReport
from pesquared.core.events import Notice, Observers
from pesquared.core.protocols import Proposer, Sandbox, Slot, SourceIndex
from pesquared.core.running import Purpose
from pesquared.core.settings import Settings
from pesquared.core.stopping import StopRequest
from pesquared.errors import ProposerError, UsageError
from pesquared.profiles import StackAnalyzer
from pesquared.reporters.plan import plan_text
from pesquared.reporters.table import summary
from pesquared.reporters.terminal import Terminal
from pesquared.sandbox import Choice, choose
from pesquared.search.engine import Engine
from pesquared.search.journal import Journal
from pesquared.search.parts import Parts, RunIdentity
from pesquared.source import DependencyExtractor
from pesquared.vcs.message import compose_judged
from pesquared.vcs.names import attempt_branch, best_branch, new_run_id
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.snapshot import Snapshot
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verify.judge import TreeJudge
from pesquared.verify.registry import make_verifier
from pesquared.verify.rig import Rig
from pesquared.verify.workspace import Workspace

MOST_IGNORED = 2000  # ignored files looked at when a build misses one


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for on the command line."""

    codebase: Path
    stacks: Path
    configured: Configured
    verifier: str
    debug: bool
    stop: StopRequest

    @property
    def settings(self) -> Settings:
        return self.configured.settings

    def plan(self) -> str:
        """What a run would try; nothing is built, nothing stays behind."""
        profile = StackAnalyzer.read(self.stacks)
        repository = GitRepository.open(self.codebase, self.settings.search.branch_prefix)
        choice = choose(os.environ)
        snapshot = repository.snapshot()
        with (
            Terminal(debug=self.debug) as terminal,
            self._trees(repository, choice.sandbox, new_run_id()) as workspaces,
        ):
            for notice in self._notices(profile, choice, snapshot):
                terminal.notify(Notice(notice))
            workspaces.place(Slot.ORIGINAL, snapshot.commit)
            workspaces.activate(Slot.ORIGINAL)
            source = self._source(workspaces, choice.sandbox)
            return plan_text(plan(profile, source, self.settings), self.settings.search.attempts)

    def run(self) -> RunReport:
        """The whole run; see ``Engine.run`` for what it raises."""
        self._require_a_benchmark()
        profile = StackAnalyzer.read(self.stacks)
        repository = GitRepository.open(self.codebase, self.settings.search.branch_prefix)
        verifier = make_verifier(self.verifier, self.settings)
        state, keys = places.state_folder(os.environ), places.keys(os.environ)
        run = new_run_id()
        with ExitStack() as stack:
            terminal = stack.enter_context(Terminal(debug=self.debug))
            choice = choose(os.environ)
            workspaces = stack.enter_context(self._trees(repository, choice.sandbox, run))
            folder = state / "runs" / run
            reader = _reader(workspaces)
            proposer = proposer_for(
                self.settings.model,
                environ=os.environ,
                keys=keys,
                read=reader,
                replies=folder / REPLIES,
                stop=self.stop,
            )
            self._require_confinement(proposer, choice)
            snapshot = repository.snapshot()
            journal = stack.enter_context(Journal(folder / "journal.db"))
            observer = Observers(terminal, journal)
            for notice in self._notices(profile, choice, snapshot):
                observer.notify(Notice(notice))
            workspaces.place(Slot.ORIGINAL, snapshot.commit)
            workspaces.activate(Slot.ORIGINAL)
            rig = Rig(
                verifier=verifier,
                workspaces=workspaces,
                sandbox=choice.sandbox,
                settings=self.settings,
                observer=observer,
                stop=self.stop,
                coin=random.Random(self.settings.search.seed or secrets.randbits(64)),  # noqa: S311
                ignored=lambda: repository.ignored_files(MOST_IGNORED),
            )
            parts = Parts(
                profile=profile,
                source=self._source(workspaces, choice.sandbox),
                proposer=proposer,
                repository=repository,
                judge=TreeJudge(rig, snapshot.commit),
                observer=observer,
                stop=self.stop,
                settings=self.settings,
                message=compose_judged,
            )
            return Engine(parts, self._identity(run, snapshot, choice)).run()

    def summary(self, report: RunReport) -> str:
        """The end of a run, for standard output: what happened, and what to type next."""
        text = summary(report, str(self.codebase))
        next_step = advice(self.settings.model, places.keys(os.environ))
        if not next_step:
            return text
        matched = len({attempt.function for attempt in report.attempts})
        asked = matched + sum(1 for skipped in report.skipped if skipped.asked)
        return f"{text}\n\nno model configured; rules matched {matched} of {asked} functions\n  {next_step}"

    def _identity(self, run: str, snapshot: Snapshot, choice: Choice) -> RunIdentity:
        prefix = self.settings.search.branch_prefix
        return RunIdentity(
            run=run,
            base=snapshot.commit,
            host=describe_host(),
            sandbox=choice.sandbox.tier,
            codebase=str(self.codebase),
            branch_name=lambda number, function: attempt_branch(prefix, run, number, function),
            best_branch=best_branch(prefix, run),
        )

    def _require_a_benchmark(self) -> None:
        if self.settings.bench.command or self.verifier != "command":
            return
        found = likely_benchmarks(self.codebase)
        hint = (
            f"perhaps: --bench '{found[0]}'" if found else "add --bench CMD, or [bench] command in pesquared.toml"
        )
        others = f" (or {', '.join(found[1:])})" if found[1:] else ""
        raise UsageError("no benchmark: there is nothing to measure by", hint + others)

    def _require_confinement(self, proposer: Proposer, choice: Choice) -> None:
        """Code that a model wrote does not run on the bare machine unless the user says so."""
        if proposer.trusted or choice.sandbox.confines or self.settings.sandbox.unsafe_no_sandbox:
            return
        raise ProposerError(
            f"code that {proposer.name!r} proposes needs a sandbox, and there is none: {choice.why}",
            "install bubblewrap, or accept the risk with --unsafe-no-sandbox",
        )

    @contextmanager
    def _trees(self, repository: GitRepository, sandbox: Sandbox, run: str) -> Iterator[SlotWorkspaces]:
        """The run's slots, in its folder; gone afterwards."""
        with (
            run_folder(places.state_folder(os.environ), run) as folder,
            SlotWorkspaces(repository, folder / SLOTS, self.settings.build.include, sandbox.owner) as workspaces,
        ):
            yield workspaces

    def _source(self, workspaces: SlotWorkspaces, sandbox: Sandbox) -> SourceIndex:
        timeout_s = self.settings.build.timeout_s
        workspace = Workspace(workspaces.codebase, workspaces.tree, sandbox, timeout_s, purpose=Purpose.BUILD)
        return DependencyExtractor.for_codebase(workspaces.codebase, workspace.run).index

    def _notices(self, profile: StackAnalyzer, choice: Choice, snapshot: Snapshot) -> Iterator[str]:
        yield from self.configured.notices
        if profile.diagnostics:
            shown = "; ".join(str(diagnostic) for diagnostic in profile.diagnostics[:3])
            yield f"{len(profile.diagnostics)} lines of the profile were left out: {shown}"
        if choice.why:
            yield f"sandbox: {choice.sandbox.tier}: {choice.why}"
        if snapshot.dirty:
            yield "the working tree has changes that are not committed; they are part of the baseline"
        yield from snapshot.notices


def _reader(workspaces: SlotWorkspaces) -> Callable[[str], bytes]:
    """Reads files of the active tree; a link that leads out of it is no file."""
    root = workspaces.codebase

    def read(path: str) -> bytes:
        whole = (root / path).resolve()
        if not whole.is_relative_to(root.resolve()):
            raise FileNotFoundError(path)
        return whole.read_bytes()

    return read
