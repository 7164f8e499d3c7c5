"""What a user most likely meant when the benchmark command is missing."""

import re
from pathlib import Path

# The targets of a rule, and those of them that are called like a benchmark.
_RULE = re.compile(r"^([^\s:=#%][^:=#%\n]{0,2000}):(?![=])", re.MULTILINE)
_SOURCE_OR_OBJECT = (".c", ".cc", ".cpp", ".cxx", ".o", ".d", ".h")
_NAME = re.compile(r"bench|perf", re.IGNORECASE)
MOST = 5
LARGEST_MAKEFILE = 1 << 20


def likely_benchmarks(codebase: Path) -> list[str]:
    """Commands that look like benchmarks: Makefile targets, programs, scripts, in this order."""
    found = []
    for name in ("Makefile", "makefile", "GNUmakefile"):
        path = codebase / name
        if path.is_file() and path.stat().st_size < LARGEST_MAKEFILE:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [_command(target) for rule in _RULE.findall(text) for target in rule.split() if _fits(target)]
    found += [f"./{path}" for path in _programs(codebase)]
    return list(dict.fromkeys(found))[:MOST]


def _fits(target: str) -> bool:
    plain = not target.startswith(".") and "$" not in target
    return plain and bool(_NAME.search(target)) and not target.endswith(_SOURCE_OR_OBJECT)


def _command(target: str) -> str:
    """A target with a path is the program that the rule makes; one without is most likely what to do."""
    return f"./{target}" if "/" in target else f"make {target}"


def _programs(codebase: Path) -> list[str]:
    """Executables and the programs that benchmark sources are usually built into."""
    names = []
    for folder in (codebase, *(codebase / name for name in ("build", "bench", "benchmark", "benchmarks"))):
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir())[:500]:
            if not _NAME.search(path.name) or not path.is_file():
                continue
            executable = path.stat().st_mode & 0o111
            if executable or path.suffix in (".c", ".cc", ".cpp", ".cxx"):
                names.append(
                    path.relative_to(codebase).with_suffix("" if not executable else path.suffix).as_posix()
                )
    return names
