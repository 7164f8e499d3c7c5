"""Memory and disk are limited for a command's whole tree, and only by what is truly its own."""

import os
from pathlib import Path

import pytest

from pesquared.core.running import Limits
from pesquared.sandbox.quotas import Quotas

MIB = 1 << 20


def test_a_tree_that_takes_too_much_memory_is_stopped_as_a_whole(run, hostile):
    result = run(hostile, "hog", "200", limits=Limits(timeout_s=60, memory=100 * MIB))
    assert result.stopped == "memory"
    assert result.usage.resident_bytes > 100 * MIB


def test_memory_that_is_shared_counts_once(run, hostile):
    result = run(hostile, "share", "50", limits=Limits(timeout_s=60, memory=150 * MIB))
    assert (result.stopped, result.stdout) == ("", b"shared\n")
    assert result.usage.resident_bytes > 150 * MIB


def test_without_a_limit_nothing_is_looked_at(run, hostile):
    result = run(hostile, "share", "20")
    assert (result.stopped, result.usage.resident_bytes) == ("", None)


@pytest.mark.parametrize(
    "script", ["exec cat /dev/zero > big", "i=0; while :; do i=$((i+1)); head -c 1M /dev/zero > $i; done"]
)
def test_a_tree_that_grows_too_much_is_stopped(run, script):
    limits = Limits(timeout_s=60, disk=40 * MIB, file_size=20 << 30)
    assert run("sh", "-c", script, limits=limits, writable=True).stopped == "disk"


def test_writing_less_than_the_limit_is_no_growth(run):
    limits = Limits(timeout_s=60, disk=40 * MIB)
    result = run("sh", "-c", "head -c 20M /dev/zero > big; sleep 0.2", limits=limits, writable=True)
    assert result.ok


def test_what_others_write_is_not_held_against_a_command(tmp_path: Path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    quotas = Quotas(Limits(disk=8 * MIB), (ours,), frozenset)
    theirs.write_bytes(os.urandom(32 * MIB))
    os.sync()
    assert quotas.look() == ""
    (ours / "big").write_bytes(os.urandom(32 * MIB))
    os.sync()
    assert quotas.look() == "disk"


def test_links_and_what_was_there_before_do_not_count(tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "around").symlink_to("/")
    (folder / "again").symlink_to(".")
    quotas = Quotas(Limits(disk=1), (folder,), frozenset)
    assert quotas.look() == ""


def test_a_process_that_has_ended_takes_nothing():
    quotas = Quotas(Limits(memory=1), (), lambda: (1 << 22,))
    assert (quotas.look(), quotas.resident_bytes) == ("", 0)
