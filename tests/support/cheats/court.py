"""The real judge over the small project, in the real sandbox: a commit in, a verdict out."""

import contextlib
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pesquared.core.events import Event
from pesquared.core.settings import BenchSettings, CheckCase, CheckSettings, SandboxSettings, Settings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.stopping import StopRequest
from pesquared.core.verdict import Verdict
from pesquared.sandbox import choose
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verifiers.command import CommandVerifier
from pesquared.verifiers.number import NumberVerifier
from pesquared.verify.judge import TreeJudge
from pesquared.verify.rig import Rig
from tests.support.cheats.project import BENCH, FILES, NUMBER, TEST
from tests.support.git_repos import commit_all, git, make_repository, write_files

SETTINGS = Settings(
    test=SuiteSettings(quick=TEST, full=TEST),
    bench=BenchSettings(command=BENCH, number=NUMBER, number_name="ns"),
)

# An input that the benchmark does not have, of which nobody who proposes is told.
CASE = CheckCase(name="another seed", command=f"{BENCH} 5", hidden=True)


class Silent:
    """Nobody listens."""

    def notify(self, event: Event) -> None:
        pass


@dataclass(frozen=True)
class Court:
    """The project and its judge, who knows the baseline."""

    root: Path
    judge: TreeJudge
    tier: str

    def verdict(self, files: Mapping[str, str]) -> Verdict:
        """Of the project with these files changed."""
        git(self.root, "checkout", "-q", "-f", "main")
        write_files(self.root, files)
        commit = commit_all(self.root, "Cheat")
        git(self.root, "reset", "-q", "--hard", "HEAD~1")
        return self.judge.judge(commit)


@contextlib.contextmanager
def in_session(*, itself: bool, tier: str = "", sanitizers: bool = True) -> Iterator[Court]:
    """Opens a court.

    Args:
        itself: what counts is the time that the benchmark says it took, not the process's.
        tier: of the sandbox; "" means the best.
        sanitizers: are the benchmark and tests run under them, too?
    """
    settings = replace(SETTINGS, check=CheckSettings(case=(CASE,), sanitizers=sanitizers))
    with tempfile.TemporaryDirectory(prefix="court-", dir="/var/tmp") as above, contextlib.ExitStack() as stack:
        Path(above).chmod(0o755)
        root = make_repository(Path(above) / "code", FILES)
        sandbox = choose(os.environ, SandboxSettings(tier=tier)).sandbox
        repository = stack.enter_context(GitRepository.open(root, objects=Path(above) / "objects"))
        slots = stack.enter_context(SlotWorkspaces(repository, Path(above) / "slots", (), sandbox.owner))
        stop = StopRequest()
        verifier = NumberVerifier(settings) if itself else CommandVerifier(settings)
        rig = Rig(
            verifier,
            slots,
            sandbox,
            settings,
            Silent(),
            stop,
            random.Random(5),
            lambda: repository.ignored_files(9),
        )
        judge = TreeJudge(rig, git(root, "rev-parse", "HEAD"))
        judge.establish()
        yield Court(root, judge, sandbox.tier)
