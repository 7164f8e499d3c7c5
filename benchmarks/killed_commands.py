"""Kills whoever runs commands, at random moments, in each tier, and counts what of the commands lives on.

A command forks a child into a session of its own; both spin. Half of the kills also hit the guard, so that the
next run has to do its work. Counted on the host, by a word on the command lines.

Usage: ``python benchmarks/killed_commands.py [KILLS]``, of each tier (20).
"""

import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pesquared.core.settings import SandboxSettings
from pesquared.errors import PesquaredError
from pesquared.sandbox import choose
from pesquared.sandbox.strays import end_strays

TIERS = ("bubblewrap", "landlock", "podman", "already-isolated")
KILLS, LONGEST_S, GRACE_S = 20, 0.5, 3.0
GUARD = b"pesquared-guard"
RUNNER = """
import os, sys
from pathlib import Path
from pesquared.core.running import Command, Limits
from pesquared.core.settings import SandboxSettings
from pesquared.sandbox import choose

tier, tree, word = sys.argv[1:]
sandbox = choose(os.environ, SandboxSettings(tier=tier)).sandbox
print("begins", flush=True)
while True:
    script = f": {word}; setsid sh -c ': {word}; while :; do :; done' & while :; do :; done"
    sandbox.run(Command(("sh", "-c", script), Path(tree), Path(tree), limits=Limits(timeout_s=0.2)))
"""


def command_lines() -> dict[int, bytes]:
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                found[int(process.name)] = (process / "cmdline").read_bytes()
            except OSError:
                continue
    return found


def living(word: str) -> list[int]:
    return [pid for pid, line in command_lines().items() if b": %s;" % word.encode() in line]


def kill_one(tier: str, tree: str, *, guard_too: bool) -> int:
    """How many processes are left of it."""
    word = secrets.token_hex(8)
    runner = subprocess.Popen((sys.executable, "-c", RUNNER, tier, tree, word), stdout=subprocess.PIPE)
    assert runner.stdout is not None
    runner.stdout.readline()
    time.sleep(random.uniform(0, LONGEST_S))
    if guard_too:
        own = f"{runner.pid:07}".encode()
        for pid, line in command_lines().items():
            if GUARD in line and line.split(b"\0")[-2][1:8] == own:
                os.kill(pid, signal.SIGKILL)
    runner.kill()
    runner.communicate()
    if guard_too:
        end_strays()
    deadline = time.monotonic() + GRACE_S
    while (left := living(word)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return len(left)


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    survived = 0
    for tier in TIERS:
        try:
            choose(os.environ, SandboxSettings(tier=tier))
        except PesquaredError as error:
            print(f"{tier:16} {error.message.rpartition(': ')[2]}")
            continue
        with tempfile.TemporaryDirectory(dir="/var/tmp") as tree:
            Path(tree).chmod(0o755)
            left = [kill_one(tier, tree, guard_too=number % 2 == 1) for number in range(kills)]
        survived += sum(left)
        times = sum(map(bool, left))
        print(f"{tier:16} killed {kills} times, {times} times something lived on: {sum(left)} processes")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
