"""What the compiler would have liked to do to a function and could not: its own words, for the prompt.

clang says so by ``-Rpass-missed`` and ``-Rpass-analysis``, gcc by ``-fopt-info-missed``; both write
``file:line:column: kind: text``. What is inlined many times is said many times: each is told once.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from pesquared.core.running import RunResult
from pesquared.core.source import CompiledUnit, Definition

MOST = 25
LONGEST = 240  # characters of one
MOST_READ = 8 << 20  # bytes of a compiler's output
PASSES = "loop-vectorize|slp-vectorizer|licm|inline|gvn|loop-unroll|loop-idiom"
CLANG = f"-gline-tables-only -Rpass-missed='{PASSES}' -Rpass-analysis='loop-vectorize'"
GCC = "-fopt-info-vec-missed -fopt-info-loop-missed -fopt-info-inline-missed"
LINE = re.compile(
    r"(?P<path>[^\s:][^:\n]{0,500}):(?P<line>\d{1,7}):\d{1,7}: (?:remark|missed|optimized): (?P<said>[^\n]{1,600})"
)
PASS = re.compile(r"\s*\[-Rpass(?:-missed|-analysis)?=(?P<name>[\w-]{1,60})\]\s*$")
COST = re.compile(r"\s*\((?:cost|threshold|delta)[^()]{0,80}\)|\(cost=[^)]{0,80}\)")
# Said of nearly every function, and nothing to act upon.
IDLE = re.compile(
    r"will not be inlined into .{0,200}because its definition is unavailable|statement clobbers memory"
    r"|not inlinable: .{0,200}function body (?:not available|can be overwritten)|call to \w+ .{0,40}not profitable"
    r"|^(?:loop not vectorized|couldn't vectorize loop)$"
)
# Its own advice changes results of floating-point sums.
ADVICE = re.compile(r"; allow reordering .*|\s*\(Force=.*")

Run = Callable[[str], RunResult]


def remarks_on(definition: Definition, units: tuple[CompiledUnit, ...], run: Run) -> tuple[str, ...]:
    """What the compiler misses in the function, in the order of its lines; () where it cannot be asked.

    Args:
        definition: the function.
        units: that hold its file; the first is compiled, its result thrown away.
        run: runs a shell command line where the code base is compiled, confined.
    """
    if not units:
        return ()
    for line in command_lines(units[0]):
        result = run(line)
        if result.exit_code == 0:
            return told(result.stderr + b"\n" + result.stdout, definition)
    return ()


def command_lines(unit: CompiledUnit) -> Iterator[str]:
    """How the unit is compiled for its remarks: by clang, else by gcc; optimised whatever its flags say."""
    plain = [argument for argument in unit.arguments if not argument.startswith(("-resource-dir", "-W"))]
    flags = shlex.join(plain if any(one.startswith("-O") for one in plain) else [*plain, "-O2"])
    place = f"cd {shlex.quote(unit.directory)} && " if unit.directory else ""
    file = shlex.quote(unit.file)
    for compiler, asking in (("clang", CLANG), ("gcc", GCC)):
        yield f"{place}{compiler} {flags} {asking} -w -c {file} -o /dev/null"


def told(output: bytes, definition: Definition) -> tuple[str, ...]:
    """The remarks on lines of the function, each once, at most 25; anything may be in ``output``."""
    name = PurePosixPath(definition.extent.path).name
    found: dict[tuple[int, str], str] = {}
    for match in LINE.finditer(output[:MOST_READ].decode("utf-8", "replace")):
        line = int(match["line"])
        within = definition.extent.line <= line <= definition.extent.end_line
        if not within or PurePosixPath(match["path"]).name != name:
            continue
        said = PASS.sub("", match["said"])
        said = " ".join(ADVICE.sub("", COST.sub("", said)).split())[:LONGEST]
        if said and said.isprintable() and not IDLE.search(said):
            found.setdefault((line, said), f"line {line - definition.extent.line + 1}: {said}")
    return tuple(text for _, text in sorted(found.items()))[:MOST]
