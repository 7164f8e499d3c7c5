"""The cold locator: which files of the tree may define a function, found by reading text instead of parsing."""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from pesquared.source.clang.arguments import HEADER_SUFFIXES, UNIT_SUFFIXES

_MANY_FILES = 50_000
_LARGE_FILE = 8 << 20
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "CMakeFiles"})
_BUILD_MARKS = frozenset({"CMakeCache.txt", "build.ninja", "meson-private"})

_IDENTIFIER = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*")
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]{1,400})[>"]', re.MULTILINE)
_CLOSED_BY = 4096  # bytes within which a parameter list ends
_AFTER_PARAMETERS = re.compile(rb"(?:\s|/\*.{0,400}?\*/|//[^\n]{0,400})*(.)", re.DOTALL)


class SourceTree:
    """The C and C++ files below ``root``: no symbolic links, no binaries, no build folders, nothing huge.

    Args:
        root: a real path.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Paths relative to ``root``, sorted."""
        found: list[str] = []
        for name in self._walk():
            found.append(name)
            if len(found) >= _MANY_FILES:
                break
        return tuple(sorted(found))

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            if folder != str(self.root) and not _BUILD_MARKS.isdisjoint([*names, *folders]):
                folders.clear()
                continue
            folders[:] = [name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS]
            for name in names:
                path = Path(folder, name)
                if path.suffix in UNIT_SUFFIXES | HEADER_SUFFIXES and path.is_file() and not path.is_symlink():
                    yield path.relative_to(self.root).as_posix()

    @cached_property
    def header_folders(self) -> tuple[str, ...]:
        """Folders that hold headers, relative to ``root``, the shallow ones first."""
        headers = (PurePosixPath(name) for name in self.files)
        folders = {str(path.parent) for path in headers if path.suffix in HEADER_SUFFIXES}
        return tuple(sorted(folders, key=lambda folder: (folder.count("/"), folder)))

    def read(self, name: str) -> bytes:
        """The bytes of a file; b"" if it cannot be read, is huge or holds no text."""
        path = self.root / name
        try:
            if path.stat().st_size > _LARGE_FILE:
                return b""
            content = path.read_bytes()
        except OSError:
            return b""
        return b"" if b"\0" in content[:4096] else content

    @cached_property
    def _mentioning(self) -> dict[bytes, list[str]]:
        """Identifier → the files in which it stands. Read once: a profile asks for hundreds of names."""
        files: dict[bytes, list[str]] = {}
        for name in self.files:
            for word in set(_IDENTIFIER.findall(self.read(name))):
                files.setdefault(word, []).append(name)
        return files

    def mentioning(self, word: str) -> list[str]:
        """Files in which the identifier stands, wherever."""
        return self._mentioning.get(os.fsencode(word), [])

    def calling(self, word: str) -> tuple[str, ...]:
        """Files that hold what looks like a call, a declaration or a definition of that name."""
        pattern = re.compile(_whole_word(word).pattern + rb"\s*(?:<[^;{}()]{0,200}>\s*)?\(")
        return tuple(name for name in self.mentioning(word) if pattern.search(self.read(name)))

    def defining(self, word: str) -> tuple[str, ...]:
        """Files that look as if they defined a function of that name; if none does, all that mention it.

        Every ``operator`` counts: what follows it is no identifier.
        """
        pattern = _whole_word(word)
        macro_call = re.compile(
            rb"\b[A-Z_][A-Z0-9_]{2,}[ \t]*\([^()\n]{0,200}\b" + re.escape(os.fsencode(word)) + rb"\b"
        )
        likely = []
        for name in self.mentioning(word):
            content = self.read(name)
            places = pattern.finditer(content)
            if (
                word == "operator"
                or any(_looks_defined(content[place.end() : place.end() + _CLOSED_BY]) for place in places)
                or macro_call.search(content)
            ):
                likely.append(name)
        return tuple(likely or self.mentioning(word))

    @cached_property
    def _included_by(self) -> dict[str, tuple[str, ...]]:
        """File name without folders → the files that include something of that name."""
        users: dict[str, list[str]] = {}
        for name in self.files:
            for target in {PurePosixPath(os.fsdecode(path)).name for path in _INCLUDE.findall(self.read(name))}:
                users.setdefault(target, []).append(name)
        return {target: tuple(names) for target, names in users.items()}

    def includers(self, name: str) -> Iterator[str]:
        """Files that include ``name``, directly first, then through others; same stem before other names."""
        stem = PurePosixPath(name).stem
        seen = {name}
        level = [name]
        while level:
            found = {user for one in level for user in self._included_by.get(PurePosixPath(one).name, ())} - seen
            level = sorted(found, key=lambda user: (PurePosixPath(user).stem != stem, user))
            seen |= found
            yield from level


def _whole_word(word: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(os.fsencode(word)) + rb"(?![A-Za-z0-9_])")


def _looks_defined(after: bytes) -> bool:
    """``(…)`` and then a body, or what may stand before one: ``const``, ``: member(1)``, ``-> type {``."""
    start = after.find(b"(")
    between = after[: max(start, 0)].strip()
    if start < 0 or (between and not between.startswith((b"<", b")", b"/"))):
        return False
    depth = 0
    for place in re.finditer(rb"[()]", after):
        depth += 1 if place[0] == b"(" else -1
        if depth <= 0 and place.start() > start:
            return _body_follows(after, place.end())
    return depth > 0  # the parameter list is longer than what was read


def _body_follows(text: bytes, position: int) -> bool:
    following = _AFTER_PARAMETERS.match(text, position)
    if following is None:
        return False
    if following[1] in b"-[&":  # also an operator of an expression; that ends before any brace
        end = re.search(rb"[{;]", text[position:])
        return end is not None and end[0] == b"{"
    return following[1] in b"{:_" or following[1].isalpha()
