"""The tier "bubblewrap": its own root with system programs, toolchains and one tree; no network, no other process.

Why an allow-list: what is not named does not exist inside, and a list of things to hide is never complete.

Nobody is uid 0 inside. For an ordinary user, bubblewrap makes a user namespace. Started as root it makes none: it
keeps the three capabilities that ``setpriv`` needs to give up uid, groups and the rest before the program starts.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from pesquared.core.running import TASK_CLOCK, Command, Limits, RunResult, Usage
from pesquared.errors import PesquaredError
from pesquared.sandbox.bubblewrap_status import StatusPipe
from pesquared.sandbox.host_files import (
    NOBODY,
    PROCESSOR_FACTS,
    SETTINGS,
    beside_usr,
)
from pesquared.sandbox.launch_cost import measure_launch_cost
from pesquared.sandbox.lesser_user import as_lesser_user, why_not
from pesquared.sandbox.memory_file import memory_file
from pesquared.sandbox.process import Launch, run
from pesquared.sandbox.seccomp import INTERNET_SOCKETS, LOCAL_SOCKETS, filter_for
from pesquared.sandbox.toolchains import SYSTEM_PATH, Toolchains, find_toolchains
from pesquared.sandbox.widening import NETWORK_SETTINGS, NOT_WIDENED, Widening

_SHARED_MEMORY = 64 << 20
_TEMPORARY = 1 << 30
_SIGNALLED = 128  # bubblewrap ends with 128 + the signal, as shells do
_LAST_SIGNAL = 64

# By these, first of all, a bubblewrap of ours is told from others: see strays.
ISOLATED = (
    "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--die-with-parent", "--new-session", "--cap-drop", "ALL",
)  # fmt: skip
_ROOT_KEEPS = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")

# Processes are limited inside, where they are counted in our own user namespace or under an uid of their own;
# dash and busybox spell the limit -p, bash -u. The shell also makes a missing program exit code 127. The folder is
# entered here because root without its capabilities may not enter one that belongs to the other uid.
_LIMIT_THEN_BECOME = """
ulimit -u "$1" 2>/dev/null || ulimit -p "$1" 2>/dev/null
cd "$2" || exit 127
unset OLDPWD
shift 2
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """Runs commands inside bubblewrap, a fresh sandbox for each.

    ``owner`` is the uid and gid that trees must belong to when the command may write them; None when that is us.
    """

    program: str
    toolchains: Toolchains = field(default_factory=Toolchains)
    owner: tuple[int, int] | None = None
    can_disable_userns: bool = False
    widening: Widening = NOT_WIDENED
    accounting: str = TASK_CLOCK

    tier: ClassVar[str] = "bubblewrap"
    confines: ClassVar[bool] = True
    read_only_trees: ClassVar[bool] = True

    @classmethod
    def installed(cls, environ: Mapping[str, str], widening: Widening = NOT_WIDENED) -> "Bubblewrap | str":
        """The tier as this host has it, untried; or which program it needs and lacks."""
        program = shutil.which("bwrap", path=environ.get("PATH") or None)
        as_root = os.geteuid() == 0
        if program is None:
            return "it is not installed (package bubblewrap, program bwrap)"
        if as_root and (lacks := why_not()):
            return lacks
        plain = {"PATH": ":".join(SYSTEM_PATH)}
        options = run(Launch(argv=(program, "--help"), cwd=Path("/"), env=plain, limits=Limits())).stdout
        return cls(
            program=program,
            toolchains=find_toolchains(environ),
            owner=NOBODY if as_root else None,
            can_disable_userns=b"--disable-userns" in options,
            widening=widening,
        )

    def run(self, command: Command) -> RunResult:
        """Runs it to its end; every process of it is dead afterwards. A missing program is exit code 127.

        An exit code of 128 + n is reported as signal n: bubblewrap does not tell the two apart.

        Raises:
            PesquaredError: the sandbox itself could not be set up, so that nothing was run.
        """
        with StatusPipe() as status, self._filter(command) as filters, self._variables(command) as variables:
            filtered = [option for fd in filters for option in ("--seccomp", str(fd))]
            argv = (*self._outside(command, status.write_end, variables), *filtered, "--", *self._inside(command))
            result = run(
                Launch(
                    argv=argv,
                    cwd=Path("/"),
                    env={"PATH": ":".join(SYSTEM_PATH)},
                    limits=command.limits,
                    accounting=self.accounting,
                    watch=command.watch,
                    pass_fds=(status.write_end, variables, *filters),
                    writes=(*((command.tree,) if command.writable else ()), *map(Path, self.widening.write)),
                )
            )
            begun = status.wait_for_the_end()
        if not begun and result.exit_code > 0 and not result.stopped:
            said = result.stderr[:2000].decode(errors="replace").strip()
            raise PesquaredError(
                f"the sandbox could not be set up: {said}", f"try: {self.program} --ro-bind / / true"
            )
        return _with_signal(result)

    def launch_cost(self, tree: Path) -> Usage:
        """What a run of the program ``true`` costs here, measured once."""
        return _launch_cost(self, tree)

    def _outside(self, command: Command, status_fd: int, variables_fd: int) -> Iterator[str]:
        yield from (self.program, *ISOLATED)
        if self.owner:
            yield from _ROOT_KEEPS
        else:
            yield "--unshare-user"
            if self.can_disable_userns:
                yield "--disable-userns"
        yield from ("--json-status-fd", str(status_fd), "--clearenv", "--args", str(variables_fd))
        yield from _system_files()
        shares_network = self.widening.shares_network(command.purpose)
        if not shares_network:
            yield "--unshare-net"
        for path in (*self.toolchains.folders, *self.widening.read, *(NETWORK_SETTINGS if shares_network else ())):
            yield from _shown(path)
        for path in self.widening.write:
            yield from (*_reachable(path), "--bind", path, path)
        tree = str(command.tree)
        yield from (*_reachable(tree), "--bind" if command.writable else "--ro-bind", tree, tree)
        yield from ("--remount-ro", "/dev", "--remount-ro", "/")  # else memory could be filled through them
        yield from ("--chdir", "/")

    @contextmanager
    def _filter(self, command: Command) -> Iterator[tuple[int, ...]]:
        """The descriptor that bubblewrap reads its filter of system calls from; none on an unknown machine."""
        sockets = INTERNET_SOCKETS if self.widening.shares_network(command.purpose) else LOCAL_SOCKETS
        program = filter_for(command.purpose, sockets)
        if not program:
            yield ()
            return
        with memory_file(program) as descriptor:
            yield (descriptor,)

    @contextmanager
    def _variables(self, command: Command) -> Iterator[int]:
        """The descriptor of options that set variables. Command lines are seen by all, and values may be keys."""
        pairs = (self._environment() | dict(command.env)).items()
        if any("\0" in word for pair in pairs for word in pair):  # what follows it would be read as an option
            raise PesquaredError("the sandbox could not be set up: a variable holds a NUL byte")
        words = [word for pair in pairs for word in ("--setenv", *pair)]
        with memory_file(b"".join(os.fsencode(word) + b"\0" for word in words)) as descriptor:
            yield descriptor

    def _inside(self, command: Command) -> Iterator[str]:
        yield from as_lesser_user(self.owner)
        yield from ("/bin/sh", "-c", _LIMIT_THEN_BECOME, "sh", str(command.limits.processes), str(command.cwd))
        yield from command.argv

    def _environment(self) -> dict[str, str]:
        fixed = {"PATH": self.toolchains.path, "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108
        return fixed | self.toolchains.env | dict(self.widening.env)


def _system_files() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for place in beside_usr():
        if place.is_symlink():  # merged into /usr
            yield from ("--symlink", str(place.readlink()), str(place))
        else:
            yield from ("--ro-bind", str(place), str(place))
    for setting in (*SETTINGS, PROCESSOR_FACTS):
        yield from _shown(setting)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--perms", "1777", "--size", str(_TEMPORARY), "--tmpfs", "/tmp")  # noqa: S108


def _shown(path: str) -> Iterator[str]:
    """A file or folder of the host, read-only, if it is there."""
    yield from (*_reachable(path), "--ro-bind-try", path, path)


def _reachable(path: str) -> Iterator[str]:
    """The folders above a mount point. Left to itself, bubblewrap makes them passable for its own user alone."""
    for folder in reversed(Path(path).parents):
        if folder != Path("/"):
            yield from ("--dir", str(folder))


def _with_signal(result: RunResult) -> RunResult:
    number = result.exit_code - _SIGNALLED
    if not 0 < number <= _LAST_SIGNAL:
        return result
    return RunResult(-number, result.stdout, result.stderr, result.usage, result.stopped)


@lru_cache(maxsize=8)
def _launch_cost(sandbox: Bubblewrap, tree: Path) -> Usage:
    return measure_launch_cost(sandbox.run, tree)
