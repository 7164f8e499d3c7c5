"""How well does the benchmark's own profile know what a function can save? Programs whose shares are known.

Each program spends its time in loops of one kind, with iterations that stand in a known proportion, in functions
that the compiler treats differently: called, inlined, left by a jump, called back by a library, a template, a
lambda. It is profiled in the sandbox as a run does it, built with and without -g. Prints for each function its
true share, the share that the samples show, and the ceiling: a ceiling below the truth would be a defect, one far
above it catches fewer cheats. Docs: docs/explanation/ceiling.md.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pesquared.core.protocols import Sandbox
from pesquared.core.running import Command, Limits
from pesquared.profiles import StackAnalyzer
from pesquared.sandbox import choose
from pesquared.search.ceiling import Ceilings
from pesquared.source import DependencyExtractor
from pesquared.verify.profiling.own_profile import read_samples
from pesquared.verify.profiling.recording import PerfSandbox

RATE = 3989
LOOP = r"""
#define BURN(n) for (long i = 0; i < (n) * 30L; i++) s = s * 1103515245u + 12345u
#define APART __attribute__((noinline))
"""
C = f"""\
#include <stdio.h>
#include <stdlib.h>
{LOOP}\
APART unsigned called(unsigned s) {{ BURN(30); return s; }}
static inline unsigned inlined(unsigned s) {{ BURN(20); return s; }}
APART unsigned last(unsigned s) {{ BURN(25); return s; }}
APART unsigned jumps(unsigned s) {{ s += 3; return last(s); }}
static unsigned state = 1;
static int back(const void *a, const void *b)
{{
    unsigned s = state;
    BURN(1);
    state = s;
    return *(const char *)a - *(const char *)b;
}}
unsigned never(unsigned s) {{ BURN(1); return s; }}
int main(int argc, char **argv)
{{
    unsigned s = 1;
    for (int n = 0; n < 160000; n++) {{
        char two[10] = "jbidhcgfea";
        s = called(s); s = inlined(s); s = jumps(s);
        qsort(two, 10, 1, back);
    }}
    if (argc > 4) s = never(s);
    printf("%u\\n", s + state);
    return 0;
}}
"""
CXX = f"""\
#include <cstdio>
#include <functional>
{LOOP}\
struct Base {{ virtual unsigned act(unsigned s) const = 0; virtual ~Base() = default; }};
struct Deed : Base {{ unsigned act(unsigned s) const override; }};
APART unsigned Deed::act(unsigned s) const {{ BURN(40); return s; }}
template <int N> unsigned made(unsigned s) {{ BURN(N); return s; }}
APART std::function<unsigned(unsigned)> closure() {{ return [](unsigned s) {{ BURN(30); return s; }}; }}
unsigned never(unsigned s) {{ BURN(1); return s; }}
int main(int argc, char **argv)
{{
    unsigned s = 1;
    Deed deed;
    const Base &base = deed;
    std::function<unsigned(unsigned)> later = closure();
    for (int n = 0; n < 160000; n++) {{ s = base.act(s); s = made<10>(s); s = made<20>(s); s = later(s); }}
    if (argc > 4) s = never(s);
    printf("%u\\n", s);
    return 0;
}}
"""
# name of the file, text, compiler, weight of each function; None: as many as a library happens to call
PROGRAMS = (
    (
        "c.c",
        C,
        "cc",
        {"called": 30, "inlined": 20, "jumps": 25, "last": 25, "back": None, "never": 0},
    ),
    ("cxx.cpp", CXX, "c++", {"Deed::act": 40, "made": 30, "closure": 30, "never": 0}),
)


def profiled(folder: Path, sandbox: Sandbox) -> tuple[StackAnalyzer, float]:
    """The program's profile and what it cost, in seconds."""
    perf = PerfSandbox(sandbox, RATE)
    begun = time.monotonic()
    result = perf.run(Command(("./prog",), folder, folder, limits=Limits(timeout_s=60)))
    if not result.ok:
        raise SystemExit(f"perf cannot record here: {result.stderr.decode(errors='replace')}")
    return StackAnalyzer(read_samples(perf.printed[0], RATE)), time.monotonic() - begun


def rows(folder: Path, profile: StackAnalyzer, weights: dict[str, int | None]) -> Iterator[str]:
    source = DependencyExtractor.for_codebase(folder).index
    ceilings = Ceilings(
        profile,
        source,
        lambda one: (folder / one.extent.path).read_bytes()[one.extent.start : one.extent.end].decode(),
    )
    backs = profile.share_where(lambda stack: "back" in stack)  # a library decides how often: taken as it is
    whole = sum(weight or 0 for name, weight in weights.items() if name != "last")  # last is part of jumps
    for name, weight in weights.items():
        found = ceilings.of((name,))
        true = backs if weight is None else weight / whole * (1 - backs)
        if found is None:
            yield f"  {name:12}{true:8.1%}  not found"
        else:
            low = "" if found.at_most >= true - 0.01 else "   TOO LOW"
            yield f"  {name:12}{true:8.1%}{found.share:10.1%}{found.at_most:10.1%}{low}"


def main() -> None:
    sandbox = choose(os.environ).sandbox
    for file, text, compiler, weights in PROGRAMS:
        for flags in (["-O2", "-g"], ["-O2"]):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name).resolve()
                folder.chmod(0o755)
                (folder / file).write_text(text)
                subprocess.run([compiler, *flags, "-o", "prog", file], cwd=folder, check=True)
                profile, cost = profiled(folder, sandbox)
                print(f"{file} {' '.join(flags)}: {profile.total:.0f} samples in {cost:.1f} s, {sandbox.tier}")
                print("  function    true share   sampled   ceiling")
                print("\n".join(rows(folder, profile, weights)))


if __name__ == "__main__":
    main()
