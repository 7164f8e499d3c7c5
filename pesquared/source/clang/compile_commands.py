"""How each unit is compiled: from a file that says it, else from what cmake or ``make -n`` print, else guessed."""

import os.path
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from pesquared.source.clang import arguments
from pesquared.source.clang.compile_json import parse_compile_json, read_aquery, read_compile_json
from pesquared.source.clang.invocation import Invocation
from pesquared.source.clang.locator import SourceTree
from pesquared.source.clang.make_output import MAKE_COMMAND, has_makefile, read_make_output
from pesquared.source.languages import Run

_MANY_UNITS = 50_000
_MANY_INCLUDES = 200
_FEW = 5
AQUERY = "aquery.json"
# In a folder of the sandbox's own, which goes with it. Configuring runs the code base's own scripts.
CMAKE_COMMAND = (
    'd=$(mktemp -d) && cmake -S . -B "$d" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null 2>&1; '
    'cat "$d/compile_commands.json" 2>/dev/null; rm -rf "$d"'
)


@dataclass(frozen=True, slots=True)
class CompileCommand:
    """How one file is parsed."""

    file: str  # relative to the code base
    directory: str  # absolute; where the compiler was started
    arguments: tuple[str, ...]  # for libclang; begins with ``-x LANGUAGE``, all paths are absolute

    @property
    def language(self) -> str:
        """``c`` or ``c++``."""
        return self.arguments[1]

    def borrowed_for(self, file: str) -> "CompileCommand":
        """The same flags for another file."""
        return CompileCommand(file, self.directory, self.arguments)


@dataclass(frozen=True, slots=True)
class CompileDatabase:
    """The commands, one per file, and how far they can be trusted."""

    commands: dict[str, CompileCommand]
    origin: str  # the file they came from, "cmake", "make -n" or "guessed"
    confidence: str  # "high", "medium", "low"
    notes: tuple[str, ...] = ()


def find_compile_commands(root: Path, tree: SourceTree, run: Run | None) -> CompileDatabase:
    """The best compile commands to be had for the tree at ``root`` (a real path).

    Args:
        root: the code base.
        tree: its source files.
        run: executes a shell command line in ``root``, confined. Both cmake and ``make -n`` run foreign code
            (``$(shell …)``, recipes marked ``+``), and make may rewrite makefiles. None: they are not asked.
    """
    notes: list[str] = []
    for path in _json_files(root):
        invocations = read_compile_json(path, notes)
        commands = _commands(root, invocations, _moved_from(root, invocations), notes)
        if commands:
            return CompileDatabase(commands, path.relative_to(root).as_posix(), "high", tuple(notes))
    aquery = root / AQUERY
    if aquery.is_file():
        commands = _commands(root, read_aquery(aquery, notes), str(root), notes)
        if commands:
            return CompileDatabase(commands, AQUERY, "high", tuple(notes))
    if run is not None and (root / "CMakeLists.txt").is_file():
        printed = run(CMAKE_COMMAND).stdout
        invocations = parse_compile_json(printed, "what cmake prints", root, notes) if printed.strip() else ()
        commands = _commands(root, invocations, _moved_from(root, invocations), notes)
        if commands:
            return CompileDatabase(commands, "cmake", "medium", tuple(notes))
        notes.append("cmake does not configure the code base in an empty folder")
    if run is not None and has_makefile(root):
        result = run(MAKE_COMMAND)
        started_in, invocations = read_make_output(result.stdout, root)
        commands = _commands(root, invocations, started_in, notes)
        if commands:
            return CompileDatabase(commands, "make -n", "medium", tuple(notes))
        notes.append("make -n prints no compiler call that names a source file")
    notes.append("no compile commands were found: the flags are guessed")
    return CompileDatabase(_guess(root, tree), "guessed", "low", tuple(notes))


def _json_files(root: Path) -> Iterator[Path]:
    places = [root, *sorted(root.glob("build*")), *sorted(root.glob("cmake-build*")), root / "out"]
    for place in places:
        path = place / "compile_commands.json"
        if path.is_file():
            yield path


def _moved_from(root: Path, invocations: tuple[Invocation, ...]) -> str:
    """The folder that was the code base when the commands were written, if the tree has been moved since.

    A tree that was built in a container or has been copied names files that are not below ``root``: the part of
    such a path that does exist below ``root`` tells what the rest was.
    """
    for invocation in invocations[:200]:
        file = os.path.normpath(Path(invocation.directory, invocation.file))
        if Path(file).is_relative_to(root):
            return str(root)
        parts = Path(file).parts
        for cut in range(1, len(parts)):
            if _exists(root.joinpath(*parts[cut:])):
                return str(Path(*parts[:cut]))
    return str(root)


def _commands(
    root: Path, invocations: Iterable[Invocation], moved_from: str, notes: list[str]
) -> dict[str, CompileCommand]:
    """The first command for each file below ``root``; the same file is often compiled several times."""
    commands: dict[str, CompileCommand] = {}
    refused: dict[str, None] = {}
    for invocation in invocations:
        directory = _moved(os.path.normpath(invocation.directory), moved_from, root)

        absolute = partial(_absolute, root, moved_from, directory)
        file = Path(os.path.realpath(absolute(invocation.file)))
        if not file.is_relative_to(root) or not _exists(file):
            continue
        name = file.relative_to(root).as_posix()
        if name not in commands and len(commands) < _MANY_UNITS:
            language = arguments.language_of(invocation.argv, invocation.file)
            flags = ("-x", language, *arguments.clean(invocation.argv, absolute))
            commands[name] = CompileCommand(name, directory, flags)
            refused.update(dict.fromkeys(arguments.refused(invocation.argv)))
    if refused:
        notes.append(f"left out, as they load code or what another compiler made: {', '.join([*refused][:_FEW])}")
    return commands


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file system takes
        return False


def _absolute(root: Path, moved_from: str, directory: str, path: str) -> str:
    return _moved(os.path.normpath(Path(directory, path)), moved_from, root)


def _moved(path: str, old: str, new: Path) -> str:
    if path == old:
        return str(new)
    return str(new) + path[len(old) :] if path.startswith(old.rstrip("/") + "/") else path


def guessed_command(root: Path, tree: SourceTree, name: str) -> CompileCommand:
    """A command for a file of which nothing is known: every folder that holds a header is searched."""
    language = "c++" if PurePosixPath(name).suffix not in (".c", ".h") else "c"
    standard = "-std=gnu++17" if language == "c++" else "-std=gnu17"
    return CompileCommand(name, str(root), ("-x", language, standard, *_include_flags(root, tree)))


def _include_flags(root: Path, tree: SourceTree) -> tuple[str, ...]:
    """The folders of all headers, the shallow ones first."""
    nearest = tree.header_folders[:_MANY_INCLUDES]
    return tuple(word for folder in nearest for word in ("-I", os.path.normpath(root / folder)))


def _guess(root: Path, tree: SourceTree) -> dict[str, CompileCommand]:
    units = (name for name in tree.files if PurePosixPath(name).suffix in arguments.UNIT_SUFFIXES)
    return {name: guessed_command(root, tree, name) for name in units}
