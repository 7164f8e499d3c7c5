"""Tries to escape from a sandbox, and judges by what happened on the host. A tier that leaks anything is refused.

What a version or a configuration promises is not asked: user namespaces can be switched off, half working, or
working without protecting anything (bubblewrap run by root), and only trying tells them apart.

A further way out is a line in ``_ATTEMPTS`` where the program itself sees that it got out, else bait in ``_bait``
and a look at it in ``_harm``.
"""

import contextlib
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Limits, Purpose
from pesquared.sandbox.scratch import scratch_folder

_TIMEOUT_S = 20.0
_DONE = "probe ended"

# Shell commands that succeed if they get out, and what that means. They know $outside, a folder outside the tree;
# $mark, what to look for; $port, which listens on the host's 127.0.0.1; $process, a process of the host.
# With nothing to connect with, finding the listener in /proc/net/tcp has to do.
_ATTEMPTS = (
    ('grep -q "$mark" "$outside/secret"', "it reads files outside its tree"),
    ('grep -q "$mark" /proc/[0-9]*/environ', "it reads the environment of other processes"),
    ('[ "$(id -u)" = 0 ]', "it runs with uid 0"),
    ("( : > /proc/sys/kernel/core_pattern )", "it may change the settings of the kernel"),
    ('bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"', "it reaches the network"),
    (
        '! command -v bash && grep -qi "^ *[0-9]*: 0100007F:$(printf %04X "$port") " /proc/net/tcp',
        "it shares the network",
    ),
    ("unshare --user true", "it makes user namespaces"),
)
# What these do is looked at from outside.
_MISCHIEF = """
echo x > "$outside/written"
echo x > through-link/written
ln "$outside/secret" linked
kill -USR1 "$process"
echo x > in-tree
"""


@dataclass(frozen=True, slots=True)
class _Bait:
    """What the probe goes for."""

    mark: str
    outside: Path
    tree: Path
    listener: socket.socket
    process: subprocess.Popen[bytes]

    @property
    def script(self) -> str:
        known = {
            "outside": str(self.outside),
            "mark": self.mark,
            "port": str(self.listener.getsockname()[1]),
            "process": str(self.process.pid),
        }
        lines = [f"{name}='{value}'" for name, value in known.items()]
        lines += ["exec 3>&1 >/dev/null 2>&1", *_tried(), _MISCHIEF, f"echo '{_DONE}' >&3"]
        return "\n".join(lines)


def _tried() -> Iterator[str]:
    for attempt, finding in _ATTEMPTS:
        yield f"{{ {attempt}; }} && echo '{finding}' >&3"


def find_escapes(sandbox: Sandbox, owner: tuple[int, int] | None) -> tuple[str, ...]:
    """What a program can do in ``sandbox`` that it should not be able to do, or why the probe could not be run.

    Args:
        sandbox: the tier to try.
        owner: uid and gid that its trees must belong to, None for ours.

    Returns:
        One phrase for each finding; empty when the sandbox held.

    Raises:
        PesquaredError: the sandbox could not be set up.
    """
    findings: list[str] = []
    for writable in (True, False):
        with _bait(owner) as bait:
            findings += _probe(sandbox, bait, writable=writable)
    return tuple(dict.fromkeys(findings))


def _probe(sandbox: Sandbox, bait: _Bait, *, writable: bool) -> Iterator[str]:
    """Runs as a benchmark, which is held least."""
    command = Command(
        ("sh", "-c", bait.script),
        tree=bait.tree,
        cwd=bait.tree,
        writable=writable,
        limits=Limits(timeout_s=_TIMEOUT_S),
        purpose=Purpose.BENCH,
    )
    result = sandbox.run(command)
    said = result.stdout.decode(errors="replace").splitlines()
    if _DONE not in said:
        detail = result.stderr[:500].decode(errors="replace").strip()
        yield f"the probe did not run to its end: {detail or result.stopped or result.exit_code}"
    yield from (line for line in said if line != _DONE)
    yield from _harm(bait)
    in_tree = bait.tree / "in-tree"
    if in_tree.exists() and not writable:
        yield "it writes into a tree that is read-only"
    if writable and not in_tree.exists():
        yield "it cannot write into its own tree"


def _harm(bait: _Bait) -> Iterator[str]:
    """What it did outside its tree."""
    if (bait.outside / "written").exists():
        yield "it writes outside its tree"
    if (bait.outside / "secret").stat().st_nlink > 1:
        yield "it links files outside its tree into it"
    if bait.process.poll() is not None:
        yield "it signals other processes"
    with contextlib.suppress(BlockingIOError):
        bait.listener.accept()[0].close()
        yield "it reaches the network"


@contextlib.contextmanager
def _bait(owner: tuple[int, int] | None) -> Iterator[_Bait]:
    """Lays it out: readable and writable for everyone, so that only the sandbox can be what protects it."""
    mark = secrets.token_hex(16)
    with contextlib.ExitStack() as stack:
        outside = stack.enter_context(scratch_folder("outside", _not_tmp()))
        tree = stack.enter_context(scratch_folder("tree"))
        (outside / "secret").write_text(mark, encoding="ascii")
        (outside / "secret").chmod(0o666)
        outside.chmod(0o777)
        (tree / "through-link").symlink_to(outside)
        if owner:
            os.chown(tree, *owner)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        yield _Bait(mark, outside, tree, listener, stack.enter_context(_process_with_a_secret(mark)))


def _not_tmp() -> str | None:
    """A place that all users may write and no sandbox has reason to replace, unlike /tmp; None without one."""
    place = "/var/tmp"  # noqa: S108
    return place if os.access(place, os.W_OK | os.X_OK) else None


@contextlib.contextmanager
def _process_with_a_secret(mark: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that has the mark in its environment and ends when its standard input does."""
    process = subprocess.Popen(
        ("/bin/sh", "-c", "read -r line"), stdin=subprocess.PIPE, env={"SECRET": mark}, start_new_session=True
    )
    try:
        yield process
    finally:
        process.communicate()
