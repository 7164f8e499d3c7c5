"""Compiles kernels with and without the rule and compares every byte they leave behind, for many sizes and overlaps."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from pesquared.propose.rules.interchange import LoopInterchange
from pesquared.propose.rules.rule import Rewrite
from tests.unit.propose.rules.reading import context_of

_HEADER = """
#include <stdio.h>
#include <string.h>
static unsigned state = 1;
static unsigned draw(void) { return state = state * 1664525u + 1013904223u; }
"""

_DRIVER = """
static int try_{name}(void) {{
    static {type} old[4000], new[4000];
    static const int sizes[] = {{0, 1, 2, 3, 5, 8, 13}};
    int round, t;
    for (round = 0; round < 120; round++) {{
        int n = sizes[draw() >> 8 & 7 ? draw() % 7 : 5], m = sizes[draw() / 65536 % 7], p = sizes[draw() / 65536 % 7];
        int apart = {apart} || round % 2;
        int b = apart ? 1000 : (int)(draw() / 65536 % 300), c = apart ? 2000 : (int)(draw() / 65536 % 300);
        for (t = 0; t < 4000; t++) old[t] = new[t] = ({type})((int)(draw() / 65536 % 2001) - 1000) / ({type})7;
        if ({square}) m = p = n;
        {name}_old(old, old + b, old + c, n, m, p);
        {name}_new(new, new + b, new + c, n, m, p);
        if (memcmp(old, new, sizeof old)) {{
            printf("{name} n=%d m=%d p=%d b=%d c=%d\\n", n, m, p, b, c);
            return 1;
        }}
    }}
    return 0;
}}
"""


@dataclass(frozen=True)
class Kernel:
    """``code`` defines ``kernel(a, b, c, n, m, p)`` over elements of ``type``; NAME stands for its name."""

    name: str
    code: str
    type: str = "double"
    apart: bool = False  # are the arrays never to overlap (restrict)?
    square: bool = True  # is only n used as size?

    def rewritten(self) -> Rewrite:
        rewrite = LoopInterchange().apply(context_of(self.code.replace("NAME", "kernel"), "kernel"))
        assert isinstance(rewrite, Rewrite), f"{self.name}: {rewrite}\n{self.code}"
        return rewrite

    def program_part(self) -> str:
        source = self.code.replace("NAME", "kernel").encode()
        extent = context_of(source, "kernel").definition.extent
        new = source[: extent.start] + self.rewritten().text + source[extent.end :]
        # What stands around the function (types, macros) must not be defined twice.
        body = new[extent.start :].decode().replace("kernel(", f"{self.name}_new(")
        old = source.decode().replace("kernel(", f"{self.name}_old(")
        return f"{old}\n{body}\n" + _DRIVER.format(
            name=self.name, type=self.type, apart=int(self.apart), square=int(self.square)
        )


def differences(kernels: list[Kernel], folder: Path, *flags: str) -> str:
    """Compiles and runs all kernels in one program; names those whose memory differs in the end."""
    parts = [_HEADER, *(kernel.program_part() for kernel in kernels)]
    calls = " ".join(f"bad += try_{kernel.name}();" for kernel in kernels)
    source = folder / "program.c"
    source.write_text("\n".join(parts) + f"\nint main(void) {{ int bad = 0; {calls} return bad != 0; }}\n")
    program = folder / "program"
    subprocess.run(
        ["gcc", "-w", *flags, "-o", str(program), str(source)], check=True, capture_output=True, text=True
    )
    result = subprocess.run([str(program)], check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == bool(result.stdout), (result.returncode, result.stderr)
    return result.stdout
