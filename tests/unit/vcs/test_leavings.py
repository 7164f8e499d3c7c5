"""What runs left goes only where nobody can miss it."""

from pathlib import Path

import pytest

from pesquared.vcs.leavings import Leavings
from pesquared.vcs.repository import GitRepository
from tests.support.git_repos import ENVIRON, fingerprint, git, make_repository

RUN = "20260102-030405-beef"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "r", {"a": "a"})


class Run:
    """A run that has set its branches: 01 and 03 accepted, 02 and 04 not."""

    def __init__(self, repository: Path, prefix: str = "pesq", run: str = RUN) -> None:
        self.name = run
        with GitRepository.open(repository, prefix, ENVIRON) as opened:
            base = opened.snapshot().commit
            self.branches = {}
            for number, accepted in ((1, True), (2, False), (3, True), (4, False)):
                commit = opened.commit_edits(base, (), f"{run} {number}\n")
                branch = f"{prefix}/{run}/{number:02d}-f"
                opened.set_branch(branch, commit)
                opened.add_note(commit, "{}")
                self.branches[number] = (branch, commit)
                if accepted:
                    opened.set_branch(f"{prefix}/{run}/best", commit)
                    base = commit


def left(repository: Path) -> list[str]:
    return git(
        repository, "for-each-ref", "--format=%(refname)", "refs/heads/pesq", "refs/heads/my", "refs/pesquared"
    ).split("\n")


def fate(leavings: Leavings, run: str = RUN) -> dict[str, str]:
    return {leaving.branch.rpartition("/")[2]: leaving.keep for leaving in leavings.of(run)}


def test_what_was_not_accepted_goes_with_its_notes(repository: Path) -> None:
    run = Run(repository)
    before = fingerprint(repository)
    leavings = Leavings.open(repository, ENVIRON)
    assert leavings.runs() == (RUN,)
    assert leavings.unended() == set()
    assert fate(leavings) == {"01-f": "accepted", "02-f": "", "03-f": "accepted", "04-f": "", "best": "accepted"}
    assert {leaving.branch for leaving in leavings.remove(RUN)} == {run.branches[2][0], run.branches[4][0]}
    assert fate(leavings) == {"01-f": "accepted", "03-f": "accepted", "best": "accepted"}
    assert [len([ref for ref in left(repository) if part in ref]) for part in ("heads", "written")] == [3, 3]
    noted = git(repository, "notes", "--ref=pesquared", "list")
    assert [run.branches[number][1] in noted for number in (1, 2, 3, 4)] == [True, False, True, False]
    assert leavings.remove(RUN) == ()
    assert fingerprint(repository) == before
    git(repository, "fsck", "--strict")


def test_what_somebody_uses_stays(repository: Path, tmp_path: Path) -> None:
    run = Run(repository)
    (two, two_commit), (four, _) = run.branches[2], run.branches[4]
    odd = tmp_path / "their\nwork refs/heads/x"
    git(repository, "worktree", "add", "--quiet", str(odd), two)
    leavings = Leavings.open(repository, ENVIRON)
    assert fate(leavings)["02-f"] == f"it is checked out in {odd}"
    git(odd, "commit", "--quiet", "--allow-empty", "--message", "their work")
    git(odd, "switch", "--quiet", "--detach", "main")
    assert fate(leavings)["02-f"] == "somebody has moved it"
    git(repository, "branch", "--force", two, two_commit)
    git(repository, "branch", "theirs", four)
    assert fate(leavings)["04-f"] == "theirs stands on it"
    git(repository, "tag", "kept", two)
    assert fate(leavings)["02-f"] == "tags/kept stands on it"
    assert leavings.remove(RUN) == ()
    assert git(repository, "rev-parse", two) == two_commit


def test_branches_that_the_user_removed_leave_only_our_record(repository: Path) -> None:
    run = Run(repository)
    git(repository, "branch", "-D", run.branches[1][0], run.branches[2][0])
    leavings = Leavings.open(repository, ENVIRON)
    assert [leaving.gone for leaving in leavings.of(RUN)] == [True, True, False, False, False]
    leavings.remove(RUN)
    assert [ref for ref in left(repository) if "/01-" in ref or "/02-" in ref] == []
    assert run.branches[1][1] in git(repository, "notes", "--ref=pesquared", "list"), "03 still stands on it"


