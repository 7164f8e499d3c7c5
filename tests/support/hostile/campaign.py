"""Runs hostile programs in a sandbox, one by one, and judges by what is seen on the host."""

import contextlib
import os
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Limits, Purpose, RunResult
from tests.support.hostile.bait import Bait, laid_out
from tests.support.hostile.program import ESCAPED, TRIED, Hostile

_PATIENCE = Limits(timeout_s=20.0, output_killed=64 << 20)
_SMALL = Limits(
    timeout_s=2.5,
    output_kept=1 << 20,
    output_killed=16 << 20,
    file_size=64 << 20,
    processes=64,
    memory=256 << 20,
    disk=64 << 20,
)
_GRACE_S = 60.0  # a busy host takes long to end so many
_OURS = 48 << 20  # bytes by which we may grow over a program that floods
_LARGEST_LEFT = 1 << 20


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a program: nothing found is as it should be."""

    program: Hostile
    found: tuple[str, ...]

    def known(self, tier: str) -> str:
        """Why it is no surprise in this tier, "" where it is one."""
        return self.program.gaps.get(tier, "")


def run_one(sandbox: Sandbox, program: Hostile, binary: Path, purpose: Purpose) -> Fate:
    """An escape or a seeker, in a tree that it may write."""
    with laid_out(sandbox.owner) as bait, _tree(sandbox, binary) as tree:
        result = sandbox.run(_command(program, tree, bait, _PATIENCE, purpose))
        found = [*said(result), *_seen(result, tree, bait)]
        found += [bait.harm(), *_survivors(tree)]
    return Fate(program, tuple(filter(None, found)))


def run_flood(sandbox: Sandbox, program: Hostile, binary: Path) -> Fate:
    """A program that wants all there is; it gets little."""
    found: list[str] = []
    with laid_out(sandbox.owner) as bait, _tree(sandbox, binary) as tree:
        ours, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        sandbox.run(_command(program, tree, bait, _SMALL, Purpose.TEST))
        took = time.monotonic() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - ours) << 10
        if took > _SMALL.timeout_s + _GRACE_S:
            found.append(f"took {took:.1f} s")
        if grown > _OURS:
            found.append(f"we grew by {grown >> 20} MiB")
        found += [bait.harm(), *_survivors(tree)]
    return Fate(program, tuple(filter(None, found)))


def _command(program: Hostile, tree: Path, bait: Bait, limits: Limits, purpose: Purpose) -> Command:
    argv = program.argv(tree / "hostile")
    return Command(argv, tree, tree, writable=True, env=bait.env, limits=limits, purpose=purpose)


def said(result: RunResult) -> Iterator[str]:
    """What the program itself let us know."""
    lines = result.stdout.splitlines()
    if ESCAPED in lines:
        yield "says that it escaped"
    if TRIED not in lines:
        yield f"did not run to its end ({result.stopped or result.exit_code}): {result.stderr[-200:]!r}"


def _seen(result: RunResult, tree: Path, bait: Bait) -> Iterator[str]:
    canary = bait.canary.encode()
    if canary in result.stdout + result.stderr:
        yield "saw a secret"
    for path in tree.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST_LEFT:
            with contextlib.suppress(PermissionError):
                if canary in path.read_bytes():
                    yield f"has a secret in {path.name}"


def _survivors(tree: Path) -> Iterator[str]:
    """Processes that still run in the tree, or from it. They are killed."""
    mark = os.fsencode(tree)
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid() and mark in _ties(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)
            yield f"process {process.name} lives on"


def _ties(process: Path) -> bytes:
    """What ties a living process to a folder: program, folder, command line."""
    ties = b""
    with contextlib.suppress(OSError):
        if (process / "stat").read_bytes().rpartition(b") ")[2][:1] not in b"ZX":
            ties += (process / "cmdline").read_bytes()
            ties += b"\0".join(os.fsencode((process / name).readlink()) for name in ("exe", "cwd"))
    return ties


@contextlib.contextmanager
def _tree(sandbox: Sandbox, binary: Path) -> Iterator[Path]:
    above = Path(tempfile.mkdtemp(prefix="hostile-", dir="/var/tmp"))
    above.chmod(0o755)
    tree = above / "tree"
    tree.mkdir()
    shutil.copy2(binary, tree / "hostile")
    if sandbox.owner:
        os.chown(tree, *sandbox.owner)
    try:
        yield tree
    finally:
        # Not shutil's: some of the trees are deeper than it can go.
        for program in ("chmod -R u+rwx", "rm -rf"):
            os.spawnlp(os.P_WAIT, "sh", "sh", "-c", f'{program} -- "$1" 2>/dev/null', "sh", str(above))
