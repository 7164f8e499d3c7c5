"""Whatever a checkout looks like, a run leaves it as it was: to the byte, the time, the inode."""

from pathlib import Path

import pytest

from tests.support.campaign import campaign, killed_campaign, what_git_says
from tests.support.dirty_shapes import SHAPES, make_shape
from tests.support.git_repos import fingerprint, git


def test_there_are_thirty_shapes() -> None:
    assert len(SHAPES) >= 30


@pytest.mark.parametrize("name", SHAPES)
def test_a_run_leaves_every_shape_as_it_was(name: str, tmp_path: Path) -> None:
    repository = make_shape(name, tmp_path / "r")
    said, before = what_git_says(repository), fingerprint(repository)
    campaign(repository, tmp_path / "state")
    assert fingerprint(repository) == before
    assert what_git_says(repository) == said
    assert git(repository, "show", "pesq/run/best:sub/e") == "faster 1"
    assert not list((repository / ".git").rglob("*.lock"))
    git(repository, "fsck", "--strict")


@pytest.mark.parametrize("delay_s", [0.02, 0.05, 0.1, 0.2])
def test_a_killed_run_leaves_the_checkout_as_it_was(delay_s: float, tmp_path: Path) -> None:
    repository = make_shape("staged_then_changed", tmp_path / "r")
    said, before = what_git_says(repository), fingerprint(repository)
    killed_campaign(repository, tmp_path / "state", delay_s)
    assert fingerprint(repository) == before
    assert what_git_says(repository) == said
    git(repository, "fsck", "--strict", "--no-dangling")
    campaign(repository, tmp_path / "state")
    assert fingerprint(repository) == before
