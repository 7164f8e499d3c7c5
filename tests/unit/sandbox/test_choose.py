"""The tier is chosen by what it withstands, and the reason is told."""

import dataclasses
import os
import shutil
from pathlib import Path

import pytest

from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.choose import choose, counts_processor_time
from pesquared.sandbox.escape import find_escapes
from pesquared.sandbox.none import Unconfined


def _program(folder: Path, text: str) -> dict[str, str]:
    """An environment in which bwrap is this script."""
    (folder / "bwrap").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "bwrap").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}


def test_bubblewrap_is_taken_where_it_holds(bubblewrap):
    assert bubblewrap.tier == "bubblewrap"
    assert bubblewrap.confines
    assert bubblewrap.read_only_trees
    assert (bubblewrap.owner is None) == (os.geteuid() != 0)
    assert find_escapes(bubblewrap, bubblewrap.owner) == ()


def test_without_bubblewrap_the_reason_is_given(tmp_path):
    choice = choose({"PATH": str(tmp_path), "HOME": str(tmp_path)})
    assert choice.sandbox.tier == "none"
    assert "not installed" in choice.why


def test_a_bubblewrap_that_fails_is_refused_with_its_words(tmp_path):
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv")
    choice = choose(_program(tmp_path, "echo 'namespaces are switched off' >&2; exit 1"))
    assert choice.sandbox.tier == "none"
    assert "namespaces are switched off" in choice.why


def test_one_that_only_pretends_is_found_out(tmp_path):
    """It runs the program just so, which is what a broken sandbox amounts to."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv")
    # 1: status descriptor, found behind its option; then everything behind the first "--" is run unconfined.
    pretender = """
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    [ "$1" = --json-status-fd ] && status=$2
    shift
done
[ -n "$status" ] && echo '{ "exit-code": 0 }' > "/proc/self/fd/$status"
shift
exec "$@"
"""
    choice = choose(_program(tmp_path, pretender))
    assert choice.sandbox.tier == "none"
    assert "it shares the network" in choice.why
    assert "it reads files outside its tree" in choice.why
    assert "it writes outside its tree" in choice.why


def test_the_probe_finds_every_way_out_of_the_tier_that_has_all(unconfined):
    findings = " ".join(find_escapes(unconfined, None))
    for finding in (
        "reads files outside",
        "environment of other",
        "shares the network",
        "writes outside",
        "read-only",
    ):
        assert finding in findings


def test_accounting_that_is_off_is_not_trusted(unconfined):
    assert not counts_processor_time(dataclasses.replace(unconfined, accounting="wall"))


def test_accounting_that_sees_nothing_is_not_trusted(tmp_path):
    """A launcher that lets somebody else run the program: what that one uses is not seen by the event."""

    class Elsewhere(Unconfined):
        __slots__ = ()

        def run(self, command):
            result = Unconfined.run(self, command)
            return dataclasses.replace(result, usage=dataclasses.replace(result.usage, cpu_s=0.0001))

    assert not counts_processor_time(Elsewhere())


def test_the_choice_has_an_accounting_that_was_tried():
    sandbox = choose(os.environ).sandbox
    assert isinstance(sandbox, Bubblewrap | Unconfined)
    assert (sandbox.accounting == "task-clock") == counts_processor_time(
        dataclasses.replace(sandbox, accounting="task-clock")
    )
