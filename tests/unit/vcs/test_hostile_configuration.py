"""A repository may name programs in thirty places. None of them is run, whatever a run does with git."""

from pathlib import Path

import pytest

from pesquared.errors import UsageError
from pesquared.vcs.leavings import Leavings
from pesquared.vcs.repository import GitRepository
from tests.support.campaign import campaign
from tests.support.git_repos import ENVIRON, git, make_repository, write_files

HOOKS = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-rewrite",
    "pre-auto-gc",
    "pre-commit",
    "pre-push",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
]
# Each value is run by some git command; MARK touches the marker, and then behaves.
CONFIGURED = (
    ("core.fsmonitor", "MARK; false"),
    ("core.hooksPath", "HOOKS"),
    ("core.editor", "MARK; true"),
    ("core.pager", "MARK; cat"),
    ("core.sshCommand", "MARK; false"),
    ("core.askPass", "MARK"),
    ("core.alternateRefsCommand", "MARK; true"),
    ("core.attributesFile", "/nowhere"),
    ("core.gitProxy", "MARK"),
    ("credential.helper", "!MARK"),
    ("diff.external", "MARK"),
    ("diff.evil.textconv", "MARK; cat"),
    ("diff.evil.command", "MARK"),
    ("filter.evil.clean", "MARK; cat"),
    ("filter.evil.smudge", "MARK; cat"),
    ("filter.evil.process", "MARK"),
    ("gpg.program", "MARK"),
    ("gpg.ssh.defaultKeyCommand", "MARK"),
    ("hook.evil.command", "MARK"),
    ("interactive.diffFilter", "MARK; cat"),
    ("merge.evil.driver", "MARK"),
    ("pager.log", "MARK; cat"),
    ("sequence.editor", "MARK"),
    ("trailer.evil.cmd", "MARK"),
    ("trailer.evil.command", "MARK"),
    ("uploadpack.packObjectsHook", "MARK"),
    ("alias.cat-file", "!MARK"),
    ("alias.var", "!MARK"),
)
MORE = (
    ("commit.gpgSign", "true"),
    ("gc.auto", "1"),
    ("hook.evil.event", "reference-transaction"),
    ("log.showSignature", "true"),
    ("core.untrackedCache", "true"),
    ("filter.evil.required", "true"),
    ("index.version", "4"),
    ("core.splitIndex", "true"),
    ("submodule.recurse", "true"),
    ("status.submoduleSummary", "true"),
    ("extensions.partialClone", "origin"),
    ("remote.origin.url", "ext::sh -c MARK"),
    ("remote.origin.promisor", "true"),
)


