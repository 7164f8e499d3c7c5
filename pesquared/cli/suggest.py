"""What a user most likely meant when the benchmark command is missing."""

import re
from collections.abc import Iterator
from pathlib import Path

# The targets of a rule, and those of them that are called like a benchmark.
_RULE = re.compile(r"^([^\s:=#%][^:=#%\n]{0,2000}):(?![=])", re.MULTILINE)
_SOURCE_OR_OBJECT = (".c", ".cc", ".cpp", ".cxx", ".o", ".d", ".h")
_NAME = re.compile(r"bench|perf", re.IGNORECASE)
_EXECUTABLE = re.compile(
    r"^[ \t]{0,40}add_executable[ \t]{0,9}\([ \t]{0,9}([\w.+-]{1,200})", re.MULTILINE | re.IGNORECASE
)
_FOLDERS = ("bench", "benchmark", "benchmarks", "perf")
MOST = 5
LARGEST_MAKEFILE = 1 << 20


def likely_benchmarks(codebase: Path) -> list[str]:
    """Commands that look like benchmarks: what Makefiles and cmake make, programs and scripts, in this order.

    Only where there is none of these, what sources that are called so are usually built into.
    """
    found = []
    for name in ("Makefile", "makefile", "GNUmakefile"):
        rules = _RULE.findall(_text(codebase / name))
        found += [_command(target) for rule in rules for target in rule.split() if _fits(target)]
    found += [f"./build/{path}" for path in _made_by_cmake(codebase)]
    programs, sources = _programs(codebase)
    found += [f"./{path}" for path in programs]
    return list(dict.fromkeys(found or [f"./{path}" for path in sources]))[:MOST]


def _text(path: Path) -> str:
    if not path.is_file() or path.stat().st_size >= LARGEST_MAKEFILE:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


def _made_by_cmake(codebase: Path) -> Iterator[str]:
    """Below the build folder, where cmake puts programs by the folder of the file that names them."""
    if not (codebase / "CMakeLists.txt").is_file():
        return
    for folder in (".", *_FOLDERS):
        for name in _EXECUTABLE.findall(_text(codebase / folder / "CMakeLists.txt")):
            if _NAME.search(name):
                yield (Path(folder) / name).as_posix()


def _fits(target: str) -> bool:
    plain = not target.startswith(".") and "$" not in target
    return plain and bool(_NAME.search(target)) and not target.endswith(_SOURCE_OR_OBJECT)


def _command(target: str) -> str:
    """A target with a path is the program that the rule makes; one without is most likely what to do."""
    return f"./{target}" if "/" in target else f"make {target}"


def _programs(codebase: Path) -> tuple[list[str], list[str]]:
    """Executables, and the programs that benchmark sources are usually built into."""
    programs, sources = [], []
    for folder in (codebase, codebase / "build", *(codebase / name for name in _FOLDERS)):
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir())[:500]:
            if not _NAME.search(path.name) or not path.is_file():
                continue
            place = path.relative_to(codebase)
            if path.stat().st_mode & 0o111:
                programs.append(place.as_posix())
            elif path.suffix in (".c", ".cc", ".cpp", ".cxx"):
                sources.append(place.with_suffix("").as_posix())
    return programs, sources
