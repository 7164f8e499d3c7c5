"""Trees to build in: exact, warm, at one path, and never a way out of their folder."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pesquared.core.proposal import Edit
from pesquared.core.protocols import Slot, Workspaces
from pesquared.errors import PesquaredError, UsageError
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.tree import UnusableTreeError
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.git_repos import ENVIRON, commit_all, fingerprint, git, make_repository, write_files

ODD = os.fsdecode(b'd/new\nline "q" \xff')


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    repository = make_repository(
        tmp_path / "r", {"sub/a.c": "a\n", "sub/deep/b.c": "b\n", "c": b"c\r\n\xff", ODD: "odd"}
    )
    (repository / "c").chmod(0o755)
    (repository / "link").symlink_to("/etc/passwd")
    write_files(repository, {".gitignore": "*.ign\n", "sub/config.ign": "config", "sub/data/x.ign": "x"})
    commit_as_is(repository)
    return repository


def commit_as_is(repository: Path) -> str:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "more")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def opened(origin: Path) -> GitRepository:
    return GitRepository.open(origin / "sub", environ=ENVIRON)


@pytest.fixture
def slots(opened: GitRepository, tmp_path: Path) -> Iterator[SlotWorkspaces]:
    with SlotWorkspaces(opened, tmp_path / "state" / "run") as workspaces:
        yield workspaces


def files(tree: Path) -> set[str]:
    return {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_symlink() or not path.is_dir()}


def changed(opened: GitRepository, commit: str, path: str, old: bytes, new: bytes) -> str:
    return opened.commit_edits(commit, (Edit(path, 0, len(old), hashlib.sha256(old).hexdigest(), new),), "m")


def test_a_placed_tree_is_the_commit_and_nothing_else(
    origin: Path, opened: GitRepository, slots: SlotWorkspaces
) -> None:
    before = fingerprint(origin)
    protocol: Workspaces = slots
    protocol.place(Slot.BASELINE, opened.snapshot().commit)
    protocol.activate(Slot.BASELINE)
    tree = slots.tree
    assert files(tree) == {".gitignore", "sub/a.c", "sub/deep/b.c", "c", ODD, "link"}
    assert (tree / "c").read_bytes() == b"c\r\n\xff"
    assert os.access(tree / "c", os.X_OK)
    assert not (tree / "sub/a.c").stat().st_mode & 0o111
    assert (tree / "link").readlink() == Path("/etc/passwd")
    assert slots.codebase == tree / "sub"
    assert len({os.lstat(tree / path).st_mtime_ns for path in files(tree)}) == 1
    assert fingerprint(origin) == before


def test_content_is_as_git_stores_it_whatever_attributes_say(origin: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    write_files(origin, {".gitattributes": "*.c eol=crlf filter=evil ident export-ignore\n", "sub/i.c": "$Id$\n"})
    commit_as_is(origin)
    git(origin, "config", "filter.evil.smudge", f"touch {marker}; cat")
    opened = GitRepository.open(origin, environ=ENVIRON)
    with SlotWorkspaces(opened, tmp_path / "run") as slots:
        slots.place(Slot.BASELINE, opened.snapshot().commit)
        slots.activate(Slot.BASELINE)
        assert (slots.tree / "sub/i.c").read_bytes() == b"$Id$\n"
    assert not marker.exists()


def test_included_files_come_along(origin: Path, opened: GitRepository, tmp_path: Path) -> None:
    (origin / "sub/alias.ign").symlink_to("config.ign")
    (origin / "sub/config.ign").chmod(0o755)
    with SlotWorkspaces(opened, tmp_path / "run", include=("config.ign", "data", "al*")) as slots:
        slots.place(Slot.ORIGINAL, opened.snapshot().commit)
        slots.activate(Slot.ORIGINAL)
        assert (slots.codebase / "config.ign").read_text() == "config"
        assert os.access(slots.codebase / "config.ign", os.X_OK)
        assert (slots.codebase / "data/x.ign").read_text() == "x"
        assert (slots.codebase / "alias.ign").readlink() == Path("config.ign")


@pytest.mark.parametrize(
    "pattern", ["../c", "/etc/passwd", "missing", "", "out/*", "**x", ".git/config", "a\0b", "inner/.git"]
)
def test_includes_stay_in_the_code_base(pattern: str, origin: Path, opened: GitRepository, tmp_path: Path) -> None:
    write_files(tmp_path, {"secret/key": "key"})
    (origin / "sub/out").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="include"):
        SlotWorkspaces(opened, tmp_path / "run", include=(pattern,))


def test_a_copy_keeps_products_times_modes_and_links(opened: GitRepository, slots: SlotWorkspaces) -> None:
    slots.place(Slot.BASELINE, opened.snapshot().commit)
    slots.activate(Slot.BASELINE)
    write_files(slots.tree, {"build/a.o": "object"})
    (slots.tree / "build/a.o").chmod(0o755)
    os.utime(slots.tree / "build/a.o", ns=(5, 123456789))
    os.mkfifo(slots.tree / "build/pipe")
    kept = {path: os.lstat(slots.tree / path) for path in files(slots.tree)}
    slots.copy(Slot.BASELINE, Slot.CANDIDATE)
    slots.copy(Slot.BASELINE, Slot.CANDIDATE)
    slots.activate(Slot.CANDIDATE)
    assert files(slots.tree) == set(kept)
    for path, status in kept.items():
        now = os.lstat(slots.tree / path)
        assert (now.st_mode, now.st_mtime_ns) == (status.st_mode, status.st_mtime_ns), path
        assert now.st_ino != status.st_ino


def test_activating_and_exchanging_move_the_right_trees(opened: GitRepository, slots: SlotWorkspaces) -> None:
    base = opened.snapshot().commit
    other = changed(opened, base, "a.c", b"a\n", b"other\n")
    slots.place(Slot.BASELINE, base)
    slots.activate(Slot.BASELINE)
    slots.copy(Slot.BASELINE, Slot.CANDIDATE)
    slots.update(Slot.CANDIDATE, other)

    def shown(slot: Slot) -> str:
        slots.activate(slot)
        return (slots.codebase / "a.c").read_text()

    assert (shown(Slot.BASELINE), shown(Slot.CANDIDATE), shown(Slot.BASELINE)) == ("a\n", "other\n", "a\n")
    slots.exchange(Slot.BASELINE, Slot.CANDIDATE)
    assert (slots.codebase / "a.c").read_text() == "other\n"
    assert (shown(Slot.CANDIDATE), shown(Slot.BASELINE)) == ("a\n", "other\n")
    assert slots.update(Slot.BASELINE, other) == ()
    assert slots.update(Slot.CANDIDATE, other) == ("sub/a.c",)


def test_make_compiles_only_what_an_update_changed(opened: GitRepository, slots: SlotWorkspaces) -> None:
    write_files(
        opened.top,
        {
            "sub/Makefile": "all: a.o b.o\n%.o: %.c\n\techo $< >> log; cp $< $@\nb.o: deep/b.c\n\techo b >> log; cp $< $@\n"
        },
    )
    base = opened.snapshot().commit
    slots.place(Slot.BASELINE, base)
    slots.activate(Slot.BASELINE)
    subprocess.run(["make", "-s"], cwd=slots.codebase, check=True)
    slots.copy(Slot.BASELINE, Slot.CANDIDATE)
    slots.update(Slot.CANDIDATE, changed(opened, base, "a.c", b"a\n", b"A\n"))
    slots.activate(Slot.CANDIDATE)
    subprocess.run(["make", "-s"], cwd=slots.codebase, check=True)
    assert (slots.codebase / "log").read_text().split() == ["a.c", "b", "a.c"]
    assert (slots.codebase / "a.o").read_text() == "A\n"


def test_an_update_adds_removes_and_changes_kinds(
    origin: Path, opened: GitRepository, slots: SlotWorkspaces
) -> None:
    slots.place(Slot.CANDIDATE, opened.snapshot().commit)
    slots.activate(Slot.CANDIDATE)
    write_files(slots.tree, {"sub/deep/product.o": "o"})
    for path in ("c", "link", "sub/deep/b.c", ODD):
        (origin / path).unlink()
    (origin / "sub/a.c").chmod(0o755)
    (origin / "sub/deep").rmdir()
    write_files(origin, {"c/inner": "c", "sub/deep": "a file now"})
    (origin / "new").symlink_to("c")
    commit = commit_as_is(origin)
    paths = slots.update(Slot.CANDIDATE, commit)
    assert set(paths) == {"c", "c/inner", "link", "sub/deep", "sub/deep/b.c", ODD, "sub/a.c", "new"}
    assert files(slots.tree) == {".gitignore", "c/inner", "sub/deep", "sub/a.c", "new"}
    assert os.access(slots.codebase / "a.c", os.X_OK)
    assert not (slots.tree / "d").exists()


def test_nothing_is_written_through_a_link_that_a_build_left(
    opened: GitRepository, slots: SlotWorkspaces, tmp_path: Path
) -> None:
    write_files(tmp_path, {"victim/b.c": "precious", "victim/a.c": "precious"})
    base = opened.snapshot().commit
    slots.place(Slot.CANDIDATE, base)
    slots.activate(Slot.CANDIDATE)
    (slots.codebase / "deep/b.c").unlink()
    (slots.codebase / "deep").rmdir()
    (slots.codebase / "deep").symlink_to(tmp_path / "victim")
    (slots.codebase / "a.c").unlink()
    (slots.codebase / "a.c").symlink_to(tmp_path / "victim/a.c")
    commit = changed(opened, changed(opened, base, "deep/b.c", b"b\n", b"B\n"), "a.c", b"a\n", b"A\n")
    slots.update(Slot.CANDIDATE, commit)
    assert (tmp_path / "victim/b.c").read_text() == (tmp_path / "victim/a.c").read_text() == "precious"
    assert (slots.codebase / "deep/b.c").read_text() == "B\n"
    assert not (slots.codebase / "deep").is_symlink()
    slots.codebase.rename(slots.tree / "aside")
    slots.codebase.symlink_to(tmp_path / "victim")
    git(opened.top, "rm", "-q", "-r", "--cached", "sub/a.c")
    git(opened.top, "commit", "-q", "-m", "gone")
    slots.update(Slot.CANDIDATE, git(opened.top, "rev-parse", "HEAD"))
    assert (tmp_path / "victim/a.c").read_text() == "precious"


def test_what_a_build_planted_comes_out_nowhere(
    origin: Path, opened: GitRepository, slots: SlotWorkspaces, tmp_path: Path
) -> None:
    write_files(tmp_path, {"victim": "precious", "marker.sh": f"touch '{tmp_path}/ran'\n"})
    (tmp_path / "victim").chmod(0o400)
    base = opened.snapshot().commit
    slots.place(Slot.CANDIDATE, base)
    slots.activate(Slot.CANDIDATE)
    (slots.codebase / "a.c").unlink()
    os.link(tmp_path / "victim", slots.codebase / "a.c")
    os.link(tmp_path / "victim", slots.codebase / "product")
    write_files(slots.tree, {"locked/x": "x", "sub/planted.c": "planted", ".git": f"gitdir: {tmp_path}/fake\n"})
    write_files(
        tmp_path, {"fake/HEAD": "ref: refs/heads/main\n", "fake/config": "[core]\nfsmonitor = sh marker.sh\n"}
    )
    os.link(tmp_path / "victim", slots.tree / "locked/hard")
    commit = changed(opened, base, "a.c", b"a\n", b"A\n")
    slots.copy(Slot.CANDIDATE, Slot.BASELINE)
    (slots.tree / "locked").chmod(0)
    slots.update(Slot.CANDIDATE, commit)
    assert (slots.codebase / "a.c").read_text() == "A\n"
    opened.set_branch("pesq/run/01-a", commit)
    assert git(origin, "diff-tree", "-r", "--name-only", base, commit) == "sub/a.c"
    slots.place(Slot.CANDIDATE, commit)
    assert not (slots.codebase / "product").exists()
    slots.close()
    assert (tmp_path / "victim").read_text() == "precious"
    assert (tmp_path / "victim").stat().st_mode & 0o777 == 0o400
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("path", ["../out", ".git/config", "a/../../out"])
def test_a_commit_with_paths_that_lead_out_is_refused(
    path: str, opened: GitRepository, slots: SlotWorkspaces, tmp_path: Path
) -> None:
    top = opened.top
    blob = git(top, "hash-object", "-w", "--stdin", stdin=b"x")
    tree = f"100644 blob {blob}\t{path.rsplit('/', 1)[-1]}\0"
    for part in reversed(path.split("/")[:-1]):
        inner = git(top, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw_tree(tree))
        tree = f"040000 tree {inner}\t{part}\0"
    made = git(top, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw_tree(tree))
    commit = git(top, "commit-tree", made, "-m", "evil")
    with pytest.raises(UnusableTreeError):
        slots.place(Slot.BASELINE, commit)
    assert not (tmp_path / "state" / "out").exists()


def raw_tree(record: str) -> bytes:
    mode, _, rest = record.rstrip("\0").partition(" ")
    object_id, _, name = rest.split(" ", 1)[1].partition("\t")
    return f"{mode.lstrip('0')} {name}".encode() + b"\0" + bytes.fromhex(object_id)


def test_missing_objects_are_named(origin: Path, opened: GitRepository, slots: SlotWorkspaces) -> None:
    blob = git(origin, "rev-parse", "HEAD:sub/a.c")
    (origin / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(PesquaredError, match=blob[:8]):
        slots.place(Slot.BASELINE, git(origin, "rev-parse", "HEAD"))


def test_too_little_space_is_said_first(opened: GitRepository, tmp_path: Path) -> None:
    with (
        SlotWorkspaces(opened, tmp_path / "run", margin=1 << 60) as slots,
        pytest.raises(PesquaredError, match="MiB free"),
    ):
        slots.place(Slot.BASELINE, opened.snapshot().commit)


def test_everything_is_removed_at_the_end_even_what_a_build_locked(opened: GitRepository, tmp_path: Path) -> None:
    root = tmp_path / "state"
    slots = SlotWorkspaces(opened, root)
    slots.place(Slot.BASELINE, opened.snapshot().commit)
    slots.activate(Slot.BASELINE)
    slots.copy(Slot.BASELINE, Slot.CANDIDATE)
    deep = slots.tree / "locked"
    deep.mkdir()
    write_files(deep, {"x/y": "y"})
    (deep / "x").chmod(0o555)
    deep.chmod(0)
    script = "i=0; while [ $i -lt 1500 ]; do mkdir d; cd d || exit; i=$((i+1)); done"
    subprocess.run(["sh", "-c", script], cwd=slots.tree, check=True)
    slots.close()
    assert not root.exists()
    slots.close()


def test_what_an_earlier_run_left_is_removed(opened: GitRepository, tmp_path: Path) -> None:
    write_files(tmp_path, {"run/tree/x": "x", "run/parked-baseline/y": "y", "run/journal": "j"})
    with SlotWorkspaces(opened, tmp_path / "run"):
        assert files(tmp_path / "run") == {"journal"}
    assert files(tmp_path / "run") == {"journal"}


def test_slots_are_outside_the_repository_and_placed_before_use(
    opened: GitRepository, slots: SlotWorkspaces
) -> None:
    with pytest.raises(UsageError, match="inside the repository"):
        SlotWorkspaces(opened, opened.top / "state")
    with pytest.raises(PesquaredError, match="baseline"):
        slots.activate(Slot.BASELINE)
    with pytest.raises(PesquaredError, match="baseline"):
        slots.copy(Slot.BASELINE, Slot.CANDIDATE)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to somebody else")
def test_trees_are_given_to_their_owner(opened: GitRepository, tmp_path: Path) -> None:
    base = opened.snapshot().commit
    with SlotWorkspaces(opened, tmp_path / "run", include=("config.ign",), owner=(12345, 12346)) as slots:
        slots.place(Slot.BASELINE, base)
        slots.activate(Slot.BASELINE)
        slots.copy(Slot.BASELINE, Slot.CANDIDATE)
        slots.update(Slot.CANDIDATE, changed(opened, base, "a.c", b"a\n", b"A\n"))
        slots.activate(Slot.CANDIDATE)
        everything = [slots.tree, *slots.tree.rglob("*")]
        assert {(os.lstat(path).st_uid, os.lstat(path).st_gid) for path in everything} == {(12345, 12346)}
        assert Path("/etc/passwd").stat().st_uid == 0


def test_submodules_become_empty_folders(origin: Path, slots: SlotWorkspaces, opened: GitRepository) -> None:
    head = git(origin, "rev-parse", "HEAD")
    git(origin, "update-index", "--add", "--cacheinfo", f"160000,{head},module")
    git(origin, "commit", "--quiet", "--message", "submodule")
    slots.place(Slot.BASELINE, git(origin, "rev-parse", "HEAD"))
    slots.activate(Slot.BASELINE)
    assert list((slots.tree / "module").iterdir()) == []
    assert commit_all(origin)
