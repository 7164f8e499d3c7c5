"""Thirty ways in which a checkout can differ from its commit, or be no plain checkout at all."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.support.git_repos import commit_all, git, make_repository, write_files

BASE = {
    "a": "a\n",
    "b": "b\n",
    "run.sh": "echo\n",
    "deep/er/c": "c\n",
    "deep/d": "d\n",
    "sub/e": "e\n",
    ".gitignore": "*.ign\n",
}

Shape = Callable[[Path], None]
SHAPES: dict[str, Shape] = {}


def shape(make: Shape) -> Shape:
    SHAPES[make.__name__] = make
    return make


def make_shape(name: str, folder: Path) -> Path:
    """A repository in the shape of that name."""
    repository = make_repository(folder, BASE)
    SHAPES[name](repository)
    return repository


@shape
def clean(repository: Path) -> None:
    pass


@shape
def touched(repository: Path) -> None:
    os.utime(repository / "a", ns=(1, 1))


@shape
def staged(repository: Path) -> None:
    write_files(repository, {"a": "staged\n"})
    git(repository, "add", "a")


@shape
def staged_then_changed(repository: Path) -> None:
    staged(repository)
    write_files(repository, {"a": "changed again\n"})


@shape
def staged_then_reverted(repository: Path) -> None:
    staged(repository)
    write_files(repository, {"a": "a\n"})


@shape
def changed(repository: Path) -> None:
    write_files(repository, {"a": "changed\n"})


@shape
def untracked(repository: Path) -> None:
    write_files(repository, {"new/file": "new", "new/out.ign": "ignored"})


@shape
def deleted(repository: Path) -> None:
    (repository / "a").unlink()


@shape
def deletion_staged_but_kept(repository: Path) -> None:
    git(repository, "rm", "--quiet", "--cached", "a")


@shape
def renamed(repository: Path) -> None:
    git(repository, "mv", "a", "elsewhere")


@shape
def made_executable(repository: Path) -> None:
    (repository / "a").chmod(0o755)


@shape
def file_mode_ignored(repository: Path) -> None:
    git(repository, "config", "core.fileMode", "false")
    (repository / "run.sh").chmod(0o755)


@shape
def link_made(repository: Path) -> None:
    (repository / "link").symlink_to("/etc/passwd")


@shape
def file_became_link(repository: Path) -> None:
    (repository / "a").unlink()
    (repository / "a").symlink_to("b")


@shape
def file_became_folder(repository: Path) -> None:
    (repository / "a").unlink()
    write_files(repository, {"a/inside": "inside\n"})


@shape
def folder_became_file(repository: Path) -> None:
    (repository / "deep/er/c").unlink()
    (repository / "deep/er").rmdir()
    write_files(repository, {"deep/er": "a file now\n"})


@shape
def folder_became_link(repository: Path) -> None:
    (repository / "deep/er/c").unlink()
    (repository / "deep/er").rmdir()
    (repository / "deep/er").symlink_to("../sub")


@shape
def intended_to_be_added(repository: Path) -> None:
    write_files(repository, {"intended": "to be added\n"})
    git(repository, "add", "--intent-to-add", "intended")


@shape
def stashed(repository: Path) -> None:
    write_files(repository, {"a": "stashed\n"})
    git(repository, "stash", "push", "--quiet")


@shape
def in_conflict(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "other")
    write_files(repository, {"a": "theirs\n"})
    commit_all(repository)
    git(repository, "switch", "--quiet", "main")
    write_files(repository, {"a": "ours\n"})
    commit_all(repository)
    git(repository, "merge-tree", "main", "main", "other")
    for stage, commit in ((1, "main~1"), (2, "main"), (3, "other")):
        blob = git(repository, "rev-parse", f"{commit}:a")
        record = f"100644 {blob} {stage}\ta\n".encode()
        git(
            repository,
            "update-index",
            "--index-info",
            stdin=(b"0 " + b"0" * 40 + b"\ta\n" if stage == 1 else b"") + record,
        )
    write_files(
        repository, {"a": "<<<<<<< ours\n", ".git/MERGE_HEAD": git(repository, "rev-parse", "other") + "\n"}
    )


@shape
def in_the_middle_of_a_rebase(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    write_files(repository, {".git/rebase-merge/head-name": "refs/heads/main\n", "a": "half done\n"})


@shape
def detached(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    write_files(repository, {"b": "changed\n"})


@shape
def assumed_unchanged(repository: Path) -> None:
    git(repository, "update-index", "--assume-unchanged", "a")
    write_files(repository, {"a": "changed behind git's back\n"})


@shape
def sparse(repository: Path) -> None:
    git(repository, "sparse-checkout", "set", "--no-cone", "/sub/", "/.gitignore")
    write_files(repository, {"sub/e": "changed\n"})


@shape
def sparse_in_cone_mode_with_a_sparse_index(repository: Path) -> None:
    git(repository, "sparse-checkout", "set", "--cone", "--sparse-index", "sub")
    write_files(repository, {"sub/new": "new\n"})


@shape
def split_index(repository: Path) -> None:
    git(repository, "update-index", "--split-index")
    write_files(repository, {"a": "changed\n"})


@shape
def untracked_cache(repository: Path) -> None:
    git(repository, "update-index", "--force-untracked-cache")
    write_files(repository, {"new": "new\n"})


@shape
def without_an_index(repository: Path) -> None:
    (repository / ".git/index").unlink()


@shape
def names_that_differ_in_case(repository: Path) -> None:
    write_files(repository, {"A": "upper\n", "Deep/D": "upper\n"})
    git(repository, "config", "core.ignoreCase", "true")


@shape
def odd_names(repository: Path) -> None:
    write_files(
        repository, {"new\nline \"quoted\" 'x' \\": "odd", " leading": "x", "-dash": "x", ":(top)": "x", "*": "x"}
    )
    (repository / os.fsdecode(b"bytes-\xff\xfe")).write_bytes(b"not UTF-8 \xff")


@shape
def attributes_and_line_ends(repository: Path) -> None:
    write_files(repository, {".gitattributes": "* text=auto eol=crlf\n", "a": "a\r\n", "new": "x\r\ny\r\n"})


@shape
def grafted_by_replacement(repository: Path) -> None:
    write_files(repository, {"a": "second\n"})
    commit_all(repository)
    git(repository, "replace", "HEAD", "HEAD~1")


@shape
def packed(repository: Path) -> None:
    git(repository, "gc", "--quiet")
    git(repository, "pack-refs", "--all")
    write_files(repository, {"a": "changed\n"})
