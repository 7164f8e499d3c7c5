"""The tier "podman": a container without an image, where podman may make namespaces and bubblewrap may not.

Only as an ordinary user: root's containers are no sandbox by themselves. The container's root is an empty
folder into which the same paths are mounted as in bubblewrap. To start one takes half a second.
"""

import csv
import io
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from pesquared.core.running import TASK_CLOCK, Command, RunResult, Usage
from pesquared.errors import PesquaredError
from pesquared.sandbox.host_files import PROCESSOR_FACTS, SETTINGS, beside_usr
from pesquared.sandbox.launch_cost import measure_launch_cost
from pesquared.sandbox.podman_filter import profile_for
from pesquared.sandbox.process import Launch, run
from pesquared.sandbox.seccomp import INTERNET_SOCKETS, LOCAL_SOCKETS
from pesquared.sandbox.toolchains import SYSTEM_PATH, Toolchains, find_toolchains
from pesquared.sandbox.widening import NETWORK_SETTINGS, NOT_WIDENED, Widening

_OPTIONS = (
    "--rm", "--pull=never", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges",
    "--userns=keep-id", "--log-driver=none", "--ulimit=host", "--unsetenv-all", "--no-hosts", "--shm-size=64m",
    "--tmpfs=/tmp:rw,exec,mode=1777,size=1g",
)  # fmt: skip
_OWN_FAILURES = (125, 126)  # podman-run(1): podman itself, the container's start; no program's, see below
_SIGNALLED, _LAST_SIGNAL = 128, 64
_PASSED_ON = ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")  # where podman keeps its own files
_CLEARED_WITHIN_S = 30.0

# The shell stays: a program that is number 1 of its namespace would not feel its own signals. It keeps a program
# from pretending that podman had failed.
_LIMIT_THEN_RUN = """
ulimit -u "$1" 2>/dev/null || ulimit -p "$1" 2>/dev/null
cd "$2" || exit 127
unset OLDPWD
shift 2
"$@"
code=$?
case $code in 125|126) code=124 ;; esac
exit $code
"""


@dataclass(frozen=True, slots=True)
class Podman:
    """Runs commands in containers, a fresh one for each."""

    program: str
    own_env: tuple[tuple[str, str], ...] = ()
    toolchains: Toolchains = field(default_factory=Toolchains)
    widening: Widening = NOT_WIDENED
    accounting: str = TASK_CLOCK

    tier: ClassVar[str] = "podman"
    confines: ClassVar[bool] = True
    read_only_trees: ClassVar[bool] = True
    owner: ClassVar[tuple[int, int] | None] = None

    @classmethod
    def installed(cls, environ: Mapping[str, str], widening: Widening = NOT_WIDENED) -> "Podman | str":
        """The tier, untried; or why it cannot be had."""
        program = shutil.which("podman", path=environ.get("PATH") or None)
        if program is None:
            return "it is not installed"
        if os.geteuid() == 0:
            return "it is for ordinary users"
        own = tuple((name, environ[name]) for name in _PASSED_ON if name in environ)
        return cls(program, own, find_toolchains(environ), widening)

    def run(self, command: Command) -> RunResult:
        """Runs it to its end; every process of it is dead afterwards. A missing program is exit code 127.

        A program's exit codes 125 and 126 are reported as 124: they are podman's own.

        Raises:
            PesquaredError: podman could not start the container.
        """
        name = f"pesquared-{secrets.token_hex(8)}"
        ended = False
        root = tempfile.mkdtemp(prefix="pesquared-root-")
        try:
            with tempfile.NamedTemporaryFile("w", prefix="pesquared-filter-", suffix=".json") as profile:
                profile.write(profile_for(command.purpose, self._sockets(command)))
                profile.flush()
                result = run(self._launch(command, name, root, f"--security-opt=seccomp={profile.name}"))
            ended = not result.stopped
        finally:
            if not ended:  # the container does not descend from what was stopped
                self._podman("rm", "--force", "--time=0", "--ignore", name)
            self._podman("unshare", "rm", "-rf", "--", root)  # mount points in it belong to other users of ours
        if result.exit_code in _OWN_FAILURES and not result.stopped:
            said = result.stderr[:2000].decode(errors="replace").strip()
            raise PesquaredError(f"the sandbox could not be set up: {said}", "try: podman info")
        number = result.exit_code - _SIGNALLED
        return replace(result, exit_code=-number) if 0 < number <= _LAST_SIGNAL else result

    def launch_cost(self, tree: Path) -> Usage:
        """What a run of the program ``true`` costs here, measured once."""
        return _launch_cost(self, tree)

    def _sockets(self, command: Command) -> tuple[int, ...]:
        return INTERNET_SOCKETS if self.widening.shares_network(command.purpose) else LOCAL_SOCKETS

    def _launch(self, command: Command, name: str, root: str, filtered: str) -> Launch:
        limits = (str(command.limits.processes), str(command.cwd))
        inside = ("/bin/sh", "-c", _LIMIT_THEN_RUN, "sh", *limits, *command.argv)
        for link in beside_usr():
            if link.is_symlink():
                (Path(root) / link.name).symlink_to(link.readlink())
        return Launch(
            argv=(*self._container(command), f"--name={name}", filtered, "--rootfs", root, *inside),
            cwd=Path("/"),
            env=self._podman_env(),
            limits=command.limits,
            accounting=self.accounting,
            watch=command.watch,
            writes=(*((command.tree,) if command.writable else ()), *map(Path, self.widening.write)),
        )

    def _container(self, command: Command) -> Iterator[str]:
        shares_network = self.widening.shares_network(command.purpose)
        yield from (
            self.program,
            "--log-level=fatal",
            "run",
            *_OPTIONS,
            "--network=host" if shares_network else "--network=none",
        )
        fixed = {"PATH": self.toolchains.path, "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108
        for pair in (fixed | self.toolchains.env | dict(self.widening.env) | dict(command.env)).items():
            yield f"--env={'='.join(pair)}"
        folders = [str(place) for place in beside_usr() if not place.is_symlink()]
        shown = ["/usr", *folders, *SETTINGS, PROCESSOR_FACTS, *self.toolchains.folders, *self.widening.read]
        for path in [*shown, *(NETWORK_SETTINGS if shares_network else ())]:
            if Path(path).exists():
                yield _mount(path, "ro=true")
        for path in self.widening.write:
            yield _mount(path, "ro=false")
        yield _mount(str(command.tree), "ro=false" if command.writable else "ro=true")

    def _podman_env(self) -> dict[str, str]:
        return {"PATH": ":".join(SYSTEM_PATH)} | dict(self.own_env)

    def _podman(self, *arguments: str) -> None:
        subprocess.run(
            (self.program, *arguments),
            env=self._podman_env(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_CLEARED_WITHIN_S,
            check=False,
            start_new_session=True,
        )


def _mount(path: str, mode: str) -> str:
    """An option whose value is a line of comma-separated values, as podman reads it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(("type=bind", f"src={path}", f"dst={path}", mode))
    return f"--mount={line.getvalue()}"


@lru_cache(maxsize=8)
def _launch_cost(sandbox: Podman, tree: Path) -> Usage:
    return measure_launch_cost(sandbox.run, tree)
