"""Builds outside the sandbox, all else inside: for builds that need a server or a licence daemon of the host.

What is compiled there may be a model's code. A compiler reads what it is told to include, and a build that runs
what it has just compiled runs it with the user's rights. The user has to ask for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Purpose, RunResult
from pesquared.sandbox.around import AroundSandbox
from pesquared.sandbox.none import Unconfined

RISK = (
    "builds run outside the sandbox ([build] outside): what is compiled, and what the build runs of it, can reach "
    "whatever you can reach"
)


@dataclass(frozen=True, slots=True)
class BuildsOutside(AroundSandbox):
    """A sandbox with a door for builds."""

    outside: Unconfined

    @classmethod
    def of(cls, inner: Sandbox, environ: Mapping[str, str]) -> "BuildsOutside":
        """With the user's ``PATH`` and ``HOME`` for builds; of the environment they get nothing else."""
        return cls(inner, Unconfined.with_tools_of(environ))

    @property
    def tier(self) -> str:
        return f"{self.inner.tier}, builds outside"

    def run(self, command: Command) -> RunResult:
        """Runs a build as the user that trees belong to; everything else inside."""
        if command.purpose is not Purpose.BUILD:
            return self.inner.run(command)
        if self.owner is None:
            return self.outside.run(command)
        uid, gid = map(str, self.owner)
        switch = ("setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--")
        return self.outside.run(replace(command, argv=(*switch, *command.argv)))
