"""Finding the repository around a code base, and how git is called there so that it runs no one else's code."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pesquared.errors import UsageError
from pesquared.vcs.git import Git, GitError

OLDEST_GIT = (2, 31)  # the first that takes its configuration from GIT_CONFIG_COUNT
INHERITED = ("PATH", "HOME", "XDG_CONFIG_HOME", "SUDO_UID", "GIT_CEILING_DIRECTORIES")
NAME, EMAIL = "PESquared", "pesquared@localhost"

# Hooks, fsmonitor, filters and the like are commands that a repository's configuration names. None of them is run.
CLOSED = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.splitIndex", "false"),
    ("core.logAllRefUpdates", "false"),
    ("core.quotePath", "false"),
    ("core.safecrlf", "false"),
    ("core.bigFileThreshold", "1024g"),  # above it git writes a pack for a file; a snapshot is loose objects
    ("commit.gpgSign", "false"),
    ("core.filesRefLockTimeout", "10000"),  # ms: another git packs refs meanwhile
    ("core.packedRefsTimeout", "10000"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("protocol.allow", "never"),
)
# No object is fetched, whatever a partial clone lacks: its remote is a command as well. ``protocol.allow`` does
# not reach where a repository says ``protocol.file.allow``; the variable goes before both, in older git, too.
NO_FETCH = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
# What the user's own configuration says and a snapshot must respect; it is read in the ordinary way and handed on.
KEPT = ("core.autocrlf", "core.eol")


@dataclass(frozen=True, slots=True)
class Location:
    """Where a repository is. All paths are absolute."""

    top: Path
    git_dir: Path
    common_dir: Path  # differs from ``git_dir`` in a linked worktree
    prefix: str  # of the code base below ``top``, "" for ``top`` itself
    objects: Path
    algorithm: str  # of objects' names: "sha1" or "sha256"


def user_git(codebase: Path, environ: Mapping[str, str]) -> Git:
    """Git as the user calls it, with the user's own configuration; only to ask where things are and who they are.

    Raises:
        UsageError: git is missing or too old, or ``codebase`` is not a folder.
    """
    executable = shutil.which("git", path=environ.get("PATH"))
    if executable is None or shutil.which("git") is None:
        raise UsageError("git was not found", "install git 2.31 or newer")
    if not codebase.is_dir():
        raise UsageError(f"{codebase} is not a folder", "name the folder that holds the code base")
    kept = {name: value for name, value in environ.items() if name in INHERITED or name.startswith("GIT_CONFIG")}
    quiet = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    git = Git(executable, codebase.absolute(), {**kept, **quiet, **NO_FETCH})
    said = git.line("version")
    found = re.match(r"git version (\d{1,6})\.(\d{1,6})", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GIT:
        raise UsageError(f"{said} is too old", "install git 2.31 or newer")
    return git


def locate(git: Git) -> Location:
    """Finds the repository around the folder in which ``git`` runs.

    Raises:
        UsageError: there is none, it has no working tree or no commit, or it belongs to somebody else.
    """
    try:
        bare = git.line("rev-parse", "--is-bare-repository") == "true"
        inside = git.line("rev-parse", "--is-inside-work-tree") == "true"
    except GitError as error:
        raise _refusal(git.cwd, error) from error
    if bare or not inside:
        raise UsageError(f"{git.cwd} has no working tree", "clone the repository and name the clone")
    if git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")[0] != 0:
        raise UsageError(
            f"the repository at {git.cwd} has no commits", "git add -A && git commit -m 'The code base as it is'"
        )
    top = Path(git.line("rev-parse", "--path-format=absolute", "--show-toplevel"))
    git_dir = Path(git.line("rev-parse", "--absolute-git-dir"))
    _require_own(git, top, git_dir)
    return Location(
        top=top,
        git_dir=git_dir,
        common_dir=Path(git.line("rev-parse", "--path-format=absolute", "--git-common-dir")),
        prefix=git.line("rev-parse", "--show-prefix").removesuffix("/"),
        objects=Path(git.line("rev-parse", "--path-format=absolute", "--git-path", "objects")),
        algorithm=git.line("rev-parse", "--show-object-format"),
    )


def _require_own(git: Git, top: Path, git_dir: Path) -> None:
    """The ``.git`` in ``top`` leads to the repository, as it does in linked worktrees and submodules, too.

    ``core.worktree`` may name any folder, such as the user's home, and all that is in it would be committed.
    """
    status, found, _ = git.attempt("rev-parse", "--resolve-git-dir", str(top / ".git"))
    if status != 0 or Path(os.fsdecode(found.removesuffix(b"\n"))).resolve() != git_dir.resolve():
        raise UsageError(
            f"the repository at {git_dir} says that its files are in {top}, which does not lead back to it",
            "git config --unset core.worktree, or clone the repository and name the clone",
        )


def _refusal(codebase: Path, error: GitError) -> UsageError:
    if "dubious ownership" in error.stderr:
        remedy = re.search(r"git config --global --add safe\.directory .*", error.stderr)
        return UsageError(f"{codebase} belongs to another user", remedy[0] if remedy else error.message)
    if "not a git repository" in error.stderr:
        return UsageError(
            f"{codebase} is not in a git repository",
            "in that folder: git init && git add -A && git commit -m 'The code base as it is'",
        )
    return UsageError(error.message)


def closed_git(git: Git, location: Location) -> Git:
    """Git with explicit paths that reads no configuration but the repository's, and runs nothing that it names."""
    settings = [*CLOSED, ("core.excludesFile", _excludes(git))]
    settings += [(key, value) for key in KEPT if (value := _setting(git, key))]
    for name in drivers(git, "filter"):
        settings += [(f"filter.{name}.{key}", "") for key in ("clean", "smudge", "process")]
        settings.append((f"filter.{name}.required", "false"))
    settings += [(f"hook.{name}.enabled", "false") for name in drivers(git, "hook")]
    person, address = _identity(git)
    return Git(
        git.executable,
        location.top,
        {
            **{name: git.environment[name] for name in ("PATH", "HOME") if name in git.environment},
            **dict(_numbered(settings)),
            "LC_ALL": "C",
            "GIT_DIR": str(location.git_dir),
            "GIT_WORK_TREE": str(location.top),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            **NO_FETCH,
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_AUTHOR_NAME": person,
            "GIT_AUTHOR_EMAIL": address,
            "GIT_COMMITTER_NAME": person,
            "GIT_COMMITTER_EMAIL": address,
        },
    )


