"""Whatever a function is called, git accepts the branch's name."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pesquared.vcs.names import attempt_branch, best_branch, new_run_id, ref_safe, run_id
from tests.support.git_repos import git, make_repository

RUN = run_id(datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), "beef")


def test_a_run_is_named_by_its_time_and_chance() -> None:
    assert RUN == "20240506-070809-beef"
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", new_run_id())


@pytest.mark.parametrize(
    ("function", "safe"),
    [
        ("multiply", "multiply"),
        ("ns::Class::method", "ns.Class.method"),
        ("operator<<", "operator"),
        ("std::vector<int>::push_back", "std.vector-int-.push_back"),
        ("..", "function"),
        ("a.lock.lock", "a"),
        ("-x", "x"),
        ("größe", "gr-e"),
        ("", "function"),
        ("a/../b", "a-.-b"),
        ("x" * 300, "x" * 60),
    ],
)
def test_names_of_functions(function: str, safe: str) -> None:
    assert ref_safe(function) == safe


def test_branches_of_a_run() -> None:
    assert attempt_branch("pesq", RUN, 3, "a::b") == f"pesq/{RUN}/03-a.b"
    assert best_branch("pesq", RUN) == f"pesq/{RUN}/best"


@settings(max_examples=60, deadline=None)
@example("@{").via("reflog syntax")
@example("x" * 59 + ".lock").via("the cut must not bring an ending to light")
@given(st.text(max_size=90) | st.text(alphabet=".-/@{~^: lock\\*?[", max_size=20))
def test_git_takes_every_name(function: str) -> None:
    branch = attempt_branch("pesq", RUN, 1, function)
    assert (
        subprocess.run(
            ["git", "check-ref-format", "--branch", branch], capture_output=True, check=False
        ).returncode
        == 0
    )


@settings(max_examples=500)
@given(st.text(alphabet=".-/@{~^: lock\\x", max_size=90))
def test_names_hold_to_the_rules(function: str) -> None:
    safe = ref_safe(function)
    assert re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", safe)
    assert ".." not in safe
    assert not safe.endswith(".lock")


def test_a_name_can_be_made_a_branch(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r", {"a": "a"})
    name = attempt_branch("pesq", RUN, 1, "operator()::{lambda(int)#1}")
    git(repository, "branch", name)
    assert git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads/pesq") == name
