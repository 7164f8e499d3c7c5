"""The tier "landlock": where no namespaces are to be had, the kernel's Landlock and a filter of system calls.

Weaker than bubblewrap: it refuses what it cannot hide. Inside, other processes and their command lines are seen
(not their memory, environment or files), there is no /tmp and no shared memory, no socket but a pair can be made,
and modes, times and owners of the user's own files are not protected. See docs/explanation/sandbox.md.

The rules are bound to a thread of ours, which starts the program and ends: no program of ours runs in between.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from pesquared.core.running import TASK_CLOCK, Command, RunResult, Usage
from pesquared.errors import PesquaredError
from pesquared.sandbox import adoption
from pesquared.sandbox.host_files import (
    DEVICES,
    NOBODY,
    PROCESSOR_FACTS,
    SETTINGS,
    system_folders,
)
from pesquared.sandbox.landlock_rules import Reach, bind, make_rules, version
from pesquared.sandbox.launch_cost import measure_launch_cost
from pesquared.sandbox.lesser_user import as_lesser_user, why_not
from pesquared.sandbox.process import Launch, run
from pesquared.sandbox.scratch import scratch_folder
from pesquared.sandbox.seccomp import INTERNET_SOCKETS, NO_SOCKETS, filter_for
from pesquared.sandbox.system_calls import machines
from pesquared.sandbox.tasks import tasks_of
from pesquared.sandbox.toolchains import Toolchains, find_toolchains
from pesquared.sandbox.widening import NETWORK_SETTINGS, NOT_WIDENED, Widening

_REACHED_BY_ALL = "/tmp"  # noqa: S108 (a folder of our own is made in it)


@dataclass(frozen=True, slots=True)
class Landlocked:
    """Runs commands with the host's files before their eyes and nearly all of them out of reach."""

    toolchains: Toolchains = field(default_factory=Toolchains)
    owner: tuple[int, int] | None = None
    widening: Widening = NOT_WIDENED
    accounting: str = TASK_CLOCK

    tier: ClassVar[str] = "landlock"
    confines: ClassVar[bool] = True
    read_only_trees: ClassVar[bool] = True

    @classmethod
    def installed(cls, environ: Mapping[str, str], widening: Widening = NOT_WIDENED) -> "Landlocked | str":
        """The tier, untried; or why it cannot be had."""
        if not machines():
            return "system calls of this machine are not known"
        if version() < 1:
            return "the kernel has no Landlock, or it is switched off"
        toolchains = find_toolchains(environ)
        if os.geteuid() == 0:
            if lacks := why_not():
                return lacks
            return cls(toolchains.entered_by_all(), NOBODY, widening)
        return cls(toolchains, None, widening)

    def run(self, command: Command) -> RunResult:
        """Runs it to its end; every process of it is dead afterwards. A missing program is exit code 127.

        Raises:
            PesquaredError: the sandbox could not be set up, so that nothing was run.
        """
        with self._private_folder() as private, self._rules(command, private) as rules, adoption.adopting():
            return run(self._launch(command, private, rules))

    def launch_cost(self, tree: Path) -> Usage:
        """What a run of the program ``true`` costs here, measured once."""
        return _launch_cost(self, tree)

    def _launch(self, command: Command, private: str, rules: int) -> Launch:
        shares_network = self.widening.shares_network(command.purpose)
        sockets = INTERNET_SOCKETS if shares_network else NO_SOCKETS
        program = filter_for(command.purpose, sockets, shares_host=True)

        def confine() -> None:
            try:
                bind(rules, program)
            except OSError as error:
                raise PesquaredError(f"the sandbox could not be set up: {error.strerror}") from error

        places = (command.tree,) if command.writable else ()
        uid = self.owner[0] if self.owner else os.getuid()
        return Launch(
            argv=(*as_lesser_user(self.owner), *command.argv),
            cwd=command.cwd,
            env=self._environment(private) | dict(command.env),
            limits=command.limits,
            accounting=self.accounting,
            watch=command.watch,
            writes=(*places, Path(private), *map(Path, self.widening.write)),
            processes=tasks_of(uid) + command.limits.processes,
            confine=confine,
            others=adoption.adopted,
        )

    @contextmanager
    def _rules(self, command: Command, private: str) -> Iterator[int]:
        if not command.tree.is_dir():
            raise PesquaredError(f"the sandbox could not be set up: {command.tree} is not a folder")
        read = [*system_folders(), *SETTINGS, PROCESSOR_FACTS, "/proc", *self.toolchains.folders]
        if self.widening.shares_network(command.purpose):
            read += NETWORK_SETTINGS
        write = [private, *self.widening.write]
        (write if command.writable else read).append(str(command.tree))
        network = self.widening.shares_network(command.purpose)
        reach = Reach((*read, *self.widening.read), tuple(write), DEVICES, network)
        try:
            rules = make_rules(reach)
        except OSError as error:
            raise PesquaredError(f"the sandbox could not be set up: {error.strerror}") from error
        try:
            yield rules
        finally:
            os.close(rules)

    @contextmanager
    def _private_folder(self) -> Iterator[str]:
        """Home and place for temporary files, of one command."""
        with scratch_folder("private", _REACHED_BY_ALL if self.owner else None) as folder:
            if self.owner:
                os.chown(folder, *self.owner)
            yield str(folder)

    def _environment(self, private: str) -> dict[str, str]:
        fixed = {"PATH": self.toolchains.path, "HOME": private, "LANG": "C.UTF-8", "TMPDIR": private}
        return fixed | self.toolchains.env | dict(self.widening.env)


@lru_cache(maxsize=8)
def _launch_cost(sandbox: Landlocked, tree: Path) -> Usage:
    return measure_launch_cost(sandbox.run, tree)
