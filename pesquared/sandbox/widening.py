"""What the user lets foreign code have beside its tree and the toolchains. Never the code base's own choice."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pesquared.core.running import Purpose
from pesquared.core.settings import SandboxSettings
from pesquared.errors import UsageError

# Names, certificates and who answers: what programs read before they reach anything in a network.
NETWORK_SETTINGS = (
    "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/gai.conf",
    "/etc/ssl", "/etc/ca-certificates", "/etc/pki",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Widening:
    """``[sandbox] read, write, env, network``, ready to be used."""

    read: tuple[str, ...] = ()  # absolute paths
    write: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    network: bool = False

    @classmethod
    def of(cls, settings: SandboxSettings, environ: Mapping[str, str]) -> "Widening":
        """Takes the paths as they are now and the variables' values from ``environ``; unset ones are left out.

        Raises:
            UsageError: a path is relative or does not exist, or is the whole file system.
        """
        env = tuple((name, environ[name]) for name in settings.env if name in environ)
        read = tuple(_existing(path, "read", environ) for path in settings.read)
        return cls(
            read, tuple(_existing(path, "write", environ) for path in settings.write), env, settings.network
        )

    def shares_network(self, purpose: Purpose) -> bool:
        """Builds and tests may be let out, what is timed never: its time would be that of the network."""
        return self.network and purpose in (Purpose.BUILD, Purpose.TEST)

    def described(self) -> Iterator[str]:
        """One sentence for each widening. Names of variables, never their values."""
        if self.read:
            yield f"commands may read {', '.join(self.read)}"
        if self.write:
            yield f"commands may write {', '.join(self.write)}"
        if self.env:
            yield f"commands get {', '.join(name for name, _ in self.env)} from the environment"
        if self.network:
            yield "builds and tests have the network"


NOT_WIDENED = Widening()


def _existing(path: str, key: str, environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    whole = home + path[1:] if path == "~" or path.startswith("~/") else path
    if not whole.startswith("/"):
        raise UsageError(f"[sandbox] {key}: {path!r} is not an absolute path", "begin it with / or ~/")
    whole = os.path.normpath(whole)
    if whole.strip("/") == "":
        raise UsageError(f"[sandbox] {key}: / is everything there is", "name the folders that are needed")
    if not Path(whole).exists():
        raise UsageError(f"[sandbox] {key}: {path!r} does not exist", "remove it from the list, or make it")
    return whole
