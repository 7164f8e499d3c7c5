"""Reads the compiler calls out of what ``make -n`` prints."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from pesquared.source.clang.arguments import is_compiler, units_in
from pesquared.source.clang.invocation import Invocation

# -B: after a build everything is up to date and nothing would be printed. -w: names the folder of each recursive
# make. -k: a prerequisite that cannot be made does not end it. The messages are wanted in English.
MAKE_COMMAND = "LC_ALL=C make -k -n -B -w"

_LONG_LINE = 128 << 10  # shlex takes quadratic time on unbalanced quotes
_MUCH_TEXT = 16 << 20  # all lines together that are split
_FOLDER = re.compile(r"make(?:\[\d+\])?: (Entering|Leaving) directory [`'](.*)'")
_SOURCE = re.compile(r"\.(?:c|cc|cpp|cxx|c\+\+|C|cp)\b")
_BACKTICKS = re.compile(r"`[^`]*`")  # automake writes `test -f 'x.c' || echo './'`x.c
_ASSIGNMENT = re.compile(r"\w+=")
_PRINTS = frozenset({"echo", "printf", ":", "test", "["})


def has_makefile(root: Path) -> bool:
    """Is there something that ``make`` reads without being told?"""
    return any((root / name).is_file() for name in ("GNUmakefile", "makefile", "Makefile"))


def read_make_output(output: bytes, root: Path) -> tuple[str, tuple[Invocation, ...]]:
    """The folder in which make was started, as make saw it, and the compiler calls.

    The two differ from ``root`` where the sandbox shows the tree at another path.
    """
    started_in = ""
    folders = [str(root)]
    found: list[Invocation] = []
    split = 0
    for line in _lines(output):
        moved = _FOLDER.fullmatch(line)
        if moved and moved[1] == "Entering":
            folders.append(moved[2])
            started_in = started_in or moved[2]
        elif moved and len(folders) > 1:
            folders.pop()
        elif _SOURCE.search(line) and len(line) <= _LONG_LINE and split + len(line) <= _MUCH_TEXT:
            split += len(line)
            found += _calls(line, folders[-1])
    return started_in or str(root), tuple(found)


def _lines(output: bytes) -> Iterator[str]:
    """Lines as the shell sees them: a backslash at the end goes on with the next one."""
    text = output.replace(b"\0", b"").replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    return iter(text.decode("utf-8", "surrogateescape").splitlines())


def _calls(line: str, folder: str) -> Iterator[Invocation]:
    for words in _simple_commands(line):
        if words[0] == "cd" and len(words) == 2:
            folder = str(Path(folder, words[1]))
            continue
        start = next((at for at, word in enumerate(words) if is_compiler(word)), None)
        first = next((word for word in words if not _ASSIGNMENT.match(word)), "")
        if start is None or first.rsplit("/", 1)[-1] in _PRINTS:
            continue
        argv = tuple(words[start:])
        for file in units_in(argv):
            yield Invocation(folder, file, argv)


def _simple_commands(line: str) -> Iterator[list[str]]:
    """Splits ``a && b; if c; then d; fi`` into the word lists of a, b, c, d."""
    lexer = shlex.shlex(_BACKTICKS.sub("", line), posix=True, punctuation_chars=";&|()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if word[:1] and not word.strip(";&|()"):
                if words:
                    yield words
                words = []
            else:
                words.append(word)
    except ValueError:  # unbalanced quotes: what came before is good
        return
    if words:
        yield words
