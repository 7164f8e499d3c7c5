"""Where a setting comes from: flag, environment, the code base's ``pesquared.toml``, the user's own file, default.

The code base is not trusted: of its file only the sections that say how it is built and judged count. Who
answers and how the sandbox is set is the user's business; those sections are ignored, by name, until
``pesquared trust`` has stored the file's hash.
"""

import difflib
import hashlib
import json
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import msgspec

from pesquared.core.settings import CheckCase, Settings
from pesquared.errors import UsageError

FILE_NAME = "pesquared.toml"
FREE_SECTIONS = ("build", "test", "bench", "accept", "check", "seal", "search", "commit")
CLOSED_KEYS = (
    ("search", "branch_prefix"),  # would let it write to other branches than ours
    ("build", "outside"),  # would let it out of the sandbox
)
ENVIRONMENT_PREFIX = "PESQUARED_"
NOT_SETTINGS = ("PESQUARED_STATE_DIR", "PESQUARED_LOCK_DIR")
LARGEST_FILE = 1 << 20
LONGEST_SHOWN = 200  # characters of a value in a notice
# A key of many dotted parts costs tomllib memory by the square of their number. Possessive: no text makes it slow.
LONG_CHAIN = re.compile(rb"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){40}""")

Sections = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings in force, and what the user should know of how they came about."""

    settings: Settings
    notices: tuple[str, ...]


def load(
    codebase: Path,
    flags: Mapping[tuple[str, str], object],
    environ: Mapping[str, str],
    user_file: Path,
    trusted: set[str],
) -> Configured:
    """Puts the layers on top of each other.

    Args:
        codebase: folder whose ``pesquared.toml`` is read, if it has one.
        flags: (section, key) → value, only what was given on the command line.
        environ: the environment; ``PESQUARED_<SECTION>_<KEY>`` counts.
        user_file: the user's own configuration, in which every section counts.
        trusted: SHA-256 hashes of code bases' files whose every section counts.

    Raises:
        UsageError: a file cannot be read, a key is unknown, a value has the wrong type.
    """
    layers: list[tuple[str, Sections]] = [(str(user_file), read_file(user_file))]
    own, notices = _codebase_layer(codebase / FILE_NAME, trusted)
    layers.append((FILE_NAME, own))
    layers.append(("the environment", from_environment(environ)))
    merged: Sections = {}
    for origin, layer in layers:
        check_names(layer, origin)
        for section, keys in layer.items():
            merged.setdefault(section, {}).update(keys)
        convert(merged, origin)
    for (section, key), value in flags.items():
        merged.setdefault(section, {})[key] = value
    return Configured(convert(merged, "the command line"), tuple(notices))


def read_file(path: Path) -> Sections:
    """A TOML file's tables; empty if there is no such file."""
    return _parsed(path, _content(path))


def _content(path: Path) -> bytes:
    """What the file holds, b"" if there is none. Nothing is waited for: a code base may have put a pipe there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{path} is no ordinary file", "make it one, or remove it")
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", "make it a readable file, or remove it"
        ) from error
    if len(content) > LARGEST_FILE:
        raise UsageError(f"{path} is larger than {LARGEST_FILE >> 20} MiB", "that is no configuration file")
    return content


def _parsed(path: Path, content: bytes) -> Sections:
    if LONG_CHAIN.search(content):
        raise UsageError(f"{path} nests keys too deeply", "no setting lies deeper than [section] key")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "see docs/reference/configuration.md") from error


def digest(path: Path) -> str:
    """What ``pesquared trust`` stores of a file."""
    return _digest(_content(path))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def from_environment(environ: Mapping[str, str]) -> Sections:
    """``PESQUARED_BENCH_COMMAND=…`` and its like. Lists are JSON; a plain value is a list of one."""
    layer: Sections = {}
    for name, text in environ.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or name in NOT_SETTINGS:
            continue
        section, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("_")
        check_names({section: {key: ""}}, "the environment", shown=name)
        layer.setdefault(section, {})[key] = _from_text(name, text, _default(section, key))
        check_names({section: layer[section]}, "the environment")
    return layer


def _from_text(name: str, text: str, default: object) -> object:
    if not isinstance(default, tuple):
        return text
    if not text.startswith("["):
        return [text]
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{name} is not a JSON list: {error}", """for example: ["stdout", "file:out.txt"]"""
        ) from error


def check_names(layer: Sections, origin: str, shown: str = "") -> None:
    """Every section and key must be known; an unknown one is an error that names its nearest neighbour."""
    known = {field.name: field for field in fields(Settings)}
    for section, keys in layer.items():
        if section not in known:
            raise _unknown(shown or f"[{section}]", [f"[{name}]" for name in known], origin)
        if not isinstance(keys, dict):
            raise UsageError(f"{origin}: {section} is not a table", f"write [{section}] on a line of its own")
        valid = [field.name for field in fields(getattr(Settings(), section))]
        for key in keys:
            if key not in valid:
                raise _unknown(shown or f"{section}.{key}", [f"{section}.{name}" for name in valid], origin)
        if section == "check":
            _check_cases(keys.get("case"), origin)


def _check_cases(cases: object, origin: str) -> None:
    """The keys of each ``[[check.case]]``; what is no list of tables is refused when it is converted."""
    valid = [field.name for field in fields(CheckCase)]
    for case in cases if isinstance(cases, list) else ():
        for key in case if isinstance(case, dict) else ():
            if key not in valid:
                raise _unknown(f"check.case.{key}", [f"check.case.{name}" for name in valid], origin)


def convert(merged: Sections, origin: str) -> Settings:
    """Checks the types; numbers and booleans may come as text from the environment."""
    try:
        return msgspec.convert(merged, Settings, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        place = f"{where.strip('.`')}: " if where else ""
        raise UsageError(f"{origin}: {place}{what}", "see docs/reference/configuration.md") from error


def _codebase_layer(path: Path, trusted: set[str]) -> tuple[Sections, list[str]]:
    content = _content(path)  # read once: what is trusted is what counts
    layer = _parsed(path, content)
    check_names(layer, FILE_NAME)
    closed = [f"[{section}]" for section in layer if section not in FREE_SECTIONS]
    closed += [f"{section}.{key}" for section, key in CLOSED_KEYS if key in layer.get(section, {})]
    notices = _notices_of_include(layer)
    if not closed + notices or _digest(content) in trusted:
        return layer, []
    if not closed:
        return layer, notices
    notice = (
        f"{FILE_NAME}: {', '.join(closed)} ignored: the code base may not decide that; `pesquared trust` allows it"
    )
    open_part = {
        section: {key: value for key, value in keys.items() if (section, key) not in CLOSED_KEYS}
        for section, keys in layer.items()
        if section in FREE_SECTIONS
    }
    return open_part, [*notices, notice]


def _notices_of_include(layer: Sections) -> list[str]:
    """A stranger's file may ask for what is kept out of git, such as ``.env``; then the user hears of it."""
    included = layer.get("build", {}).get("include")
    if not included:
        return []
    shown = json.dumps(included)[:LONGEST_SHOWN]
    return [f"{FILE_NAME}: build.include = {shown}: these files of the checkout are there for all that is built"]


def _default(section: str, key: str) -> object:
    owner = getattr(Settings(), section)
    return getattr(owner, key) if is_dataclass(owner) else None


def _unknown(name: str, known: Iterable[str], origin: str) -> UsageError:
    choices = list(known)
    near = difflib.get_close_matches(
        name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("_", ".", 1), choices, n=1
    )
    near = near or difflib.get_close_matches(name, choices, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(choices)}"
    return UsageError(f"{origin}: unknown setting {name}", hint)
