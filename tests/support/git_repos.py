"""Real git repositories for tests: made by git itself, told apart from the host's configuration, and fingerprinted."""

import hashlib
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRON = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
}


def git(repository: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Runs git as a user without any configuration would; stdout without its last newline. Optional locks are off."""
    command = ["git", "-c", "user.name=Tester", "-c", "user.email=tester@localhost", *arguments]
    environ = {**ENVIRON, "GIT_OPTIONAL_LOCKS": "0"}
    done = subprocess.run(command, cwd=repository, env=environ, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, os.fsdecode(done.stderr)
    return os.fsdecode(done.stdout).removesuffix("\n")


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def make_repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A repository at ``folder`` with one commit that holds ``files``."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    write_files(folder, files)
    commit_all(folder)
    return folder


def commit_all(repository: Path, message: str = "As it is") -> str:
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(repository, "rev-parse", "HEAD")


def make_dirty(repository: Path) -> None:
    """Every way in which a checkout can differ from its commit. Needs the files of ``DIRTY_BASE`` committed."""
    write_files(repository, {"stashed": "changed"})
    git(repository, "stash", "push", "--quiet")
    write_files(repository, {"staged": "first staged"})
    git(repository, "add", "staged")
    write_files(repository, {"staged": "then changed again", "unstaged": "changed", "new": "untracked"})
    write_files(
        repository, {"deep/new\nline \"quoted\" 'x'": "odd", "out.ign": "ignored", "intended": "to be added"}
    )
    (repository / os.fsdecode(b"bytes-\xff\xfe")).write_bytes(b"not UTF-8 \xff")
    (repository / "deleted").unlink()
    git(repository, "rm", "--quiet", "--cached", "forgotten")
    (repository / "mode").chmod(0o755)
    git(repository, "mv", "moved", "elsewhere")
    (repository / "link").symlink_to("unstaged")
    git(repository, "add", "--intent-to-add", "intended")


DIRTY_BASE: Mapping[str, str] = {
    **dict.fromkeys(
        ("stashed", "staged", "unstaged", "deleted", "forgotten", "mode", "moved", "same"), "committed\n"
    ),
    ".gitignore": "*.ign\n",
}

Fingerprint = dict[str, tuple[str, int, int, int]]


def fingerprint(repository: Path, prefix: str = "pesq") -> Fingerprint:
    """Content, mode, modification time and inode of everything in a checkout and its ``.git``.

    Left out is what a run may add: objects, branches below ``prefix``, ``refs/pesquared``, ``refs/notes/pesquared``.
    """
    ours = (".git/objects", f".git/refs/heads/{prefix}", ".git/refs/pesquared", ".git/refs/notes")
    found: Fingerprint = {}
    for folder, folders, files in os.walk(repository):
        here = os.path.relpath(folder, repository)
        folders[:] = [name for name in folders if os.path.normpath(f"{here}/{name}") not in ours]
        for name in [*files, *folders]:
            path = os.path.normpath(f"{here}/{name}")
            status = os.lstat(repository / path)
            if stat.S_ISDIR(status.st_mode):
                # Adding a ref changes the time of the folders in which refs/heads/pesq and refs/notes stand, and
                # removing one that of .git, in which packed-refs is locked for it.
                time = 0 if path in {".git", ".git/refs", ".git/refs/heads"} else status.st_mtime_ns
                found[path] = ("folder", status.st_mode, time, status.st_ino)
            else:
                found[path] = (_content(repository / path), status.st_mode, status.st_mtime_ns, status.st_ino)
    return found


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "special"
