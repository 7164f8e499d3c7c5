"""What a user may call a revision, and what a hostile one comes to."""

import pytest

from pesquared.errors import UsageError
from pesquared.vcs.repository import GitRepository
from tests.support.git_repos import commit_all, git, make_repository, write_files


@pytest.fixture
def root(tmp_path):
    root = make_repository(tmp_path / "code", {"README": "before the code base\n"})
    write_files(root, {"lib/a.c": "int a;\n"})
    commit_all(root, "Begin the library")
    git(root, "tag", "-a", "-m", "first", "v1.0")
    git(root, "branch", "feature/fast-path")
    return root


@pytest.mark.parametrize("revision", ["main", "v1.0", "HEAD", "feature/fast-path", ":/Begin the library", "@{0}"])
def test_every_way_to_name_a_commit(root, revision):
    assert GitRepository.open(root).revisions.commit_of(revision) == git(root, "rev-parse", "HEAD")


def test_short_and_relative_names(root):
    first = git(root, "rev-parse", "HEAD~1")
    repository = GitRepository.open(root).revisions
    assert repository.commit_of("HEAD~1") == repository.commit_of(first[:9]) == first


@pytest.mark.parametrize(
    "revision",
    [
        "--output=x",
        "-h",
        "--all",
        "",
        " ",
        "main..v1.0",
        "^main",
        "main\n",
        "no\0thing",
        "../main",
        "$(id)",
        "a" * 9999,
    ],
)
def test_what_is_none_is_refused_and_does_nothing(root, revision):
    with pytest.raises(UsageError, match="no revision"):
        GitRepository.open(root).revisions.commit_of(revision)
    assert sorted(path.name for path in root.iterdir()) == [".git", "README", "lib"]


def test_the_nearest_names_are_told(root):
    with pytest.raises(UsageError) as caught:
        GitRepository.open(root).revisions.commit_of("feature/fastpath")
    assert "feature/fast-path" in caught.value.fix


def test_a_file_is_no_commit(root):
    with pytest.raises(UsageError, match="is no commit"):
        GitRepository.open(root).revisions.commit_of("HEAD:README")


def test_a_revision_without_the_code_base(root):
    repository = GitRepository.open(root / "lib").revisions
    assert repository.commit_of("HEAD") == git(root, "rev-parse", "HEAD")
    with pytest.raises(UsageError, match="has no folder lib"):
        repository.commit_of("HEAD~1")
