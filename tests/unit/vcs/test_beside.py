"""What the snapshot's commit does not hold and builds need: submodules, and what content filters made."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pesquared.core.edits import StaleEdit
from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.git_repos import ENVIRON, commit_all, fingerprint, git, make_repository, write_files

FILE = ("-c", "protocol.file.allow=always")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With a submodule ``lib`` in which another one is, ``inner``; all checked out."""
    inner = make_repository(tmp_path / "inner", {"i.h": "inner\n"})
    lib = make_repository(tmp_path / "lib", {"l.c": "lib\n", ".gitignore": "*.o\n"})
    git(lib, *FILE, "submodule", "--quiet", "add", str(inner), "inner")
    commit_all(lib)
    repository = make_repository(tmp_path / "r", {"a.c": "a\n"})
    git(repository, *FILE, "submodule", "--quiet", "add", str(lib), "third party/lib")
    git(repository, *FILE, "submodule", "--quiet", "update", "--init", "--recursive")
    commit_all(repository)
    return repository


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    assert not any((tmp_path / "state").rglob("objects/*"))


def built_tree(repository: Path, state: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """The files of a placed tree with their content, and what was said."""
    with (
        GitRepository.open(repository, environ=ENVIRON, objects=state / "objects") as opened,
        SlotWorkspaces(opened, state / "slots") as slots,
    ):
        taken = opened.snapshot()
        slots.place(Slot.ORIGINAL, taken.commit)
        slots.activate(Slot.ORIGINAL)
        files = [path for path in slots.tree.rglob("*") if path.is_file()]
        return {str(path.relative_to(slots.tree)): path.read_text() for path in files}, taken.notices


def test_submodules_are_built_as_they_are_checked_out(repository: Path, state: Path) -> None:
    write_files(repository / "third party/lib", {"l.c": "changed\n", "new.c": "new\n", "l.o": "ignored\n"})
    before = fingerprint(repository)
    files, notices = built_tree(repository, state)
    assert files == {
        "a.c": "a\n",
        ".gitmodules": (repository / ".gitmodules").read_text(),
        "third party/lib/l.c": "changed\n",
        "third party/lib/new.c": "new\n",
        "third party/lib/.gitignore": "*.o\n",
        "third party/lib/.gitmodules": (repository / "third party/lib/.gitmodules").read_text(),
        "third party/lib/inner/i.h": "inner\n",
    }
    assert notices == ("1 submodule(s) are built as they are checked out; no attempt edits them: third party/lib",)
    assert fingerprint(repository) == before


def test_one_that_is_not_checked_out_is_named_with_its_remedy(repository: Path, state: Path) -> None:
    git(repository, "submodule", "--quiet", "deinit", "--force", "third party/lib")
    files, notices = built_tree(repository, state)
    assert set(files) == {"a.c", ".gitmodules"}
    (notice,) = notices
    assert "git submodule update --init" in notice
    assert notice.endswith("third party/lib")


def test_a_link_in_the_place_of_a_submodule_leads_nowhere(repository: Path, state: Path, tmp_path: Path) -> None:
    victim = make_repository(tmp_path / "victim", {"secret": "key\n"})
    (repository / "third party/lib").rename(tmp_path / "aside")
    (repository / "third party/lib").symlink_to(victim)
    files, _ = built_tree(repository, state)
    assert "key\n" not in files.values()
    (repository / "third party/lib").unlink()
    (tmp_path / "aside").rename(repository / "third party/lib")
    (repository / "third party/lib/inner/i.h").unlink()
    (repository / "third party/lib/inner/i.h").symlink_to(victim / "secret")
    (repository / "third party/lib/l.c").unlink()
    os.mkfifo(repository / "third party/lib/l.c")
    with (
        GitRepository.open(repository, environ=ENVIRON, objects=state / "objects") as opened,
        SlotWorkspaces(opened, state / "slots") as slots,
    ):
        slots.place(Slot.ORIGINAL, opened.snapshot().commit)
        slots.activate(Slot.ORIGINAL)
        assert (slots.tree / "third party/lib/inner/i.h").is_symlink()
        assert not (slots.tree / "third party/lib/l.c").exists()


def test_all_trees_of_a_run_get_the_same(repository: Path, state: Path) -> None:
    with (
        GitRepository.open(repository, environ=ENVIRON, objects=state / "objects") as opened,
        SlotWorkspaces(opened, state / "slots") as slots,
    ):
        base = opened.snapshot().commit
        slots.place(Slot.ORIGINAL, base)
        write_files(repository / "third party/lib", {"l.c": "changed meanwhile\n"})
        slots.place(Slot.CANDIDATE, base)
        slots.activate(Slot.CANDIDATE)
        assert (slots.tree / "third party/lib/l.c").read_text() == "lib\n"
        with pytest.raises(StaleEdit):
            opened.commit_edits(base, (Edit("third party/lib/l.c", 0, 0, "", b"x"),), "m")


def test_large_files_are_built_with_their_content_and_committed_as_pointers(tmp_path: Path, state: Path) -> None:
    pointer = "version https://git-lfs\noid sha256:0\nsize 5\n"
    repository = make_repository(tmp_path / "r", {"big.dat": pointer, "far.dat": pointer, "a.c": "a\n"})
    write_files(repository, {".gitattributes": "*.dat filter=lfs\n"})
    commit_all(repository)
    git(repository, "config", "filter.lfs.clean", "false")
    git(repository, "config", "filter.lfs.required", "true")
    write_files(repository, {"big.dat": "large", "new.dat": "large too", "a.c": "changed\n"})
    before = fingerprint(repository)
    files, notices = built_tree(repository, state)
    assert files["big.dat"] == "large"
    assert files["new.dat"] == "large too"
    assert files["far.dat"] == pointer
    assert [("big.dat" in text, "far.dat" in text) for text in notices] == [(True, True), (False, True)]
    assert "git lfs pull" in notices[1]
    assert fingerprint(repository) == before
    with GitRepository.open(repository, environ=ENVIRON, objects=state / "objects") as opened:
        taken = opened.snapshot()
        assert opened.read(taken.commit, "big.dat") == pointer.encode()
        assert not opened.tracks(taken.commit, "new.dat")
        (repository / "big.dat").unlink()
        assert not opened.tracks(opened.snapshot().commit, "big.dat")