def drivers(git: Git, section: str) -> tuple[str, ...]:
    """The names in ``[section "name"]`` of the configuration, in which a command may stand."""
    keys = git.attempt("config", "-z", "--name-only", "--get-regexp", rf"^{section}\.")[1].split(b"\0")
    names = {os.fsdecode(key).split(".", 1)[1].rpartition(".")[0] for key in keys if key.count(b".") >= 2}
    return tuple(sorted(names))  # "" is one, too: ``[filter ""]`` is run for the attribute ``filter=``


def _numbered(settings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    # As environment variables, not as ``-c name=value``: a driver's name may hold "=" and newlines.
    count = 0
    for key, value in settings:
        yield f"GIT_CONFIG_KEY_{count}", key
        yield f"GIT_CONFIG_VALUE_{count}", value
        count += 1
    yield "GIT_CONFIG_COUNT", str(count)


def _setting(git: Git, key: str, kind: str = "--no-type") -> str:
    status, value, _ = git.attempt("config", kind, "-z", "--get", key)
    return os.fsdecode(value.removesuffix(b"\0")) if status == 0 else ""


def _excludes(git: Git) -> str:
    # What the user ignores everywhere (editors' files, .env) must not enter a snapshot.
    home = Path(git.environment.get("HOME", "/dev/null"))
    default = Path(git.environment.get("XDG_CONFIG_HOME") or home / ".config", "git", "ignore")
    return _setting(git, "core.excludesFile", "--type=path") or str(default)


def _identity(git: Git) -> tuple[str, str]:
    person, address = _setting(git, "user.name"), _setting(git, "user.email")
    # Git strips these characters and refuses a name in which nothing else is left.
    usable = person.strip("<>.,:;'\"\\ \t\r\n") and address.strip("<>.,:;'\"\\ \t\r\n")
    return (person, address) if usable else (NAME, EMAIL)
