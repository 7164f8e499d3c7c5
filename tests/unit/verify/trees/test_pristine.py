"""What a benchmark may write is put back, and no link that foreign code made leads out of the tree meanwhile."""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.verify.trees.files import Writes, snapshot
from pesquared.verify.trees.pristine import Pristine, SpoiltTreeError


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
    with pytest.raises(SpoiltTreeError, match="cannot be put back"):
        pristine.restore(tree)
    assert not list(outside.iterdir())


def test_nothing_outside_is_touched_through_a_link_in_a_folders_place(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    (tree / "out" / "sub").mkdir(parents=True)
    (tree / "out" / "sub" / "file").write_text("ours")
    outside.mkdir(mode=0o700)
    (outside / "file").write_text("theirs")
    os.utime(outside, ns=(5, 5))
    pristine = Pristine(tree, Writes(patterns=("out",)))
    (tree / "out" / "sub" / "file").unlink()
    (tree / "out" / "sub").rmdir()
    (tree / "out" / "sub").symlink_to(outside)
    pristine.restore(tree)
    status = outside.stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o700, 5)
    assert (outside / "file").read_text() == "theirs"
    assert not (tree / "out" / "sub").is_symlink()
    assert (tree / "out" / "sub" / "file").read_text() == "ours"


def test_what_stands_in_a_files_place_goes_with_all_it_holds(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("one")
    pristine = Pristine(tmp_path, Writes(frozenset({"input"})))
    (tmp_path / "input").unlink()
    (tmp_path / "input" / "deep").mkdir(parents=True)
    (tmp_path / "input" / "deep" / "file").write_text("x")
    pristine.restore(tmp_path)
    assert (tmp_path / "input").read_text() == "one"


def test_folders_get_their_times_and_modes_back(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_text("x")
    (tmp_path / "out").chmod(0o555)
    os.utime(tmp_path / "out", ns=(7, 7))
    pristine = Pristine(tmp_path, Writes(patterns=("out",)))
    (tmp_path / "out").chmod(0o755)
    (tmp_path / "out" / "file").unlink()
    pristine.restore(tmp_path)
    status = (tmp_path / "out").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o555, 7)
    assert (tmp_path / "out" / "file").read_text() == "x"


def test_too_much_to_be_kept_is_said(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(SpoiltTreeError, match="more than 64 MiB, large among them"):
        Pristine(tmp_path, Writes(frozenset({"large"})))


_KINDS = ("file", "folder", "link", "pipe", "nothing")


def _make(path: Path, kind: str, outside: Path) -> None:
    if kind == "file":
        path.write_text("made")
    elif kind == "folder":
        path.mkdir()
        (path / "inner").write_text("made")
    elif kind == "link":
        path.symlink_to(outside)
    elif kind == "pipe":
        os.mkfifo(path)


@given(before=st.lists(st.sampled_from(_KINDS[:3]), min_size=3, max_size=3),
       after=st.lists(st.sampled_from(_KINDS), min_size=3, max_size=3))  # fmt: skip
def test_whatever_became_of_a_path_it_is_what_it_was(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("kinds")
    tree, outside = folder / "tree", folder / "outside"
    (tree / "out").mkdir(parents=True)
    outside.mkdir()
    stamp = outside.stat()
    for number, kind in enumerate(before):
        _make(tree / "out" / str(number), kind, outside)
    kinds = {path: status[0] for path, status in snapshot(tree).items()}
    pristine = Pristine(tree, Writes(patterns=("out",)))
    for number, kind in enumerate(after):
        subprocess.run(["rm", "-rf", tree / "out" / str(number)], check=True)
        _make(tree / "out" / str(number), kind, outside)
    pristine.restore(tree)
    assert {path: status[0] for path, status in snapshot(tree).items()} == kinds
    assert (outside.stat(), list(outside.iterdir())) == (stamp, [])
