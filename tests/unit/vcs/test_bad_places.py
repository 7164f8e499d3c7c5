"""Where a repository or its disk is unusual: odd names, shallow, full, read-only, case folded."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pesquared.core.protocols import Slot
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.tree import same_but_for_case
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.vcs.writer import folds_case
from tests.support.campaign import campaign
from tests.support.git_repos import ENVIRON, commit_all, fingerprint, git, make_repository, write_files

ROOT = Path(__file__).parents[3]
ODD = [
    "with space",
    "quo\"tes' and \\ $HOME `id`",
    "new\nline",
    os.fsdecode(b"bytes-\xff\xfe"),
    "co:lon;semi,comma",
    "#hash*[x]?",
    "-dash",
    " ",
]


@pytest.mark.parametrize("name", ODD)
def test_any_folder_name_will_do(name: str, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / name, {"sub/e": "e\n", f"{name}/a": "a\n"})
    before = fingerprint(repository)
    campaign(repository, tmp_path / f"{name} state")
    assert fingerprint(repository) == before
    assert git(repository, "show", "pesq/run/best:sub/e") == "faster 1"
    opened = GitRepository.open(repository / name, environ=ENVIRON)
    assert opened.prefix == name
    with SlotWorkspaces(opened, tmp_path / "slots") as slots:
        slots.place(Slot.ORIGINAL, opened.snapshot().commit)
        slots.activate(Slot.ORIGINAL)
        assert (slots.codebase / "a").read_text() == "a\n"


def test_a_shallow_clone_is_enough(tmp_path: Path) -> None:
    origin = make_repository(tmp_path / "origin", {"sub/e": "e\n"})
    for number in range(3):
        write_files(origin, {"sub/e": f"{number}\n"})
        commit_all(origin)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", "shallow")
    shallow = tmp_path / "shallow"
    before = fingerprint(shallow)
    campaign(shallow, tmp_path / "state")
    assert fingerprint(shallow) == before
    git(shallow, "fsck", "--strict")


def test_objects_named_by_sha256(tmp_path: Path) -> None:
    repository = tmp_path / "r"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    write_files(repository, {"sub/e": "e\n"})
    commit_all(repository)
    campaign(repository, tmp_path / "state")
    assert git(repository, "notes", "--ref=pesquared", "show", "pesq/run/best") == "{}"
    git(repository, "fsck", "--strict")


def test_objects_borrowed_from_another_repository(tmp_path: Path) -> None:
    origin = make_repository(tmp_path / "origin", {"sub/e": "e\n"})
    git(tmp_path, "clone", "--quiet", "--shared", str(origin), "borrower")
    before = fingerprint(origin)
    campaign(tmp_path / "borrower", tmp_path / "state")
    git(tmp_path / "borrower", "fsck", "--strict")
    assert fingerprint(origin) == before


def test_names_that_one_file_system_in_two_would_not_tell_apart(tmp_path: Path) -> None:
    assert same_but_for_case(["a/b", "c", "a/B"]) == ("a/b", "a/B")
    assert same_but_for_case(["Dir/x", "dir/y"]) == ("Dir", "dir")
    assert same_but_for_case(["\u00e9", "e\u0301"]) == ("\u00e9", "e\u0301")
    assert same_but_for_case(["a", "a/b", "ab", "b/a"]) is None
    (tmp_path / "A").touch()
    assert folds_case(tmp_path) is (tmp_path / "a").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["A"]


FULL = """
import sys
from pathlib import Path
from pesquared.errors import PesquaredError
from pesquared.vcs.repository import GitRepository
disk, other = map(Path, sys.argv[1:])
with GitRepository.open(disk / "r", objects=other / "objects") as opened:
    base = opened.snapshot().commit
    commit = opened.commit_edits(base, (), "attempt")
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        pass
    for change in (lambda: opened.set_branch("pesq/run/01-f", commit), lambda: opened.add_note(commit, "note")):
        try:
            change()
        except PesquaredError as error:
            print(error.message)
            print(error.fix)
    ballast.unlink()
    opened.set_branch("pesq/run/01-f", commit)
    opened.add_note(commit, "note")
    print(opened.read(opened.revisions.commit_of("pesq/run/01-f"), "a"))
"""


def mounts() -> bool:
    """May this user mount a small disk, in a namespace of its own?"""
    command = [*NAMESPACE, "true"]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


NAMESPACE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


@pytest.mark.skipif(not mounts(), reason="no mount namespaces here")
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    make_repository(tmp_path / "r", {"a": "a\n"})
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "full.py").write_text(FULL)
    script = 'mount -t tmpfs -o size=1m tmpfs "$1" && cp -a "$2" "$1/r" && shift 2 && exec "$@"'
    done = subprocess.run(
        [
            *NAMESPACE,
            "sh",
            "-c",
            script,
            "sh",
            disk,
            tmp_path / "r",
            sys.executable,
            tmp_path / "full.py",
            disk,
            tmp_path,
        ],
        env={**ENVIRON, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *said, content = done.stdout.splitlines()
    assert content == repr(b"a\n")
    assert any("No space left on device" in line for line in said), said
    assert any("room on its disk" in line for line in said), said
