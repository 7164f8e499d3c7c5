"""A small C project with a slow function, and rewrites of it that are better, worse or wrong."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.git_repos import make_repository, write_files

PROJECT_ROOT = Path(__file__).resolve().parents[2]

PAIRS_C = """\
#include "pairs.h"

/* How many pairs of equal bytes are there? */
unsigned long equal_pairs(const unsigned char *data, size_t n)
{
    unsigned long found = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (data[i] == data[j])
                found++;
    return found;
}

unsigned long survey(const unsigned char *data, size_t n)
{
    return equal_pairs(data, n) + n;
}
"""
PAIRS_H = """\
#ifndef PAIRS_H
#define PAIRS_H
#include <stddef.h>
unsigned long equal_pairs(const unsigned char *data, size_t n);
unsigned long survey(const unsigned char *data, size_t n);
#endif
"""
BENCH_C = """\
#include <stdio.h>
#include "../src/pairs.h"
#define SIZE 11000
int main(void)
{
    static unsigned char data[SIZE];
    unsigned state = 1;
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (unsigned char)((state = state * 1103515245u + 12345u) >> 16);
    printf("%lu\\n", survey(data, SIZE));
    return 0;
}
"""
TEST_C = """\
#include "../src/pairs.h"
int main(void)
{
    return !(equal_pairs((const unsigned char *)"abcab", 5) == 2 && equal_pairs((const unsigned char *)"", 0) == 0);
}
"""
MAKEFILE = """\
CC ?= cc
CFLAGS = -O2 -g -std=c11
all: bench/bench tests/check
bench/bench: bench/bench.o src/pairs.o
\t$(CC) -o $@ $^
tests/check: tests/check.o src/pairs.o
\t$(CC) -o $@ $^
src/pairs.o bench/bench.o tests/check.o: src/pairs.h
test: all
\t./tests/check
"""
STACKS = "bench;main;survey;equal_pairs 990\nbench;main;survey 4\nbench;main 6\n"

SIGNATURE = "unsigned long equal_pairs(const unsigned char *data, size_t n)"
GOOD = f"""\
{SIGNATURE}
{{
    size_t counts[256] = {{0}};
    unsigned long found = 0;
    for (size_t i = 0; i < n; i++)
        found += counts[data[i]]++;
    return found;
}}
"""
SLOW = f"""\
{SIGNATURE}
{{
    unsigned long found = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (volatile int twice = 0; twice < 2; twice++)
                if (twice && i < j && data[i] == data[j])
                    found++;
    return found;
}}
"""
UNCHANGED = f"""\
{SIGNATURE}
{{
    unsigned long found = 0; /* nothing better comes to mind */
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (data[i] == data[j]) found++;
    return found;
}}
"""
WRONG = f"{SIGNATURE}\n{{\n    return n > 2 ? data[2] : 0;\n}}\n"
BROKEN = f"{SIGNATURE}\n{{\n    size_t counts[256] = {{0}};\n    return no_such_thing(counts, data, n);\n}}\n"


@dataclass(frozen=True)
class Project:
    """A git repository with stacks beside it."""

    root: Path
    stacks: Path
    scratch: Path

    def answers(self, optimize: str, repair: str = "") -> str:
        """A command that gives these pieces of code as Markdown, by stage; what it saw is kept in ``seen``."""
        for stage, code in (("optimize", optimize), ("repair", repair or optimize)):
            text = f"This should be faster.\n\n```c\n{code}```\n"
            (self.scratch / f"{stage}.md").write_text(text)
        script = self.scratch / "answer.sh"
        script.write_text(
            f"dir={self.scratch}\n"
            'echo "$PESQ_TARGET $PESQ_STAGE $PESQ_ATTEMPT" >> "$dir/seen"\n'
            'cat > "$dir/prompt-$PESQ_STAGE-$PESQ_TARGET"\n'
            'if [ "$PESQ_TARGET" = equal_pairs ]; then cat "$dir/$PESQ_STAGE.md"; else echo "Nothing to do."; fi\n'
        )
        return f"sh {script}"

    @property
    def seen(self) -> list[str]:
        path = self.scratch / "seen"
        return path.read_text().splitlines() if path.exists() else []


def make_project(folder: Path) -> Project:
    """The project as a git repository with one commit."""
    root, scratch = folder / "code", folder / "scratch"
    files = {
        "src/pairs.c": PAIRS_C,
        "src/pairs.h": PAIRS_H,
        "bench/bench.c": BENCH_C,
        "tests/check.c": TEST_C,
        "Makefile": MAKEFILE,
        ".gitignore": "*.o\nbench/bench\ntests/check\n",
    }
    make_repository(root, files)
    scratch.mkdir()
    write_files(folder, {"stacks/recorded.folded": STACKS})
    return Project(root, folder / "stacks", scratch)


def pesquared(project, *arguments, environ=None, command=None):
    """Runs ``python main.py`` on the project, with the state folder in the project's scratch.

    Without sanitizers, which double all building: ``environ`` can say otherwise.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(project.scratch),
        "PESQUARED_STATE_DIR": str(project.scratch / "state"),
        "PESQUARED_LOCK_DIR": str(project.scratch),  # other runs on this machine are no matter of the test
        "PESQUARED_CHECK_SANITIZERS": "false",
        **(environ or {}),
    }
    return subprocess.run(
        [sys.executable, PROJECT_ROOT / "main.py", *(command or (project.root, project.stacks)), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=project.scratch,
    )
