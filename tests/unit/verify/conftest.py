"""A small C project in a real git repository, real slots and real programs; only the times are what programs say."""

import random
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pesquared.core.events import Event, Notice, PairMeasured, StageStarted
from pesquared.core.settings import AcceptSettings, BenchSettings, BuildSettings, CheckSettings, Settings
from pesquared.core.settings import TestSettings as SuiteSettings
from pesquared.core.stopping import StopRequest
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.judge import TreeJudge
from pesquared.verify.rig import Rig
from tests.support.fake_sandbox import ScriptedSandbox
from tests.support.git_repos import git

KERNEL = """\
const char *says = "cpu 0.02\\n"; /* and wall, and peak */
int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; return s; }
"""
MAIN = """\
#include <stdio.h>
#include <string.h>
extern const char *says;
int sum(int n);
int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "test"))
        return sum(3) != 3;
    fputs(says, stderr);
    printf("sum %d\\n", sum(100));
    return 0;
}
"""
MAKEFILE = """\
prog: main.o kernel.o
\tcc -o prog main.o kernel.o
main.o kernel.o: Makefile
"""
FAST = KERNEL.replace("0.02", "0.01")
SETTINGS = Settings(
    test=SuiteSettings(quick="./prog test", full="./prog test"),
    bench=BenchSettings(command="./prog", timeout_s=5.0),
    accept=AcceptSettings(max_pairs=60),
    build=BuildSettings(),
    check=CheckSettings(sanitizers=False),  # a second build of everything; tests of it say so
)


@dataclass
class Recorder:
    """Keeps what it is told; asks for a stop when ``stop_at`` says so."""

    stop: StopRequest
    events: list[Event] = field(default_factory=list)
    stop_at: Callable[[Event], bool] = lambda _event: False

    def notify(self, event: Event) -> None:
        self.events.append(event)
        if self.stop_at(event):
            self.stop.request()

    @property
    def notices(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Notice)]

    @property
    def stages(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, StageStarted)]

    def pairs(self, stage: str) -> list[PairMeasured]:
        return [event for event in self.events if isinstance(event, PairMeasured) and event.stage == stage]


class Court:
    """A judge over a git repository of small files, with everything it needs at hand."""

    def __init__(self, folder: Path, files: dict[str, str], settings: Settings = SETTINGS) -> None:
        self.root = folder / "code"
        self.sandbox = ScriptedSandbox()
        self.recorder = Recorder(StopRequest())
        self.root.mkdir()
        git(self.root, "init", "-q", "-b", "main")
        self.base = self.commit(files)
        self.repository = GitRepository.open(self.root)
        self.workspaces = SlotWorkspaces(self.repository, folder / "slots")
        self.rig = Rig(
            verifier=CommandVerifier(settings),
            workspaces=self.workspaces,
            sandbox=self.sandbox,
            settings=settings,
            observer=self.recorder,
            stop=self.recorder.stop,
            coin=random.Random(11),
            ignored=lambda: self.repository.ignored_files(100),
        )
        self.judge = TreeJudge(self.rig, self.base)

    def use(self, verifier: type[CommandVerifier]) -> None:
        self.rig = replace(self.rig, verifier=verifier(self.rig.settings))
        self.judge = TreeJudge(self.rig, self.base)

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "--allow-empty", "-m", "change")
        return git(self.root, "rev-parse", "HEAD")


@pytest.fixture
def court(tmp_path: Path) -> Iterator[Callable[..., Court]]:
    """Opens a court over the given files, by default the small C project."""
    courts: list[Court] = []

    def opened(settings: Settings = SETTINGS, **changes: str) -> Court:
        files = {"kernel.c": KERNEL, "main.c": MAIN, "Makefile": MAKEFILE}
        files |= {name.replace("__", "."): text for name, text in changes.items()}
        courts.append(Court(tmp_path, files, settings))
        return courts[-1]

    yield opened
    for one in courts:
        one.workspaces.close()


def compiled(folder: Path, source: str, *options: str) -> Path:
    """A C program."""
    (folder / "a.c").write_text(source)
    subprocess.run(["cc", "-o", "a.out", *options, "a.c"], cwd=folder, check=True)
    return folder / "a.out"