def test_runs_are_told_apart_whatever_their_prefix(repository: Path) -> None:
    Run(repository)
    other = Run(repository, "my/prefix", "20260102-030405-cafe")
    leavings = Leavings.open(repository, ENVIRON)
    assert leavings.runs() == (RUN, other.name)
    leavings.remove(other.name)
    assert [ref for ref in left(repository) if "my/prefix" in ref and ("02-f" in ref or "04-f" in ref)] == []
    assert len(fate(leavings)) == 5


def test_a_killed_run_leaves_its_base(repository: Path) -> None:
    with GitRepository.open(repository, environ=ENVIRON) as opened, opened.kept(RUN, opened.snapshot().commit):
        leavings = Leavings.open(repository, ENVIRON)
        assert leavings.runs() == (RUN,)
        assert leavings.unended() == {RUN}
        leavings.remove(RUN)
        assert leavings.runs() == ()


def test_an_accepted_branch_outlives_the_best_one(repository: Path) -> None:
    run = Run(repository)
    git(repository, "branch", "-D", f"pesq/{RUN}/best")
    leavings = Leavings.open(repository, ENVIRON)
    for _ in range(3):
        leavings.remove(RUN)
        assert {name: why for name, why in fate(leavings).items() if name != "best"} == {
            "01-f": "accepted",
            "03-f": "accepted",
        }
    git(repository, "branch", "-D", run.branches[1][0], run.branches[3][0])
    leavings.remove(RUN)
    assert leavings.runs() == ()


@pytest.mark.parametrize(
    ("message", "note", "kept"),
    [
        ("x\n\nPESquared-Verdict: accepted\n", "", "accepted"),
        ("x\n", '{"verdict": "accepted"}', "accepted"),
        ("x\n\nPESquared-Verdict: slower\n", '{"verdict": "slower"}', ""),
        ("x\n\nPESquared-Verdict: accepted\n", '{"verdict": "quarantined"}', ""),
        ("x\n", "[", ""),
    ],
)
def test_a_commit_says_itself_that_it_was_accepted(repository: Path, message: str, note: str, kept: str) -> None:
    """As after a kill between its verdict and the moving of the best branch."""
    with GitRepository.open(repository, environ=ENVIRON) as opened:
        commit = opened.commit_edits(opened.snapshot().commit, (), message)
        opened.set_branch(f"pesq/{RUN}/01-f", commit)
        if note:
            opened.add_note(commit, note)
    assert fate(Leavings.open(repository, ENVIRON)) == {"01-f": kept}


def committed(place: Path, start: str, text: str) -> str:
    git(place, "switch", "--quiet", "--detach", start)
    (place / "a").write_text(text)
    git(place, "commit", "--quiet", "--all", "--message", text)
    return git(place, "rev-parse", "HEAD")


@pytest.mark.parametrize("way", ["--merge", "--apply", "bisect"])
@pytest.mark.parametrize("linked", [False, True])
def test_what_is_being_rebased_or_bisected_stays(
    repository: Path, tmp_path: Path, way: str, *, linked: bool
) -> None:
    run = Run(repository)
    four, commit = run.branches[4]
    place = repository
    if linked:
        place = tmp_path / "linked"
        git(repository, "worktree", "add", "--quiet", "--detach", str(place))
    mine, changed = (committed(place, start, text) for start, text in (("main", "mine"), (commit, "ours")))
    with GitRepository.open(repository, environ=ENVIRON) as opened:
        opened.set_branch(four, changed)
        git(place, "switch", "--quiet", four)
        if way == "bisect":
            git(place, "bisect", "start", four, "main")
            git(place, "checkout", "--quiet", "--detach", "main")
        else:
            with pytest.raises(AssertionError, match=r"(?i)could not apply|failed to merge"):
                git(place, "rebase", way, mine, four)
        leavings = Leavings.open(repository, ENVIRON)
        assert fate(leavings)["04-f"] in {"it is being rebased", "a bisection began on it"}
        leavings.remove(RUN)
        opened.set_branch(four, commit)
        opened.delete_branch(four)
        assert list(opened.refs.left_alone) == [four]
    assert git(repository, "rev-parse", four) == changed
