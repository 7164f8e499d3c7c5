"""Compilers and interpreters that live outside /usr: which of them the user's PATH leads to, and what they need.

Only folders known to hold tools are ever shown to foreign code; a home directory itself, or the places in it where
programs keep settings and keys, never is.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Folders of a home that hold tools and nothing private: pyenv, nvm, asdf, mise, sdkman, ghcup.
_IN_HOME = (".pyenv", ".nvm/versions", ".asdf", ".local/share/mise", ".sdkman/candidates", ".ghcup")
SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A folder of programs, the folders to be seen for it to work, and the variables it wants."""

    programs: str
    folders: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Toolchains:
    """All that were found, in the order of PATH."""

    found: tuple[Toolchain, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(folder for toolchain in self.found for folder in toolchain.folders))

    @property
    def path(self) -> str:
        return ":".join((*(toolchain.programs for toolchain in self.found), *SYSTEM_PATH))

    @property
    def env(self) -> dict[str, str]:
        return dict(pair for toolchain in self.found for pair in toolchain.env)

    def entered_by_all(self) -> "Toolchains":
        """Without those in folders that only their owner may enter, such as root's home."""
        return Toolchains(tuple(chain for chain in self.found if _is_entered_by_all(Path(chain.programs))))


def find_toolchains(environ: Mapping[str, str]) -> Toolchains:
    """Looks along ``PATH`` for rustup, conda (``CONDA_PREFIX``), nix, linuxbrew, pyenv and its like, and in /opt.

    Args:
        environ: the user's environment; ``PATH``, ``HOME`` and ``CONDA_PREFIX`` are read.
    """
    home = Path(environ.get("HOME") or "/nonexistent")
    conda = environ.get("CONDA_PREFIX", "")
    absolute = (entry for entry in environ.get("PATH", "").split(":") if entry.startswith("/"))
    entries = dict.fromkeys(os.path.normpath(entry) for entry in absolute)
    return Toolchains(tuple(chain for entry in entries for chain in _behind(Path(entry), home, conda)))


def _behind(entry: Path, home: Path, conda: str) -> Iterator[Toolchain]:
    """The toolchain that a folder on PATH belongs to, if it is a known one."""
    if not _is_folder(entry):
        return
    root = next((home / name for name in _IN_HOME if entry.is_relative_to(home / name)), None)
    if root:
        if not home.resolve().is_relative_to(root.resolve()):
            yield _with_existing(entry, root)
    elif entry == home / ".cargo/bin":  # not all of ~/.cargo: credentials.toml stands beside it
        yield _with_existing(entry, entry, home / ".rustup", env=(("RUSTUP_HOME", str(home / ".rustup")),))
    elif conda.startswith("/") and entry.is_relative_to(conda) and not _exposes(Path(conda), home):
        yield _with_existing(entry, Path(conda))
    elif entry.resolve().is_relative_to("/nix/store"):
        yield _with_existing(entry.resolve(), Path("/nix/store"))
    elif entry.is_relative_to("/home/linuxbrew/.linuxbrew"):
        yield _with_existing(entry, Path("/home/linuxbrew/.linuxbrew"))
    elif entry.is_relative_to("/opt") and entry != Path("/opt"):
        yield _with_existing(entry, Path("/opt") / entry.relative_to("/opt").parts[0])


def _is_folder(path: Path) -> bool:
    """One that cannot be looked at (a closed folder above it, too long a name) is none to us."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_entered_by_all(folder: Path) -> bool:
    try:
        whole = folder.resolve(strict=True)
        return all(place.stat().st_mode & stat.S_IXOTH for place in (whole, *whole.parents))
    except OSError:
        return False


def _exposes(folder: Path, home: Path) -> bool:
    """Would showing ``folder`` show the home directory, or what programs keep there?"""
    resolved, home = folder.resolve(), home.resolve()
    private = (home / ".local", home / ".config", home / ".ssh", home / ".gnupg")
    return home.is_relative_to(resolved) or any(resolved.is_relative_to(place) for place in private)


def _with_existing(programs: Path, *folders: Path, env: tuple[tuple[str, str], ...] = ()) -> Toolchain:
    return Toolchain(str(programs), tuple(str(folder) for folder in folders if _is_folder(folder)), env)
