"""Tries to escape from a sandbox, and judges by what happened on the host. A tier that leaks anything is refused.

What a version or a configuration promises is not asked: user namespaces can be switched off, half working, or
working without protecting anything (bubblewrap run by root), and only trying tells them apart.
"""

import contextlib
import os
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Limits

_TIMEOUT_S = 20.0
_DONE = "probe ended"

# Arguments: a folder outside the tree, the mark to look for, a port that listens on the host's 127.0.0.1.
# Finding the listener's port in /proc/net/tcp means sharing the network, whatever tools there are to connect with.
_PROBE = """
outside=$1 mark=$2 port=$3
grep -q "$mark" "$outside/secret" 2>/dev/null && echo 'it reads files outside its tree'
grep -q "$mark" /proc/[0-9]*/environ 2>/dev/null && echo 'it reads the environment of other processes'
[ "$(id -u)" = 0 ] && echo 'it runs with uid 0'
( : > /proc/sys/kernel/core_pattern ) 2>/dev/null && echo 'it may change the settings of the kernel'
grep -qi "^ *[0-9]*: 0100007F:$(printf %04X "$port") " /proc/net/tcp && echo 'it shares the network'
bash -c 'exec 3<>/dev/tcp/127.0.0.1/$1' bash "$port" 2>/dev/null && echo 'it reaches the network'
echo x 2>/dev/null > "$outside/written"
echo x 2>/dev/null > through-link/written
echo x 2>/dev/null > in-tree
echo 'probe ended'
"""


@dataclass(frozen=True, slots=True)
class _Bait:
    """What the probe goes for."""

    mark: str
    outside: Path
    tree: Path
    listener: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])


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
    with _bait(owner) as bait:
        return tuple(
            dict.fromkeys((*_probe(sandbox, bait, writable=True), *_probe(sandbox, bait, writable=False)))
        )


def _probe(sandbox: Sandbox, bait: _Bait, *, writable: bool) -> Iterator[str]:
    argv = ("sh", "-c", _PROBE, "sh", str(bait.outside), bait.mark, str(bait.port))
    limits = Limits(timeout_s=_TIMEOUT_S)
    result = sandbox.run(Command(argv, tree=bait.tree, cwd=bait.tree, writable=writable, limits=limits))
    said = result.stdout.decode(errors="replace").splitlines()
    if _DONE not in said:
        detail = result.stderr[:500].decode(errors="replace").strip()
        yield f"the probe did not run to its end: {detail or result.stopped or result.exit_code}"
    yield from (line for line in said if line != _DONE)
    if (bait.outside / "written").exists():
        yield "it writes outside its tree"
    with contextlib.suppress(BlockingIOError):
        bait.listener.accept()[0].close()
        yield "it reaches the network"
    in_tree = bait.tree / "in-tree"
    if in_tree.exists() and not writable:
        yield "it writes into a tree that is read-only"
    if writable and not in_tree.exists():
        yield "it cannot write into its own tree"
    in_tree.unlink(missing_ok=True)


@contextlib.contextmanager
def _bait(owner: tuple[int, int] | None) -> Iterator[_Bait]:
    """Lays it out: readable and writable for everyone, so that only the sandbox can be what protects it."""
    mark = secrets.token_hex(16)
    with contextlib.ExitStack() as stack:
        outside = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="pesquared-outside-", dir=_not_tmp()))
        )
        tree = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pesquared-tree-")))
        (outside / "secret").write_text(mark, encoding="ascii")
        outside.chmod(0o777)
        (tree / "through-link").symlink_to(outside)
        if owner:
            os.chown(tree, *owner)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        stack.enter_context(_process_with_a_secret(mark))
        yield _Bait(mark, outside, tree, listener)


def _not_tmp() -> str | None:
    """A place that all users may write and no sandbox has reason to replace, unlike /tmp; None without one."""
    place = "/var/tmp"  # noqa: S108
    return place if os.access(place, os.W_OK | os.X_OK) else None


@contextlib.contextmanager
def _process_with_a_secret(mark: str) -> Iterator[None]:
    """A process of ours that has the mark in its environment and ends when its standard input does."""
    process = subprocess.Popen(("/bin/sh", "-c", "read -r line"), stdin=subprocess.PIPE, env={"SECRET": mark})
    try:
        yield
    finally:
        process.communicate()
