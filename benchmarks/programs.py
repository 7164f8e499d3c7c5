"""Small true programs in real slots, run by the real sandbox: what benchmarks of the measuring itself measure.

A program's work is a number of rounds given when it is compiled, so that the gain of one over another is known by
construction: the share of rounds that are not made.
"""

import os
import random
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from procedures import Silence

from pesquared.core.protocols import Sandbox, Slot
from pesquared.core.running import Usage
from pesquared.core.settings import BenchSettings, Settings
from pesquared.core.stopping import StopRequest
from pesquared.sandbox import choose, open_host_lock
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verifiers.command import CommandVerifier
from pesquared.verify.measuring.bench import Bench, BenchPlan
from pesquared.verify.measuring.meter import Meter
from pesquared.verify.measuring.pairs import PairedRuns

_TRIED_ROUNDS, _TRIED_RUNS = 100_000, 7  # to find out how long a round takes
SOURCE = r"""
#include <stdint.h>
#include <stdio.h>
static const char tag[] = TAG; /* makes another binary of the same code */
static uint32_t table[4096];
int main(void)
{
    uint32_t h = (uint32_t)tag[0] - (uint32_t)tag[0];
    for (long round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 256; i++) {
            h = (h ^ (uint32_t)i) * 16777619u;
            table[h & 4095] += h >> 20;
        }
    printf("%u\n", table[7]);
    return 0;
}
"""


@dataclass(frozen=True, slots=True)
class Programs:
    """Two slots with a program in each, and what runs them."""

    workspaces: SlotWorkspaces
    sandbox: Sandbox
    bench: Bench
    verifier: CommandVerifier

    def compile(self, slot: Slot, rounds: int, tag: str = "a") -> None:
        """Puts the program there."""
        self.workspaces.activate(slot)
        tree = self.workspaces.tree
        options = (f"-DROUNDS={rounds}L", f'-DTAG="{tag}"')
        subprocess.run(["cc", "-O2", *options, "-o", "prog", "prog.c"], cwd=tree, check=True)
        self.bench.capture(slot)

    def rounds_for(self, seconds: float) -> int:
        """How many rounds take about so long here."""
        self.compile(Slot.BASELINE, _TRIED_ROUNDS)
        launch = self.launch()
        usages = [self.bench.run(Slot.BASELINE).result.usage for _ in range(_TRIED_RUNS)]
        if launch.cpu_s is None:
            spent = min(usage.wall_s for usage in usages) - launch.wall_s
        else:
            spent = statistics.median(usage.cpu_s or 0.0 for usage in usages) - launch.cpu_s
        return round(_TRIED_ROUNDS * seconds / max(spent, 1e-3))

    def pairs(self, rng: random.Random, launch: Usage, bench: Bench | None = None) -> PairedRuns:
        """The baseline against the candidate, as the judge pairs them, launch cost taken off."""
        meter = Meter(self.verifier, launch)
        return PairedRuns(
            bench or self.bench,
            meter,
            rng,
            (Slot.BASELINE, lambda _run: None),
            (Slot.CANDIDATE, lambda _run: None),
        )

    def launch(self) -> Usage:
        """What starting ``true`` in this sandbox costs; asked for when a program has been compiled."""
        return self.sandbox.launch_cost(self.workspaces.tree)


@contextmanager
def programs() -> Iterator[Programs]:
    """A scratch repository, its slots, and the best sandbox of this host; all gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pesquared-programs-"))
    try:
        folder.chmod(0o755)
        commit = _repository(folder / "code")
        sandbox = choose(os.environ).sandbox
        settings = Settings(bench=BenchSettings(command="exec ./prog"))
        with SlotWorkspaces(
            GitRepository.open(folder / "code"), folder / "slots", owner=sandbox.owner
        ) as workspaces:
            for slot in (Slot.BASELINE, Slot.CANDIDATE):
                workspaces.place(slot, commit)
            verifier = CommandVerifier(settings)
            plan = BenchPlan(timeout_s=30.0, writable=False)
            host = open_host_lock(Silence(), StopRequest())
            bench = Bench(verifier, workspaces, sandbox, plan, host)
            yield Programs(workspaces, sandbox, bench, verifier)
    finally:
        shutil.rmtree(folder)


def _repository(root: Path) -> str:
    root.mkdir()
    (root / "prog.c").write_text(SOURCE, encoding="utf-8")
    identity = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost")
    for words in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-q", "-m", "program")):
        subprocess.run(["git", *words], cwd=root, check=True)
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
    return found.stdout.strip()


@contextmanager
def spinning(number: int) -> Iterator[None]:
    """That many processes that do nothing but compute."""
    spinners = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(number)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
