"""What every command that judges a code base opens first: repository, sandbox, slots, and the rig of a judge."""

import os
import random
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pesquared.cli import places
from pesquared.cli.configuration import Configured
from pesquared.cli.looking import index_folder
from pesquared.cli.run_folder import OBJECTS, SLOTS, run_folder
from pesquared.cli.suggest import likely_benchmarks
from pesquared.core.events import Observer
from pesquared.core.protocols import HostLock, Sandbox, SourceIndex
from pesquared.core.running import Purpose
from pesquared.core.settings import Settings
from pesquared.core.source import Definition
from pesquared.core.stopping import StopRequest
from pesquared.errors import UsageError
from pesquared.propose.remarks import remarks_on
from pesquared.sandbox import Choice, Considerate, choose, open_host_lock
from pesquared.sandbox.outside import RISK, BuildsOutside
from pesquared.source import DependencyExtractor
from pesquared.source.languages import Keep
from pesquared.vcs.discovery import locate, user_git
from pesquared.vcs.names import new_run_id
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verify.registry import make_verifier
from pesquared.verify.rig import Rig
from pesquared.verify.verifier import PerformanceVerifier
from pesquared.verify.workspace import Workspace

REMARKS_S = 60.0  # for one unit; what takes longer is not worth a hint
INDEX_SECONDS = 60.0  # that bringing the index of the code base up to date may take
INDEX_LEAST = 9  # units; fewer are read more quickly when they are asked for
MOST_IGNORED = 2000  # ignored files looked at when a build misses one


@dataclass(frozen=True, slots=True)
class Asked:
    """What all these commands are told."""

    codebase: Path
    configured: Configured
    verifier: str  # as ``--verifier`` names it
    debug: bool
    stop: StopRequest
    environ: Mapping[str, str] = field(
        default_factory=lambda: dict(os.environ), repr=False
    )  # with all its secrets

    @property
    def settings(self) -> Settings:
        return self.configured.settings

    def make_verifier(self) -> PerformanceVerifier:
        """Raises UsageError where it cannot be had, or there is no benchmark for it to run."""
        self._require_a_benchmark()
        return make_verifier(self.verifier, self.settings)

    def _require_a_benchmark(self) -> None:
        if self.settings.bench.command or self.verifier != "command":
            return
        found = likely_benchmarks(self.codebase)
        hint = (
            f"perhaps: --bench '{found[0]}'" if found else "add --bench CMD, or [bench] command in pesquared.toml"
        )
        others = f" (or {', '.join(found[1:])})" if found[1:] else ""
        raise UsageError("no benchmark: there is nothing to measure by", hint + others)


@dataclass(frozen=True, slots=True)
class Opened:
    """A code base with everything that is needed to build and judge it; nothing is built yet."""

    asked: Asked
    repository: GitRepository
    choice: Choice
    host: HostLock
    run: str  # the run's name
    folder: Path  # the run's own, below the state folder; removed if nothing is put into it
    workspaces: SlotWorkspaces

    @property
    def sandbox(self) -> Sandbox:
        """Runs all foreign programs, each when its turn has come on this host; with a door for builds if asked."""
        chosen = self.choice.sandbox
        if self.asked.settings.build.outside:  # rationed all the same
            chosen = replace(chosen, inner=BuildsOutside.of(chosen.inner, self.asked.environ))
        return Considerate(chosen, self.host)

    def rig(self, verifier: PerformanceVerifier, observer: Observer) -> Rig:
        """What a judge works with."""
        settings = self.asked.settings
        return Rig(
            verifier=verifier,
            workspaces=self.workspaces,
            sandbox=self.sandbox,
            host=self.host,
            settings=settings,
            observer=observer,
            stop=self.asked.stop,
            coin=random.Random(settings.search.seed or secrets.randbits(64)),  # noqa: S311
            ignored=lambda: self.repository.ignored_files(MOST_IGNORED),
            source=self.source,
        )

    def source(self) -> SourceIndex:
        """The source of the active slot's tree."""
        folder = index_folder(self.asked.codebase, self.asked.environ)
        keep = Keep(folder, INDEX_SECONDS, least=INDEX_LEAST)
        return DependencyExtractor.for_codebase(self.workspaces.codebase, self._reading().run, keep=keep).index

    def remarks(self, source: SourceIndex, definition: Definition) -> tuple[str, ...]:
        """What the compiler says that it could not do to the function, in the active slot's tree."""
        run = partial(self._reading().run, timeout_s=REMARKS_S)
        return remarks_on(definition, source.units_of(definition.extent.path), run)

    def _reading(self) -> Workspace:
        """Runs what only reads the active slot's tree."""
        trees, timeout_s = self.workspaces, self.asked.settings.build.timeout_s
        return Workspace(trees.codebase, trees.tree, self.sandbox, timeout_s, purpose=Purpose.BUILD)

    def notices(self) -> Iterator[str]:
        """What the user should know of the settings and of the sandbox."""
        yield from self.asked.configured.notices
        if self.choice.why:
            yield f"sandbox: {self.choice.sandbox.tier}: {self.choice.why}"
        for opened_on_purpose in self.choice.widened:
            yield f"sandbox: as [sandbox] says, {opened_on_purpose}"
        if self.asked.settings.build.outside:
            yield RISK


@contextmanager
def opened(asked: Asked, observer: Observer) -> Iterator[Opened]:
    """Opens the repository, chooses the sandbox and makes the slots; they are gone afterwards.

    Args:
        asked: what the command was told.
        observer: is told when other runs on the host have to be waited for.

    Raises:
        UsageError: there is no repository, or a setting cannot be used.
    """
    run, prefix = new_run_id(), asked.settings.search.branch_prefix
    location = locate(user_git(asked.codebase, asked.environ))
    state = places.state_folder(asked.environ, outside=location.top)
    locks = places.lock_folder(asked.environ)
    with (
        run_folder(state, run, location.common_dir) as folder,
        GitRepository.open(asked.codebase, prefix, objects=folder / OBJECTS) as repository,
    ):
        choice = choose(asked.environ, asked.settings.sandbox)
        host = open_host_lock(observer, asked.stop, locks)
        include, owner = asked.settings.build.include, choice.sandbox.owner
        with SlotWorkspaces(repository, folder / SLOTS, include, owner) as workspaces:
            yield Opened(asked, repository, choice, host, run, folder, workspaces)
