"""A repository may name programs in thirty places. None of them is run, whatever a run does with git."""

from pathlib import Path

import pytest

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
