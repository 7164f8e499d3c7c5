"""What a run does to the tree is seen, and undone, without following a link out of it."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.errors import PesquaredError
from pesquared.verify.files import Pristine, Writes, changed, read_regular, remove, snapshot


def test_every_kind_of_change_is_seen(tmp_path: Path) -> None:
    for name in ("kept", "rewritten", "gone", "dated"):
        (tmp_path / name).write_text("old")
    before = snapshot(tmp_path)
    (tmp_path / "rewritten").write_text("new")
    (tmp_path / "gone").unlink()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "new").write_text("")
    (tmp_path / "link").symlink_to("kept")
    status = (tmp_path / "dated").stat()
    (tmp_path / "dated").write_text("neu")
    os.utime(tmp_path / "dated", ns=(status.st_atime_ns, status.st_mtime_ns))
    found = changed(before, snapshot(tmp_path))
    assert found == {"rewritten", "gone", "folder", "folder/new", "link", "dated"}


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("s")
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "outside")
    assert set(snapshot(tmp_path / "tree")) == {"link"}
    assert read_regular(tmp_path / "tree", "link/secret") is None
    assert read_regular(tmp_path / "tree", "../outside/secret") == b"s"  # paths come from us, not from the tree


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert [read_regular(tmp_path, name) for name in ("file", "link", "pipe", ".", "none", "file/x")] == [
        b"x", None, None, None, None, None,
    ]  # fmt: skip


def test_large_files_are_compared_by_their_hash(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(17 << 20)
    first = read_regular(tmp_path, "large")
    assert first is not None
    assert first.startswith(b"17825792 bytes, sha256 ")
    with (tmp_path / "large").open("r+b") as file:
        file.seek(16 << 20)
        file.write(b"x")
    assert read_regular(tmp_path, "large") != first


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("out", "out", True),
        ("out", "out/a/b", True),
        ("out/", "out/a", True),
        ("out", "outer", False),
        ("*.log", "run.log", True),
        ("*.log", "run.txt", False),
    ],
)
def test_writes_are_files_folders_or_globs(pattern: str, path: str, matches: bool) -> None:
    assert Writes(patterns=(pattern,)).match(path) is matches


def test_the_state_before_is_put_back(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("one")
    (tmp_path / "input").chmod(0o640)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept").write_text("k")
    (tmp_path / "out" / "link").symlink_to("kept")
    (tmp_path / "other").write_text("untouched")
    stamp = (tmp_path / "input").stat()
    pristine = Pristine(tmp_path, Writes(frozenset({"input"}), ("out",)))
    (tmp_path / "input").unlink()
    (tmp_path / "input").mkdir()
    (tmp_path / "out" / "new").mkdir()
    (tmp_path / "out" / "new" / "deep").write_text("d")
    (tmp_path / "out" / "kept").write_text("changed")
    (tmp_path / "out" / "link").unlink()
    (tmp_path / "other").write_text("not ours")
    pristine.restore(tmp_path)
    assert set(snapshot(tmp_path)) == {"input", "out", "out/kept", "out/link", "other"}
    assert (tmp_path / "input").read_text() == "one"
    assert (tmp_path / "input").stat().st_mode == stamp.st_mode
    assert (tmp_path / "input").stat().st_mtime_ns == stamp.st_mtime_ns
    assert (tmp_path / "out" / "kept").read_text() == "k"
    assert (tmp_path / "out" / "link").readlink() == Path("kept")
    assert (tmp_path / "other").read_text() == "not ours"


def test_nothing_is_written_through_a_folder_that_became_a_link(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    (tree / "out").mkdir(parents=True)
    outside.mkdir()
    (tree / "out" / "file").write_text("ours")
    pristine = Pristine(tree, Writes(frozenset({"out/file"})))
    (tree / "out" / "file").unlink()
    (tree / "out").rmdir()
    (tree / "out").symlink_to(outside)
    with pytest.raises(PesquaredError, match="is no folder any more"):
        pristine.restore(tree)
    assert not list(outside.iterdir())


def test_remove_says_what_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "full" / "er").mkdir(parents=True)
    assert not remove(tmp_path / "full")
    assert not remove(tmp_path / "none")
    assert remove(tmp_path / "full" / "er")


def test_deep_folders_are_no_problem(tmp_path: Path) -> None:
    here, deep = Path.cwd(), Path(*["d"] * 400)
    os.chdir(tmp_path)
    try:
        for _ in range(3):  # deeper than Python recurses; a path of this length cannot be given in one piece
            deep.mkdir(parents=True)
            os.chdir(deep)
        os.chdir(here)
        assert len(snapshot(tmp_path)) > 1000
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # too deep for pytest to remove


@given(st.binary(max_size=200))
def test_content_is_read_as_it_is(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "f").write_bytes(content)
        assert read_regular(Path(folder), "f") == content
