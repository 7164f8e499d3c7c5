"""A state folder that is full or read-only, and a code base in an odd place: one message, or it simply works."""

import os
import subprocess
import sys

import pytest

from tests.support.git_repos import fingerprint
from tests.support.projects import PROJECT_ROOT, make_project, pesquared
from tests.unit.vcs.test_bad_places import NAMESPACE, mounts

as_root = pytest.mark.skipif(os.geteuid() != 0 or not mounts(), reason="needs a small disk, and a user for builds")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def on_a_disk(project, prepare):
    """A run whose state folder is a small disk of its own, after ``prepare``, a shell command there."""
    disk = project.scratch / "disk"
    disk.mkdir()
    script = f'mount -t tmpfs -o size=64k,nr_inodes=50 tmpfs "$1" && cd "$1" && {{ {prepare}; }}; cd / && shift && exec "$@"'
    before = fingerprint(project.root)
    done = subprocess.run(
        [
            *(*NAMESPACE, "sh", "-c", script, "sh", disk, sys.executable, PROJECT_ROOT / "main.py"),
            *(project.root, project.stacks, "--bench", "./bench/bench"),
        ],
        env={"PATH": os.environ["PATH"], "HOME": str(project.scratch), "PESQUARED_STATE_DIR": str(disk)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert fingerprint(project.root) == before
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done


@as_root
@pytest.mark.parametrize(
    ("prepare", "says", "remedy"),
    [
        ("head -c 99999 /dev/zero > ballast 2> /dev/null", "No space left on device", "make room"),
        ("n=0; while touch $n 2> /dev/null; do n=$((n+1)); done", "No space left on device", "make room"),
        ("true", "MiB free, and this run needs about", "free some space"),
        ("mount -o remount,ro .", "cannot be written", "PESQUARED_STATE_DIR"),
    ],
    ids=["full", "without inodes", "small", "read-only"],
)
def test_the_message_says_where_to_make_room(project, prepare, says, remedy):
    done = on_a_disk(project, prepare)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert remedy in done.stderr


def test_a_code_base_in_an_odd_place(project):
    odd = project.root.rename(project.root.with_name('it\'s "odd"\nhere \\ $x'))
    done = pesquared(project, "--bench", "./bench/bench", "--dry-run", command=(odd, project.stacks))
    assert done.returncode == 0, done.stderr
    assert "src/pairs.c:4" in done.stdout


@pytest.mark.parametrize(
    "content",
    [
        b'[bench]\n"\\u001b[31mcommand" = 1\n',
        b'["\\u001b]0;title\\u0007"]\na = 1\n',
        b'[bench]\ncompare = ["\\u001b[2J"]\n',
        b"[build]\ncommand = \x1b\n",
        b"[bench]\ncommand = " + b"[" * 100_000,
        b"a." * 100_000 + b"b = 1\n",
        b"[bench]\ncommand = 'x'\n" * 2,
        b"x" * (2 << 20),
        b"\xff\xfe",
        b"[bench]\ntimeout_s = nan\n",
        b"[search]\nattempts = 99999999999999999999999\n",
        b"[bench]\ncommand = 1979-05-27\n",
    ],
    ids=range(12),
)
def test_a_hostile_configuration_gets_one_plain_message(project, content):
    (project.root / "pesquared.toml").write_bytes(content)
    done = pesquared(project, "--bench", "./bench/bench", "--dry-run")
    assert done.returncode == 2, done.stderr
    assert "pesquared.toml" in done.stderr
    assert done.stderr.isprintable() or set(done.stderr) - {"\n"} == {c for c in done.stderr if c.isprintable()}
    assert len(done.stderr) < 5000
