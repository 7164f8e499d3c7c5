"""What cannot work: one message that says what and how to mend it, the right exit code, nothing left behind."""

import shutil

import pytest

from tests.support.git_repos import fingerprint, git
from tests.support.projects import make_project, pesquared

BENCH = ("--bench", "./bench/bench")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def refused(project, code, *arguments, command=None, environ=None):
    """The message of a run that must end with ``code`` and leave neither runs nor changes behind."""
    before = fingerprint(project.root)
    done = pesquared(project, *arguments, command=command, environ=environ)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert fingerprint(project.root) == before
    runs = project.scratch / "state" / "runs"
    assert not runs.exists() or not any(runs.iterdir())
    return done.stderr


def test_no_git_repository(project):
    shutil.rmtree(project.root / ".git")
    assert "git init" in refused(project, 2, *BENCH)


def test_a_repository_without_commits(project):
    shutil.rmtree(project.root / ".git")
    git(project.root, "init", "-q")
    assert "commit" in refused(project, 2, *BENCH)


def test_no_benchmark_names_the_likely_ones(project):
    assert "--bench './bench/bench'" in refused(project, 2)


def test_stacks_that_are_not_there(project):
    message = refused(project, 2, *BENCH, command=(project.root, project.scratch / "nowhere"))
    assert "nowhere" in message


def test_a_folder_without_stacks(project):
    (project.stacks / "recorded.folded").unlink()
    assert ".folded" in refused(project, 2, *BENCH)


@pytest.mark.parametrize("content", [b"", b"nothing that counts\n", b"\x00\xff\xfe;;; \n", b"a;b NaN\n"])
def test_stacks_with_nothing_in_them(project, content):
    (project.stacks / "recorded.folded").write_bytes(content)
    assert "recorded.folded" in refused(project, 2, *BENCH)


def test_a_profile_of_something_else(project):
    (project.stacks / "recorded.folded").write_text("other;elsewhere 10\n")
    assert "elsewhere" in refused(project, 2, *BENCH)


def test_garbled_lines_are_counted_and_named_while_good_ones_remain(project):
    path = project.stacks / "recorded.folded"
    path.write_text("garbled\n" + path.read_text() + "a;b -3\n")
    done = pesquared(project, *BENCH)
    assert done.returncode == 3, done.stderr
    assert "2 lines of the profile" in done.stderr
    assert "recorded.folded:1:" in done.stderr


def test_a_build_that_fails(project):
    (project.root / "src" / "pairs.c").write_text("this is no C\n")
    message = refused(project, 4, *BENCH)
    assert "pairs.c" in message


def test_a_build_command_that_is_not_there(project):
    assert "no-such-make" in refused(project, 4, *BENCH, "--build", "no-such-make")


def test_a_missing_compiler(project):
    assert "no-such-cc" in refused(project, 4, *BENCH, "--build", "make CC=no-such-cc")


def test_tests_that_fail_on_the_baseline(project):
    assert "test" in refused(project, 4, *BENCH, "--test", "false")


def test_a_benchmark_that_fails_on_the_baseline(project):
    assert "exit code 1" in refused(project, 4, "--bench", "false")


def test_a_benchmark_that_is_not_there(project):
    assert "no-such-bench" in refused(project, 4, "--bench", "./no-such-bench")


def test_a_benchmark_that_is_too_short(project):
    assert "1 ms" in refused(project, 5, "--bench", "true", "--test", "make test")


def test_nothing_to_be_right_by(project):
    (project.root / "bench" / "bench.c").write_text(
        (project.root / "bench" / "bench.c")
        .read_text()
        .replace(
            'printf("%lu\\n", survey(data, SIZE));',
            "volatile unsigned long keep = survey(data, SIZE); (void)keep;",
        )
    )
    assert "--test" in refused(project, 4, *BENCH)


def test_an_ignored_file_that_the_build_needs_is_named(project):
    (project.root / ".gitignore").write_text("*.o\nbench/bench\ntests/check\nconfig.h\n")
    (project.root / "src" / "config.h").write_text("#define CONFIGURED 1\n")
    source = project.root / "src" / "pairs.c"
    source.write_text('#include "config.h"\n' + source.read_text())
    message = refused(project, 4, *BENCH)
    assert "src/config.h" in message
    assert "include" in message
    done = pesquared(project, *BENCH, environ={"PESQUARED_BUILD_INCLUDE": "src/config.h"})
    assert done.returncode == 3, done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--provider", "nobody"), "nobody"),
        (("--num-functions", "0"), "num_functions"),
        (("--metric", "fast"), "metric"),
        (("--verifier", "nothing"), "nothing"),
        (("--function", "no_such_function"), "no_such_function"),
        (("--model", "x"), "--provider"),
        (("--no-such-option",), "no-such-option"),
    ],
)
def test_options_that_cannot_be_used(project, arguments, expected):
    assert expected in refused(project, 2, *BENCH, *arguments)


def test_a_proposer_that_cannot_be_asked(project):
    message = refused(
        project, 7, *BENCH, "--provider", "command", "--model", "no-such-program", "--unsafe-no-sandbox"
    )
    assert "no-such-program" in message


def test_what_is_neither_a_command_nor_a_path_gets_a_suggestion(project):
    assert "trust" in refused(project, 2, command=("trsut", project.root))


def test_a_branch_in_the_way_of_ours(project):
    git(project.root, "branch", "pesq")
    assert "--branch-prefix" in refused(project, 2, *BENCH)


def test_prompts_are_shown_and_nobody_is_asked(project):
    (project.stacks / "other.folded").write_text("garbled\n")
    done = pesquared(project, "--show-prompts", "--provider", "command", "--model", "no-such-program")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("=== ") == 2
    assert "other.folded:1:" in done.stderr
    assert "=== equal_pairs (about " in done.stdout or " tokens) ===" in done.stdout
    assert "unsigned long found = 0;" in done.stdout
    assert "leaf of the chain" in done.stdout
