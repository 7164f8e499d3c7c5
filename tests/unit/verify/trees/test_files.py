"""What a run does to the tree is seen, and undone, without following a link out of it."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verify.trees.files import Writes, changed, read_regular, remove, snapshot


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
    assert read_regular(tmp_path / "tree", "../outside/secret") is None  # settings of a code base may say so


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
