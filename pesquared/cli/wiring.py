"""The main job put together: real parts behind the Protocols, in the order in which they fail most cheaply."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pesquared.cli import places
from pesquared.cli.host import describe_host
from pesquared.cli.opening import Asked, Opened, opened
from pesquared.cli.plan import first_prompts, plan
from pesquared.cli.profile_notices import profile_notices
from pesquared.cli.providers import Asking, Surroundings, advice, proposer_for
from pesquared.core.attempt import RunReport
from pesquared.core.events import Notice, Observer, Observers
from pesquared.core.protocols import Proposer, Slot
from pesquared.core.settings import Settings
from pesquared.errors import ProposerError
from pesquared.profiles import StackAnalyzer
from pesquared.reporters.plan import plan_text
from pesquared.reporters.table import summary
from pesquared.reporters.terminal import Terminal
from pesquared.sandbox import Choice
from pesquared.search.engine import Engine
from pesquared.search.journal import Journal
from pesquared.search.parts import Parts, RunIdentity, no_remarks
from pesquared.vcs.message import compose_judged
from pesquared.vcs.names import attempt_branch, best_branch
from pesquared.vcs.snapshot import Snapshot
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verify.judge import TreeJudge


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for on the command line."""

    asked: Asked
    stacks: Path

    @property
    def settings(self) -> Settings:
        return self.asked.settings

    def plan(self) -> str:
        """What a run would try; nothing is built, nothing stays behind."""
        profile = StackAnalyzer.read(self.stacks)
        with Terminal(debug=self.asked.debug) as terminal, opened(self.asked, terminal) as base:
            snapshot = base.repository.snapshot()
            for notice in _notices(base, profile, snapshot):
                terminal.notify(Notice(notice))
            base.workspaces.place(Slot.ORIGINAL, snapshot.commit)
            base.workspaces.activate(Slot.ORIGINAL)
            return plan_text(plan(profile, base.source(), self.settings), self.settings.search.attempts)

    def prompts(self) -> str:
        """What a model would be asked first about each function; nothing is built and nobody asked."""
        profile = StackAnalyzer.read(self.stacks)
        with Terminal(debug=self.asked.debug) as terminal, opened(self.asked, terminal) as base:
            for notice in profile_notices(profile):
                terminal.notify(Notice(notice))
            snapshot = base.repository.snapshot()
            base.workspaces.place(Slot.ORIGINAL, snapshot.commit)
            base.workspaces.activate(Slot.ORIGINAL)
            return "\n\n".join(first_prompts(profile, base.source(), self.settings))

    def run(self) -> RunReport:
        """The whole run; see ``Engine.run`` for what it raises."""
        verifier = self.asked.make_verifier()
        profile = StackAnalyzer.read(self.stacks)
        with ExitStack() as stack:
            terminal = stack.enter_context(Terminal(debug=self.asked.debug))
            base = stack.enter_context(opened(self.asked, terminal))
            asking = self._asking(base, terminal)
            snapshot = base.repository.snapshot()
            stack.enter_context(base.repository.kept(base.run, snapshot.commit))
            journal = stack.enter_context(Journal(base.folder / "journal.db"))
            observer = Observers(terminal, journal)
            for notice in _notices(base, profile, snapshot):
                observer.notify(Notice(notice))
            base.workspaces.place(Slot.ORIGINAL, snapshot.commit)
            base.workspaces.activate(Slot.ORIGINAL)
            source = base.source()
            parts = Parts(
                profile=profile,
                source=source,
                proposer=asking.proposer,
                repository=base.repository,
                judge=TreeJudge(base.rig(verifier, observer), snapshot.commit),
                observer=observer,
                stop=self.asked.stop,
                settings=self.settings,
                remarks=partial(base.remarks, source) if self.settings.prompts.remarks else no_remarks,
                message=partial(compose_judged, trailers=self.settings.commit.trailers),
            )
            report = Engine(parts, self._identity(base, snapshot)).run()
            for branch, why in base.repository.refs.left_alone.items():
                terminal.notify(Notice(f"the branch {branch} was left as it is: {why}"))
            return replace(report, spending=asking.spending())

    def summary(self, report: RunReport) -> str:
        """The end of a run, for standard output: what happened, and what to type next."""
        text = summary(report, str(self.asked.codebase))
        next_step = advice(self.settings.model, places.keys(self.asked.environ))
        if not next_step:
            return text
        matched = len({attempt.function for attempt in report.attempts})
        asked = matched + sum(1 for skipped in report.skipped if skipped.asked)
        return f"{text}\n\nno model configured; rules matched {matched} of {asked} functions\n  {next_step}"

    def _identity(self, base: Opened, snapshot: Snapshot) -> RunIdentity:
        prefix, run = self.settings.search.branch_prefix, base.run
        return RunIdentity(
            run=run,
            base=snapshot.commit,
            host=describe_host(),
            sandbox=base.sandbox.tier,
            widened=base.choice.widened,
            codebase=str(self.asked.codebase),
            branch_name=lambda number, function: attempt_branch(prefix, run, number, function),
            best_branch=best_branch(prefix, run),
        )

    def _asking(self, base: Opened, observer: Observer) -> Asking:
        """Who proposes. Code that a model wrote does not run on the bare machine unless the user says so."""
        around = Surroundings(
            environ=self.asked.environ,
            keys=places.keys(self.asked.environ),
            read=_reader(base.workspaces),
            folder=base.folder,
            observer=observer,
            stop=self.asked.stop,
        )
        asking = proposer_for(self.settings.model, around, self.settings.prompts.folder)
        self._require_confinement(asking.proposer, base.choice)
        return asking

    def _require_confinement(self, proposer: Proposer, choice: Choice) -> None:
        if proposer.trusted or choice.sandbox.confines or self.settings.sandbox.unsafe_no_sandbox:
            return
        raise ProposerError(
            f"code that {proposer.name!r} proposes needs a sandbox, and there is none: {choice.why}",
            "install bubblewrap; on a machine that is a sandbox itself: --isolated; else: --unsafe-no-sandbox",
        )


def _notices(base: Opened, profile: StackAnalyzer, snapshot: Snapshot) -> Iterator[str]:
    yield from base.notices()
    yield from profile_notices(profile)
    if snapshot.dirty:
        yield "the working tree has changes that are not committed; they are part of the baseline"
    yield from snapshot.notices
    yield base.workspaces.need(snapshot.commit)


def _reader(workspaces: SlotWorkspaces) -> Callable[[str], bytes]:
    """Reads files of the active tree; a link that leads out of it is no file."""
    root = workspaces.codebase

    def read(path: str) -> bytes:
        whole = (root / path).resolve()
        if not whole.is_relative_to(root.resolve()):
            raise FileNotFoundError(path)
        return whole.read_bytes()

    return read
