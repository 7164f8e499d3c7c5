"""What a user means by a revision: a branch, a tag, a commit's name, ``HEAD~2``, whatever git understands."""

import difflib
import os
import re

from pesquared.errors import UsageError
from pesquared.vcs.git import Git

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAMES_LOOKED_AT = 10_000


def resolve_commit(git: Git, revision: str) -> str:
    """The full id of the commit.

    Raises:
        UsageError: nothing, or no commit, is called so; the message names what is called nearly so.
    """
    # In two steps, since "^{commit}" behind ":/text" would be a part of the text.
    named = _verified(git, revision)
    commit = _verified(git, f"{named}^{{commit}}") if named else ""
    if commit:
        return commit
    if named:
        raise UsageError(f"{revision!r} is no commit", "name a branch, a tag or a commit")
    near = difflib.get_close_matches(revision, _names(git), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "name a branch, a tag or a commit"
    raise UsageError(f"the repository has no revision {revision!r}", hint)


def _verified(git: Git, revision: str) -> str:
    if "\0" in revision:
        return ""
    status, said, _ = git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
    found = os.fsdecode(said).strip()
    return found if status == 0 and _COMMIT.fullmatch(found) else ""


def _names(git: Git) -> list[str]:
    listed = git.line(
        "for-each-ref", f"--count={_NAMES_LOOKED_AT}", "--format=%(refname:short)",
        "refs/heads", "refs/tags", "refs/remotes",
    )  # fmt: skip
    return listed.splitlines()