def hostile(repository: Path, marker: Path, settings: tuple[tuple[str, str], ...]) -> None:
    program = repository.parent / "evil"
    program.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    program.chmod(0o755)
    hooks = repository.parent / "hooks"
    for folder in (hooks, repository / ".git/hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(f"#!/bin/sh\ntouch '{marker}'\n")
            (folder / name).chmod(0o755)
    for key, value in settings:
        git(repository, "config", key, value.replace("MARK", str(program)).replace("HOOKS", str(hooks)))


def test_there_are_enough_of_them() -> None:
    assert len(CONFIGURED) >= 20


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    attributes = "* diff=evil merge=evil filter=evil ident\nsub/* -filter\n.git* -filter\n"
    return make_repository(tmp_path / "r", {"a.c": "a\n", "sub/e": "e\n", ".gitattributes": attributes})


@pytest.mark.parametrize(
    "settings", [(*CONFIGURED, *MORE), CONFIGURED], ids=["all", "with an object store at hand"]
)
def test_none_of_it_is_run(settings: tuple[tuple[str, str], ...], repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    hostile(repository, marker, settings)
    write_files(repository, {"a.c": "changed\n", "new.c": "new\n", "sub/e": "changed\n"})
    campaign(repository, tmp_path / "state")
    with GitRepository.open(repository, environ=ENVIRON, objects=tmp_path / "objects") as opened:
        opened.ignored_files(10)
        opened.delete_branch("pesq/run/best")
    Leavings.open(repository, ENVIRON).remove("run")
    assert not marker.exists()


def test_the_trap_would_have_sprung(repository: Path, tmp_path: Path) -> None:
    """Plain git runs what is configured: else the test above would show nothing."""
    marker = tmp_path / "ran"
    hostile(repository, marker, (("core.fsmonitor", "MARK; false"),))
    git(repository, "status")
    assert marker.exists()


def test_a_filter_without_a_name_is_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repository = make_repository(tmp_path / "r", {"a.c": "a\n", ".gitattributes": "a.c filter=\n"})
    hostile(repository, marker, (("filter..clean", "MARK; cat"), ("filter..process", "MARK")))
    write_files(repository, {"a.c": "changed\n"})
    with GitRepository.open(repository, environ=ENVIRON, objects=tmp_path / "objects") as opened:
        taken = opened.snapshot()
        assert opened.beside == ("a.c",)
        assert opened.read(taken.commit, "a.c") == b"a\n", "as for every filter: what was staged last"
    assert not marker.exists()


def lacking_its_head(repository: Path, marker: Path) -> None:
    """A partial clone that would get its missing commit from a remote, by a command of the configuration."""
    head = git(repository, "rev-parse", "HEAD")
    source = repository.parent / f"{repository.name}-source"
    git(repository, "clone", "--quiet", "--bare", "--no-hardlinks", str(repository), str(source))
    settings = (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(source)),
        ("remote.origin.uploadpack", f"touch '{marker}'; git-upload-pack"),
        ("protocol.file.allow", "always"),
    )
    for key, value in settings:
        git(repository, "config", key, value)
    (repository / ".git" / "objects" / head[:2] / head[2:]).unlink()


def test_a_missing_commit_is_not_fetched(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repository = make_repository(tmp_path / "r", {"a": "a\n"})
    lacking_its_head(repository, marker)
    with pytest.raises(UsageError):
        GitRepository.open(repository, environ=ENVIRON)
    assert not marker.exists()
    git(repository, "cat-file", "-e", "HEAD^{commit}")
    assert marker.exists(), "plain git gets it"


def test_nor_is_a_submodules(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repository = make_repository(tmp_path / "r", {"a": "a\n"})
    inner = make_repository(repository / "sub", {"b": "b\n"})
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{git(inner, 'rev-parse', 'HEAD')},sub")
    lacking_its_head(inner, marker)
    with GitRepository.open(repository, environ=ENVIRON, objects=tmp_path / "objects") as opened:
        opened.snapshot()
    assert not marker.exists()


@pytest.mark.parametrize("worktree", ["../..", "../sub"])
def test_files_of_another_folder_are_not_taken_for_the_repositorys(worktree: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    repository = make_repository(home / "r", {"sub/a": "a\n"})
    write_files(home, {".ssh/id": "secret\n"})
    git(repository, "config", "core.worktree", worktree)
    with pytest.raises(UsageError, match="does not lead back"):
        GitRepository.open(repository / "sub", environ=ENVIRON)


def test_worktrees_and_submodules_and_folders_apart_are_the_repositorys(tmp_path: Path) -> None:
    outer = make_repository(tmp_path / "r", {"a": "a\n"})
    source = make_repository(tmp_path / "source", {"b": "b\n"})
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(source), "sub")
    git(outer, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    git(
        source, "clone", "--quiet", "--separate-git-dir", str(tmp_path / "apart.git"), ".", str(tmp_path / "apart")
    )
    for folder in (outer, outer / "sub", tmp_path / "linked", tmp_path / "apart"):
        with GitRepository.open(folder, environ=ENVIRON, objects=tmp_path / "objects") as opened:
            assert opened.top == folder
