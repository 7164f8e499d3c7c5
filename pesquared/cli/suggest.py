"""What a user most likely meant when the benchmark command is missing."""

import re
from pathlib import Path

_TARGET = re.compile(r"^([A-Za-z0-9_.-]*(?:bench|perf)[A-Za-z0-9_.-]*)\s*:(?!=)", re.MULTILINE | re.IGNORECASE)
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
            found += [f"make {target}" for target in _TARGET.findall(text) if not target.startswith(".")]
    found += [f"./{path}" for path in _programs(codebase)]
    return list(dict.fromkeys(found))[:MOST]


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
