"""The whole ladder in the main job: a rewrite that only a hidden case or a sanitizer tells from a right one."""

import json

import pytest

from tests.support.git_repos import git, write_files
from tests.support.projects import GOOD, make_project, pesquared

CASE_C = """\
#include <stdio.h>
#include "../src/pairs.h"
int main(void)
{
    unsigned char text[64];
    size_t n = fread(text, 1, sizeof text, stdin);
    printf("%lu\\n", equal_pairs(text, n));
    return 0;
}
"""
SETTINGS = """\
[check]
command = "./tests/case"
[[check.case]]
name = "nine letters"
stdin = "mississip"
hidden = true
"""
RULE = "tests/case: tests/case.o src/pairs.o\n\t$(CC) -o $@ $^\nall: tests/case\n"
WRONG_FOR_NINE = GOOD.replace("return found", "return found + (n == 9)")
BEYOND = GOOD.replace(
    "return found", "if (n > 1000) found += 0 * ((volatile const unsigned char *)data)[n + 1];\n    return found"
)


@pytest.fixture
def project(tmp_path):
    it = make_project(tmp_path)
    makefile = (it.root / "Makefile").read_text() + RULE
    write_files(it.root, {"pesquared.toml": SETTINGS, "tests/case.c": CASE_C, "Makefile": makefile})
    git(it.root, "add", "-A")
    git(it.root, "commit", "-q", "-m", "a case")
    return it


@pytest.mark.parametrize(
    ("code", "gate", "reason"),
    [
        (WRONG_FOR_NINE, "cases", "a hidden case differs: nine letters"),
        (BEYOND, "sanitizers", "the benchmark: AddressSanitizer: global-buffer-overflow"),
    ],
)
def test_what_tests_and_benchmark_do_not_see_is_found_and_mended(project, code, gate, reason):
    out = project.scratch / "result.json"
    done = pesquared(
        project,
        *("--provider", "command", "--model", project.answers(code, code + "/* again */\n")),
        *("--bench", "./bench/bench", "--test", "make test", "--json", str(out), "--function", "equal_pairs"),
        *("--correction-attempts", "1", "--unsafe-no-sandbox"),
        environ={"PESQUARED_CHECK_SANITIZERS": "true"},
    )
    assert done.returncode == 3, done.stderr
    (attempt,) = json.loads(out.read_text())["attempts"]
    assert attempt["verdict"] == "wrong"
    assert attempt["reason"].startswith(reason)
    assert [entry["name"] for entry in attempt["gates"] if not entry["passed"]] == [gate]
    prompt = (project.scratch / "prompt-repair-equal_pairs").read_text()
    assert reason in prompt
    assert "missis" not in prompt
