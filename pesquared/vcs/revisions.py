"""Commits that a user names, in whatever way git understands, and what they say of themselves."""

import difflib
import os
import re
from dataclasses import dataclass

from pesquared.core.measurement import Claim
from pesquared.errors import UsageError
from pesquared.vcs.claim import LARGEST_NOTE, gain_in_message, gain_in_note, word_in_message, word_in_note
from pesquared.vcs.git import Git
from pesquared.vcs.refs import NOTES

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAMES_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Revisions:
    """The commits of one repository whose code base stands at ``prefix``, "" for its root."""

    git: Git
    prefix: str

    def commit_of(self, revision: str) -> str:
        """The full id of the commit.

        Raises:
            UsageError: nothing, or no commit, is called so, and the message names what is called nearly so; or the
                commit does not hold the code base.
        """
        # In two steps, since "^{commit}" behind ":/text" would be a part of the text.
        named = self._verified(revision)
        commit = self._verified(f"{named}^{{commit}}") if named else ""
        if named and not commit:
            raise UsageError(f"{revision!r} is no commit", "name a branch, a tag or a commit")
        if not commit:
            near = difflib.get_close_matches(revision, self._names(), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "name a branch, a tag or a commit"
            raise UsageError(f"the repository has no revision {revision!r}", hint)
        if not self._holds_codebase(commit):
            raise UsageError(
                f"{revision!r} ({commit[:12]}) has no folder {self.prefix}, which is the code base",
                "name a revision that has it",
            )
        return commit

    def message(self, commit: str) -> str:
        """The commit's message; bytes that are no UTF-8 come out as U+FFFD."""
        return self.git.run("cat-file", "commit", commit).partition(b"\n\n")[2].decode("utf-8", "replace")

    def claim_of(self, commit: str) -> Claim | None:
        """The gain that the commit's note, or else its trailer, says it has."""
        gain = gain_in_note(self._note(commit)) or gain_in_message(self.message(commit))
        if gain is None:
            return None
        parents = self.git.line("rev-parse", f"{commit}^@").split()
        return Claim(gain, parents[0] if parents else "")

    def word_of(self, commit: str) -> str:
        """The verdict word in the commit's note, which is the last one, or else in its trailer; "" for none."""
        return word_in_note(self._note(commit)) or word_in_message(self.message(commit))

    def _verified(self, revision: str) -> str:
        if "\0" in revision:
            return ""
        status, said, _ = self.git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
        found = os.fsdecode(said).strip()
        return found if status == 0 and _COMMIT.fullmatch(found) else ""

    def _names(self) -> list[str]:
        kinds = ("refs/heads", "refs/tags", "refs/remotes")
        listed = self.git.line("for-each-ref", f"--count={_NAMES_LOOKED_AT}", "--format=%(refname:short)", *kinds)
        return listed.splitlines()

    def _holds_codebase(self, commit: str) -> bool:
        inside = f"{commit}:{self.prefix}/" if self.prefix else f"{commit}^{{tree}}"
        status, kind, _ = self.git.attempt("cat-file", "-t", inside)
        return status == 0 and kind.strip() == b"tree"

    def _note(self, commit: str) -> bytes:
        """Our note on the commit; empty where there is none or it is too large to be ours."""
        status, blob, _ = self.git.attempt("notes", f"--ref={NOTES}", "list", commit)
        name = os.fsdecode(blob).strip()
        if status != 0 or int(self.git.line("cat-file", "-s", name)) > LARGEST_NOTE:
            return b""
        return self.git.run("cat-file", "blob", name)
