"""Runs every hostile program in each tier of the sandbox that holds here, and prints what got through.

Judged on the host: what changed beside the tree, who called, which processes are left, where a secret turns up.
Known gaps of a tier (docs/explanation/threats.md) are counted apart and named. Run it as root and as an ordinary
user.

Usage: ``python benchmarks/hostile.py [TIER …]``; needs a C compiler. Four minutes a tier on a quiet host.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the programs are the tests'

from pesquared.core.running import Purpose
from pesquared.core.settings import SANDBOX_TIERS, SandboxSettings
from pesquared.errors import PesquaredError
from pesquared.sandbox import choose
from tests.support.hostile.campaign import Fate
from tests.support.hostile.program import compile_all
from tests.support.hostile.sorts import EVERY, SORTS, running

CONFINING = [tier for tier in SANDBOX_TIERS if tier not in ("already-isolated", "none")]


def campaign(tier: str, sort: str, binary: Path) -> list[Fate]:
    """All programs of a sort in a tier; escapes and seekers as a test and as a benchmark, which is held least."""
    sandbox = choose(os.environ, SandboxSettings(tier=tier)).sandbox
    purposes = (Purpose.TEST, Purpose.BENCH) if sort in ("escape", "secrets") else (Purpose.BENCH,)
    fates: dict[str, Fate] = {}
    for purpose in purposes:
        with running(sort, sandbox, purpose) as run:
            for program in SORTS[sort]:
                fate = run(program, binary)
                if fate.found or program.name not in fates:
                    fates[program.name] = fate
    return list(fates.values())


def main() -> None:
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    print(f"as {who}, {os.uname().sysname} {os.uname().release}")
    print(f"{'tier':12} {'sort':18} programs  held  known gaps  NOT HELD  seconds")
    told, missed = [], 0
    with tempfile.TemporaryDirectory() as folder:
        binary = compile_all(EVERY, Path(folder))
        for tier in sys.argv[1:] or CONFINING:
            try:
                choose(os.environ, SandboxSettings(tier=tier))
            except PesquaredError as error:
                print(f"{tier:12} {error.message.rpartition(': ')[2]}")
                continue
            for sort in SORTS:
                began = time.monotonic()
                fates = campaign(tier, sort, binary)
                through = [fate for fate in fates if fate.found]
                known = [fate for fate in through if fate.known(tier)]
                missed += len(through) - len(known)
                counts = (
                    f"{len(fates):8} {len(fates) - len(through):5} {len(known):11} {len(through) - len(known):9}"
                )
                print(f"{tier:12} {sort:18} {counts} {time.monotonic() - began:8.0f}", flush=True)
                told += [
                    f"{tier}: {f.program.name}: {'; '.join(f.found)} ({f.known(tier) or 'NOT KNOWN'})"
                    for f in through
                ]
    print("\n".join(["", *told]))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
