"""A snapshot holds the working tree as it is, and the checkout does not notice."""

import os
from pathlib import Path

import pytest

from pesquared.errors import PesquaredError, UsageError
from pesquared.vcs.discovery import user_git
from pesquared.vcs.git import GitError
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.snapshot import Snapshot, private_index
from tests.support.git_repos import (
    DIRTY_BASE,
    ENVIRON,
    commit_all,
    fingerprint,
    git,
    make_dirty,
    make_repository,
    write_files,
)


def open_(codebase: Path) -> GitRepository:
    return GitRepository.open(codebase, environ=ENVIRON)


def shown(opened: GitRepository, taken: Snapshot) -> Snapshot:
    """The snapshot, put on a branch: before that it is nowhere in the repository."""
    opened.set_branch("pesq/run/shown", taken.commit)
    return taken


def listing(repository: Path, commit: str) -> dict[str, tuple[str, str]]:
    records = git(repository, "ls-tree", "-r", "-z", commit).split("\0")[:-1]
    return {
        path: (mode, blob)
        for mode, _, blob, path in ((*r.partition("\t")[0].split(), r.partition("\t")[2]) for r in records)
    }


def test_a_clean_tree_is_its_head(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    before = fingerprint(repository)
    taken = open_(repository).snapshot()
    assert (taken.commit, taken.dirty, taken.notices) == (git(repository, "rev-parse", "HEAD"), False, ())
    assert fingerprint(repository) == before


def test_touched_files_are_not_dirty_and_the_index_is_not_refreshed(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    os.utime(repository / "a", ns=(1, 1))
    before = fingerprint(repository)
    assert not open_(repository).snapshot().dirty
    assert fingerprint(repository) == before


def test_every_kind_of_change_is_in_the_snapshot(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", DIRTY_BASE)
    make_dirty(repository)
    before = fingerprint(repository)
    opened = open_(repository)
    taken = opened.snapshot()
    opened.set_branch("pesq/run/base", taken.commit)
    opened.add_note(taken.commit, "{}")
    assert fingerprint(repository) == before
    assert taken.dirty
    assert git(repository, "rev-parse", f"{taken.commit}^") == taken.head == git(repository, "rev-parse", "HEAD")
    files = listing(repository, taken.commit)
    on_disk = {str(p.relative_to(repository)) for p in repository.rglob("*") if p.is_symlink() or p.is_file()}
    expected = {path for path in on_disk if not path.startswith(".git/")} - {"out.ign"}
    assert set(files) == expected
    assert "deleted" not in files
    assert files["mode"][0] == "100755"
    assert files["link"][0] == "120000"
    for path in expected - {"link"}:
        assert opened.read(taken.commit, path) == (repository / path).read_bytes()
    assert git(repository, "stash", "list").count("\n") == 0


def test_force_added_ignored_files_and_conflicts_are_kept(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a\n", ".gitignore": "*.ign\n"})
    git(repository, "switch", "-qc", "other")
    write_files(repository, {"a": "other\n"})
    commit_all(repository)
    git(repository, "switch", "-q", "main")
    write_files(repository, {"a": "main\n", "forced.ign": "x"})
    commit_all(repository)
    with pytest.raises(AssertionError):
        git(repository, "merge", "other")
    before = fingerprint(repository)
    opened = open_(repository)
    taken = opened.snapshot()
    assert fingerprint(repository) == before
    assert b"<<<<<<<" in opened.read(taken.commit, "a")
    assert opened.read(taken.commit, "forced.ign") == b"x"


def test_all_files_may_be_gone(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    (repository / "a").unlink()
    opened = open_(repository)
    assert listing(repository, shown(opened, opened.snapshot()).commit) == {}


def test_submodules_and_nested_repositories_stay_out(tmp_path: Path) -> None:
    module = make_repository(tmp_path / "module", {"m": "m"})
    repository = make_repository(tmp_path / "r", {"a": "a"})
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module), "sub")
    commit_all(repository)
    make_repository(repository / "nested", {"n": "n"})
    (repository / "unborn").mkdir()
    git(repository / "unborn", "init", "--quiet")
    write_files(repository, {"sub/m": "changed"})
    commit_all(repository / "sub")  # the checkout of the submodule is now another than the one that is recorded
    marker = tmp_path / "ran"
    git(repository / "sub", "config", "core.fsmonitor", f"touch {marker}; false")
    git(repository / "nested", "config", "core.fsmonitor", f"touch {marker}; false")
    before = fingerprint(repository)
    taken = open_(repository).snapshot()
    assert not taken.dirty
    assert [("sub" in text, "nested/" in text) for text in taken.notices] == [(True, False), (False, True)]
    assert fingerprint(repository) == before
    assert not marker.exists()


def test_nothing_that_the_repository_configures_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    evil = f"touch {marker}; cat"
    repository = make_repository(
        tmp_path / "r", {"a.x": "a", "b": "b", ".gitattributes": "*.x filter=my.f=il\n*.y filter=lfs\n"}
    )
    for name in (
        "post-index-change",
        "reference-transaction",
        "pre-commit",
        "post-checkout",
        "prepare-commit-msg",
    ):
        hook = repository / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.my.f=il.clean",
        "filter.my.f=il.smudge",
        "filter.lfs.process",
        "gpg.program",
    ):
        git(repository, "config", key, evil)
    git(repository, "config", "filter.lfs.required", "true")
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "commit.gpgSign", "true")
    write_files(repository, {"a.x": "changed", "new.y": "large", "b": "changed"})
    opened = open_(repository)
    taken = opened.snapshot()
    opened.set_branch("pesq/run/base", opened.reword(taken.commit, "again\n"))
    opened.add_note(taken.commit, "text")
    assert not marker.exists()
    assert opened.read(taken.commit, "b") == b"changed"
    assert opened.read(taken.commit, "a.x") == b"a", "the filter's plain content must not enter a commit"
    assert "new.y" not in listing(repository, taken.commit)
    assert any("a.x" in text and "new.y" in text for text in taken.notices)


def test_a_split_index_keeps_its_times(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    git(repository, "update-index", "--split-index")
    for path in (repository / ".git").glob("sharedindex.*"):
        os.utime(path, ns=(10**9, 10**9))
    write_files(repository, {"b": "b"})
    before = fingerprint(repository)
    assert open_(repository).snapshot().dirty
    assert fingerprint(repository) == before
    assert any("sharedindex" in path for path in before)


def test_what_the_user_ignores_everywhere_stays_out(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    home = tmp_path / "home"
    write_files(
        home, {".config/git/ignore": ".env\n", ".gitconfig": "[user]\n\tname = Ada\n\temail = ada@localhost\n"}
    )
    write_files(repository, {".env": "KEY=1", "b": "b"})
    environ = {"PATH": ENVIRON["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    opened = GitRepository.open(repository, environ=environ)
    taken = shown(opened, opened.snapshot())
    assert set(listing(repository, taken.commit)) == {"a", "b"}
    assert git(repository, "log", "-1", "--format=%an <%ae> %cn", taken.commit) == "Ada <ada@localhost> Ada"
    write_files(
        home,
        {".gitconfig": '[core]\n\texcludesFile = ~/mine\n[user]\n\tname = ".,"\n\temail = x@y\n', "mine": "b\n"},
    )
    opened = GitRepository.open(repository, environ=environ)
    taken = shown(opened, opened.snapshot())
    assert set(listing(repository, taken.commit)) == {"a", ".env"}
    assert git(repository, "log", "-1", "--format=%an <%ae>", taken.commit) == "PESquared <pesquared@localhost>"


def test_line_ends_are_as_the_user_set_them(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a\n"})
    home = tmp_path / "home"
    write_files(home, {".gitconfig": "[core]\n\tautocrlf = true\n\tsafecrlf = true\n"})
    write_files(repository, {"a": "a\r\n"})
    environ = {"PATH": ENVIRON["PATH"], "HOME": str(home)}
    assert not GitRepository.open(repository, environ=environ).snapshot().dirty
    assert open_(repository).snapshot().dirty


def test_a_code_base_that_its_repository_ignores(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a", ".gitignore": "sub\n"})
    write_files(repository, {"sub/b": "b"})
    with pytest.raises(UsageError, match="ignored"):
        open_(repository / "sub").snapshot()


def test_a_file_that_cannot_be_taken_is_named(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    (repository / "a").unlink()
    os.mkfifo(repository / "a")
    with pytest.raises(GitError, match="a: can only add regular files") as caught:
        open_(repository).snapshot()
    assert isinstance(caught.value, PesquaredError)


def test_a_linked_worktree_is_a_checkout_like_any_other(tmp_path: Path) -> None:
    main = make_repository(tmp_path / "r", {"a": "a"})
    git(main, "worktree", "add", "--quiet", "--detach", str(tmp_path / "w"))
    write_files(tmp_path / "w", {"a": "changed"})
    before = fingerprint(main)
    opened = open_(tmp_path / "w")
    taken = opened.snapshot()
    opened.set_branch("pesq/run/base", taken.commit)
    assert opened.read(taken.commit, "a") == b"changed"
    assert fingerprint(main) == before


def test_the_index_of_a_killed_run_goes_with_its_objects(tmp_path: Path) -> None:
    """It lies in the run's folder, not where nobody would look for it."""
    repository = make_repository(tmp_path / "r", {"a": "a"})
    with GitRepository.open(repository, environ=ENVIRON, objects=tmp_path / "objects") as opened:
        inner = user_git(repository, ENVIRON)
        with private_index(inner, tmp_path / "objects", repository / ".git" / "index") as private:
            index = Path(private.environment["GIT_INDEX_FILE"])
            assert index.is_relative_to(tmp_path / "objects")
            assert index.read_bytes() == (repository / ".git" / "index").read_bytes()
            opened.snapshot()
    assert not index.exists()


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_overlooks_are_named(tmp_path: Path, mark: str) -> None:
    names = ("changed", "same\nodd", "absent", "plain")
    repository = make_repository(tmp_path / "r", dict.fromkeys(names, "a\n"))
    git(repository, "update-index", mark, *names[:3])
    write_files(repository, {"changed": "b\n", "same\nodd": "a\n", "plain": "b\n"})
    (repository / "absent").unlink()
    before = fingerprint(repository)
    with GitRepository.open(repository, environ=ENVIRON, objects=tmp_path / "objects") as opened:
        taken = opened.snapshot()
        assert opened.read(taken.commit, "changed") == b"a\n"
        assert opened.read(taken.commit, "plain") == b"b\n"
    assert len(taken.notices) == 1
    assert taken.notices[0].startswith("1 changed file(s)")
    assert taken.notices[0].endswith(": changed")
    assert fingerprint(repository) == before
    assert git(repository, "ls-files", "-v", "changed")[0] in "hS"
