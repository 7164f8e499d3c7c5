"""What a hostile program is: a few lines of shell or C, one idea each."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TRIED = b"tried"  # said at the end: a program that never ran proves nothing
ESCAPED = b"escaped"  # said where only the program itself can know that it got out

_PRELUDE = Path(__file__).with_name("prelude.h")


@dataclass(frozen=True, slots=True)
class Hostile:
    """One program.

    It finds in its environment: OUTSIDE, a folder beside its tree that everybody may write; PROCESS, the pid of a
    process of the same user; PARENT, ours; TCP, UDP, ABSTRACT: what listens on the host.

    Attributes:
        text: lines of shell, or the statements of a C function.
        gaps: the tiers in which it is known to succeed, each with the reason. docs/explanation/threats.md has them.
    """

    name: str
    text: str
    language: str
    gaps: Mapping[str, str] = field(default_factory=dict)

    def argv(self, binary: Path) -> tuple[str, ...]:
        """How it is started; ``binary`` holds all those in C."""
        if self.language == "c":
            return str(binary), self.name
        return "sh", "-c", f"(\n{self.text}\n) 2>/dev/null\nprintf '\\n{TRIED.decode()}\\n'"


def sh(name: str, text: str, **gaps: str) -> Hostile:
    """In shell. It says "escaped" on standard output where nobody else could notice."""
    return Hostile(name, text, "sh", gaps)


def c(name: str, text: str, **gaps: str) -> Hostile:
    """In C: the body of a function, which calls ``escaped()`` where nobody else could notice."""
    return Hostile(name, text, "c", gaps)


def compile_all(programs: Iterable[Hostile], folder: Path) -> Path:
    """One binary that holds every program in C and is told which one to be."""
    bodies, rows = [], []
    for number, program in enumerate(one for one in programs if one.language == "c"):
        bodies.append(f"static void program_{number}(void)\n{{\n{program.text}\n}}\n")
        rows.append(f'    {{"{program.name}", program_{number}}},\n')
    table = f"static const struct program programs[] = {{\n{''.join(rows)}    {{0, 0}},\n}};\n"
    source, binary = folder / "hostile.c", folder / "hostile"
    source.write_text(_PRELUDE.read_text(encoding="utf-8") + "".join(bodies) + table, encoding="utf-8")
    entry = Path(__file__).with_name("entry.c").read_text(encoding="utf-8")
    with source.open("a", encoding="utf-8") as file:
        file.write(entry)
    subprocess.run(("cc", "-w", "-O1", "-pthread", "-o", binary, source), check=True)
    binary.chmod(0o755)
    return binary
