"""Keys in the environment: at hand for us, out of sight of every helper that we start."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pesquared.cli.places import keys, withhold
from tests.support.projects import PROJECT_ROOT, make_project

SPY = """#!/bin/sh
tr '\\0' '\\n' < /proc/$$/environ | sed "s,^,{name} ," >> {seen}
exec {program} "$@"
"""


def test_secrets_are_taken_out_and_still_known():
    environ = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "a",
        "github_token": "b",
        "PESQUARED_X_KEY": "c",
        "GIT_CONFIG_KEY_0": "d",
    }
    whole = withhold(environ)
    assert environ.keys() == {"PATH", "PESQUARED_X_KEY", "GIT_CONFIG_KEY_0"}
    assert whole["github_token"] == "b"
    assert keys(whole)["OPENAI_API_KEY"] == "a"


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=3), max_size=5))
def test_nothing_is_lost(environ):
    left = dict(environ)
    assert withhold(left) == environ
    assert left.items() <= environ.items()


def test_no_helper_of_a_run_is_given_a_key(tmp_path):
    project, seen, programs = make_project(tmp_path), tmp_path / "seen", tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "env", "cp", "rm"):
        real = next(Path(folder, name) for folder in ("/usr/bin", "/bin") if Path(folder, name).exists())
        (programs / name).write_text(SPY.format(name=name, seen=seen, program=real))
        (programs / name).chmod(0o755)
    environ = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(project.scratch),
        "PESQUARED_STATE_DIR": str(tmp_path / "state"),
        "PESQUARED_LOCK_DIR": str(tmp_path),
        "OPENAI_API_KEY": "canary-one",
        "SOME_TOKEN": "canary-two",
    }
    command = (sys.executable, PROJECT_ROOT / "main.py", "measure", project.root, "HEAD", "--bench", "true")
    (project.root / "src" / "pairs.c").write_text("this does not compile")
    subprocess.run(command, env=environ, capture_output=True, check=False, cwd=tmp_path)
    text = seen.read_text()
    assert {"git", "env", "rm", "cp"} <= {line.split(" ")[0] for line in text.splitlines()}
    assert "canary" not in text
