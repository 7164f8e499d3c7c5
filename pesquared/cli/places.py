"""Where PESquared keeps its own files: state, configuration, keys. Never inside a code base."""

import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from pesquared.cli.configuration import ENVIRONMENT_PREFIX, digest
from pesquared.errors import UsageError

# Also what others call so: a git that we start has no use for the token of a registry.
SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$", re.IGNORECASE)


def withhold(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Takes variables that look like secrets out of ``environ``; returns all that was in it.

    To be called before any program is started: what inherits our environment can be read by every process of the
    same user (/proc/PID/environ), while our own is hidden.
    """
    whole = dict(environ)
    for name in whole:
        if SECRET.search(name) and not name.startswith(ENVIRONMENT_PREFIX):
            del environ[name]
    return whole


def state_path(environ: Mapping[str, str]) -> Path:
    """Where runs, replies and trusted hashes are kept, if there are any yet; as root a system folder.

    Raises:
        UsageError: it is there, and not to be used.
    """
    import platformdirs

    if environ.get("PESQUARED_STATE_DIR"):
        folder = Path(environ["PESQUARED_STATE_DIR"]).absolute()
    elif os.geteuid() == 0:
        folder = Path("/var/lib/pesquared")
    else:
        folder = platformdirs.user_state_path("pesquared")
    folder = folder.resolve()
    if os.path.lexists(folder) and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise UsageError(f"{folder} cannot be written", "set PESQUARED_STATE_DIR to a folder that can be written")
    return folder


def state_folder(environ: Mapping[str, str], outside: Path | None = None) -> Path:
    """Makes the folder at ``state_path``.

    Args:
        environ: the user's environment.
        outside: a working tree, in which nothing is to be made.

    Raises:
        UsageError: it cannot be made or used.
    """
    folder = state_path(environ)
    if outside is not None and folder.is_relative_to(outside.resolve()):
        raise UsageError(f"{folder} lies inside the repository", "set PESQUARED_STATE_DIR to a folder outside it")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as error:
        raise UsageError(
            f"cannot make {folder}: {error.strerror}", "set PESQUARED_STATE_DIR to a folder that can be written"
        ) from error
    return state_path(environ)


def lock_folder(environ: Mapping[str, str]) -> Path | None:
    """Where runs keep each other from measuring at the same time, if the user names a place.

    Raises:
        UsageError: it is named, and not to be used.
    """
    named = environ.get("PESQUARED_LOCK_DIR")
    if not named:
        return None
    folder = Path(named).absolute()
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise UsageError(
            f"PESQUARED_LOCK_DIR: {folder} is no folder that can be written", "make it, or unset the variable"
        )
    return folder


def user_configuration() -> Path:
    """The user's own ``config.toml``."""
    import platformdirs

    return platformdirs.user_config_path("pesquared") / "config.toml"


def keys(environ: Mapping[str, str]) -> dict[str, str]:
    """API keys: from the environment, else from our own ``.env``, never from the code base's."""
    from dotenv import dotenv_values

    found: dict[str, str] = {}
    checkout = Path(__file__).resolve().parents[2]
    candidates = [user_configuration().with_name(".env")]
    if (checkout / "main.py").is_file():
        candidates.append(checkout / ".env")
    for path in candidates:
        if path.is_file():
            found.update({k: v for k, v in dotenv_values(path, interpolate=False).items() if v})
    found.update(environ)
    return {name: found[name] for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY") if found.get(name)}


def trusted_hashes(state: Path) -> set[str]:
    """Hashes of the configuration files that the user trusts."""
    path = state / "trusted"
    if not path.is_file():
        return set()
    return {
        line.split()[0] for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
    }


def trust(state: Path, configuration: Path) -> str:
    """Stores the file's hash; returns it."""
    known = digest(configuration)
    if known not in trusted_hashes(state):
        with (state / "trusted").open("a", encoding="utf-8") as file:
            file.write(f"{known}  {str(configuration.resolve())!r}\n")
    return known
