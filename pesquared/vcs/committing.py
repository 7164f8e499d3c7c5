"""Making commits out of edits, messages and notes, with no index and no checkout.

Three git commands would be run for each folder and file otherwise, and an attempt is committed twice: before it is
judged and with its verdict.
"""

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pesquared.core.edits import StaleEdit, apply_edits
from pesquared.core.proposal import Edit
from pesquared.vcs.git import Git
from pesquared.vcs.graft import Place, graft, look_up, read_objects
from pesquared.vcs.objects import ObjectStore

REGULAR = ("100644", "100755")
KEPT_HEADERS = (b"tree ", b"parent ", b"author ", b"committer ")
NOTES_MESSAGE = "Notes added by PESquared\n"


@dataclass(frozen=True, slots=True)
class Committer:
    """Makes commits as one person.

    Args:
        git: reads the repository's objects and the new ones.
        store: where new objects go.
        person: ``name <address>`` as a commit holds it.
    """

    git: Git
    store: ObjectStore
    person: bytes

    def edited(self, parent: str, edits: Mapping[str, list[Edit]], shown: Mapping[str, str]) -> str:
        """A commit's tree with edits made.

        Args:
            parent: the commit.
            edits: by path in the repository.
            shown: the same paths as the edits name them, for messages.

        Raises:
            StaleEdit: an edit does not fit its file, or names no regular file.
        """
        places = look_up(self.git, parent, list(edits))
        for path in edits:
            require_regular(places.get(path), shown[path], parent)
        trees = [place.object for path, place in places.items() if place.kind == "tree" or path in edits]
        contents = read_objects(self.git, [f"{parent}^{{tree}}", *trees])
        files = {}
        for path, made in edits.items():
            blob = self.store.write("blob", apply_edits(contents[places[path].object], made))
            files[path] = Place(places[path].mode, "blob", blob)
        return graft(self.store, contents[f"{parent}^{{tree}}"], places, contents, files)

    def commit(self, tree: str, parents: list[str], message: str) -> str:
        """A commit of now."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        stamp = f"{int(time.time())} {time.strftime('%z')}".encode("ascii")
        people = b"".join(b"%s %s %s\n" % (role, self.person, stamp) for role in (b"author", b"committer"))
        head = "".join(f"{line}\n" for line in lines).encode("ascii")
        return self.store.write("commit", head + people + b"\n" + encoded(message))

    def reworded(self, commit: str, message: str) -> str:
        """The same tree, parents, people and dates with another message."""
        header, _, _ = read_objects(self.git, [commit])[commit].partition(b"\n\n")
        kept = [line for line in header.split(b"\n") if line.startswith(KEPT_HEADERS)]
        return self.store.write("commit", b"\n".join(kept) + b"\n\n" + encoded(message))

    def noted(self, notes: str, commit: str, text: str) -> str:
        """The commit of notes in which ``text`` is the note of ``commit``.

        Args:
            notes: what the notes' ref stands at; "" for none.
            commit: full name of the object that the note is on.
            text: taken byte for byte; replaces an earlier note.
        """
        # Where there are many notes, git sorts them into folders named by the first digits.
        homes = [commit, f"{commit[:2]}/{commit[2:]}", f"{commit[:2]}/{commit[2:4]}/{commit[4:]}"]
        places = look_up(self.git, notes, homes) if notes else {}
        inside = [home for home in homes[1:] if home.rpartition("/")[0] in places]
        home = next((home for home in homes if home in places), (inside or homes)[-1 if inside else 0])
        trees = [place.object for place in places.values() if place.kind == "tree"]
        root = f"{notes}^{{tree}}"
        contents = read_objects(self.git, [root, *trees]) if notes else {root: b""}
        note = Place("100644", "blob", self.store.write("blob", encoded(text)))
        tree = graft(self.store, contents[root], places, contents, {home: note})
        return self.commit(tree, [notes] if notes else [], NOTES_MESSAGE)


def by_path(edits: tuple[Edit, ...]) -> dict[str, list[Edit]]:
    """The edits of each file, in their order."""
    found: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        found[edit.path].append(edit)
    return found


def require_regular(place: Place | None, path: str, commit: str) -> Place:
    """Raises ``StaleEdit`` for what is no regular file: a link, a folder, a submodule, nothing."""
    if place is None or place.mode not in REGULAR:
        raise StaleEdit(f"{path!r} is not a regular file of the code base in {commit}")
    return place


def encoded(message: str) -> bytes:
    """Text as a commit or a note holds it: UTF-8, without NUL."""
    return message.replace("\0", "").encode("utf-8", "replace")


def person_of(git: Git) -> bytes:
    """Whom commits name, as git cleans it up."""
    return os.fsencode(git.line("var", "GIT_COMMITTER_IDENT").rsplit(" ", 2)[0])
