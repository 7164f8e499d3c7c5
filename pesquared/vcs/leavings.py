"""What runs have left in a repository, and taking away what nobody needs any more.

A branch goes only if it still stands where the run put it, was not accepted, is checked out nowhere, nobody is
rebasing it, and nothing of anybody's stands on it.

What was accepted shows in two ways, for either can be missing: it lies below the run's best branch, as far as we
have recorded that; and the commit's own note or trailer says so. A run may be killed before it records the best.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pesquared.core.verdict import Word
from pesquared.vcs.discovery import closed_git, locate, user_git
from pesquared.vcs.git import Git
from pesquared.vcs.occupied import HEADS, occupied
from pesquared.vcs.refs import BASE, NOTES, WRITTEN, deletion, list_refs, locked, update_refs
from pesquared.vcs.revisions import Revisions

BEST = "best"  # last part of the name of the branch at the last accepted attempt
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Leaving:
    """One branch of a run."""

    branch: str
    commit: str  # where the run put it
    keep: str = ""  # why it stays; "": it goes
    gone: bool = False  # somebody has removed the branch; only our record of it is left


@dataclass(frozen=True, slots=True)
class Leavings:
    """What runs have left in one repository."""

    git: Git
    common_dir: Path

    @classmethod
    def open(cls, codebase: Path, environ: Mapping[str, str]) -> "Leavings":
        """Opens the repository around ``codebase``.

        Raises:
            UsageError: as ``GitRepository.open``.
        """
        git = user_git(codebase, environ)
        location = locate(git)
        return cls(closed_git(git, location), location.common_dir)

    def runs(self) -> tuple[str, ...]:
        """The runs that have left anything, oldest first."""
        refs = list_refs(self.git, WRITTEN, BASE)
        return tuple(sorted({_run_of(ref) for ref in refs}))

    def unended(self) -> set[str]:
        """The runs that have not come to an end in good order, or not yet."""
        return {_run_of(ref) for ref in list_refs(self.git, BASE)}

    def of(self, run: str) -> tuple[Leaving, ...]:
        """A run's branches, each with its fate."""
        written = {ref: commit for ref, (commit, _) in list_refs(self.git, WRITTEN).items() if _run_of(ref) == run}
        branches = {HEADS + ref.removeprefix(WRITTEN): commit for ref, commit in written.items()}
        standing = list_refs(self.git, *branches) if branches else {}
        judged = tuple(self._judged(ref, commit, branches, standing) for ref, commit in sorted(branches.items()))
        if not any(leaving.keep == ACCEPTED for leaving in judged):
            return judged
        # As long as an accepted branch stands, the record of the best is what tells that it was accepted.
        return tuple(
            replace(leaving, keep=ACCEPTED) if leaving.gone and leaving.branch.endswith(f"/{BEST}") else leaving
            for leaving in judged
        )

    def remove(self, run: str) -> tuple[Leaving, ...]:
        """Takes away what ``of`` says, as it is by now; returns it.

        Raises:
            GitError: somebody moved a branch at this very moment; then nothing was removed.
        """
        with locked(self.common_dir):
            leavings = [leaving for leaving in self.of(run) if not leaving.keep]
            changes = [
                deletion(HEADS + leaving.branch, leaving.commit) for leaving in leavings if not leaving.gone
            ]
            changes += [deletion(WRITTEN + leaving.branch, leaving.commit) for leaving in leavings]
            base = list_refs(self.git, BASE + run).get(BASE + run)
            if base:
                changes.append(deletion(BASE + run, base[0]))
            if changes:
                update_refs(self.git, changes)
            # Notes on commits that nobody can reach any more.
            commits = "".join(f"{leaving.commit}\n" for leaving in leavings if not leaving.gone)
            if commits and list_refs(self.git, NOTES):
                self.git.run(
                    "notes",
                    f"--ref={NOTES}",
                    "remove",
                    "--ignore-missing",
                    "--stdin",
                    stdin=commits.encode("ascii"),
                )
        return tuple(leavings)

    def _judged(
        self, ref: str, written: str, branches: Mapping[str, str], standing: Mapping[str, tuple[str, str]]
    ) -> Leaving:
        branch = ref.removeprefix(HEADS)
        commit, checked_out = standing.get(ref, ("", ""))
        if not commit:
            return Leaving(branch, written, gone=True)
        best = branches.get(f"{ref.rpartition('/')[0]}/{BEST}", "")
        return Leaving(branch, written, self._why_kept(ref, commit, checked_out, best, branches))

    def _why_kept(self, ref: str, commit: str, checked_out: str, best: str, branches: Mapping[str, str]) -> str:
        if checked_out:
            return f"it is checked out in {checked_out}"
        if commit != branches[ref]:
            return "somebody has moved it"
        busy = occupied(self.common_dir).get(ref)
        if busy:
            return busy
        if self._is_accepted(commit, best, branches):
            return ACCEPTED
        above = self._above(commit)
        others = [other.removeprefix("refs/").removeprefix("heads/") for other in above if other not in branches]
        return f"{others[0]} stands on it" if others else ""

    def _is_accepted(self, commit: str, best: str, branches: Mapping[str, str]) -> bool:
        if best and self.git.attempt("merge-base", "--is-ancestor", commit, best)[0] == 0:
            return True
        # One of the run's that stands on it may say so for it.
        standing = [branches[ref] for ref in self._above(commit) if ref in branches]
        revisions = Revisions(self.git, "")
        return any(revisions.word_of(one) == Word.ACCEPTED for one in dict.fromkeys((commit, *standing)))

    def _above(self, commit: str) -> list[str]:
        """Branches and tags that stand on the commit or at it."""
        return list(
            list_refs(self.git, "refs/heads", "refs/remotes", "refs/tags", options=(f"--contains={commit}",))
        )


def _run_of(ref: str) -> str:
    """The run to which one of our refs belongs."""
    return ref.removeprefix(BASE) if ref.startswith(BASE) else ref.split("/")[-2]
