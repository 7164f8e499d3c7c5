"""The tier "sandbox-exec", for macOS: a profile that denies everything but what is listed.

Untested: it has never run on a Mac, and how processes are started, limited and counted (``process``) is written
for Linux. The profile follows sandbox-exec(1) and the system's own profiles in /System/Library/Sandbox.
"""

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from pesquared.core.running import Command, RunResult, Usage
from pesquared.sandbox.accounting import WALL
from pesquared.sandbox.launch_cost import measure_launch_cost
from pesquared.sandbox.process import Launch, run
from pesquared.sandbox.toolchains import Toolchains, find_toolchains
from pesquared.sandbox.widening import NOT_WIDENED, Widening

_SYSTEM = ("/usr", "/bin", "/sbin", "/System", "/Library/Developer", "/Applications/Xcode.app", "/private/etc/ssl")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


@dataclass(frozen=True, slots=True)
class SandboxExec:
    """Runs commands under a profile made for each."""

    program: str
    toolchains: Toolchains = field(default_factory=Toolchains)
    widening: Widening = NOT_WIDENED
    accounting: str = WALL

    tier: ClassVar[str] = "sandbox-exec"
    confines: ClassVar[bool] = True
    read_only_trees: ClassVar[bool] = True
    owner: ClassVar[tuple[int, int] | None] = None

    @classmethod
    def installed(cls, environ: Mapping[str, str], widening: Widening = NOT_WIDENED) -> "SandboxExec | str":
        """The tier, untried; or why it cannot be had."""
        program = shutil.which("sandbox-exec")
        if platform.system() != "Darwin" or program is None:
            return "only macOS has it"
        return cls(program, find_toolchains(environ), widening)

    def run(self, command: Command) -> RunResult:
        """Runs it to its end. A missing program is exit code 127."""
        with tempfile.TemporaryDirectory(prefix="pesquared-private-", ignore_cleanup_errors=True) as private:
            profile = "\n".join(self._profile(command, str(Path(private).resolve())))
            env = {"PATH": self.toolchains.path, "HOME": private, "LANG": "C.UTF-8", "TMPDIR": private}
            return run(
                Launch(
                    argv=(self.program, "-p", profile, *command.argv),
                    cwd=command.cwd,
                    env=env | self.toolchains.env | dict(self.widening.env) | dict(command.env),
                    limits=command.limits,
                    accounting=self.accounting,
                    watch=command.watch,
                    writes=(*((command.tree,) if command.writable else ()), Path(private)),
                )
            )

    def launch_cost(self, tree: Path) -> Usage:
        """What a run of the program ``true`` costs here."""
        return measure_launch_cost(self.run, tree)

    def _profile(self, command: Command, private: str) -> Iterator[str]:
        yield "(version 1) (deny default) (allow process-fork) (allow sysctl-read) (allow file-read-metadata)"
        yield "(allow signal (target same-sandbox)) (allow ipc-posix-sem) (allow mach-lookup)"
        read = (*_SYSTEM, *self.toolchains.folders, *self.widening.read, str(command.tree), private)
        yield from (f"(allow file-read* process-exec (subpath {_quoted(path)}))" for path in read)
        yield from (f"(allow file-read* file-write* (literal {_quoted(path)}))" for path in _DEVICES)
        write = (private, *self.widening.write, *((str(command.tree),) if command.writable else ()))
        yield from (f"(allow file-read* file-write* (subpath {_quoted(path)}))" for path in write)
        if self.widening.shares_network(command.purpose):
            yield "(allow network*)"


def _quoted(path: str) -> str:
    """A string of the profile's language, which is Scheme's."""
    return json.dumps(path, ensure_ascii=False)
