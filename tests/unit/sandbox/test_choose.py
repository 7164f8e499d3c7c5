"""The tier is chosen by what it withstands, and the reason is told."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pesquared.core.settings import SandboxSettings
from pesquared.errors import UsageError
from pesquared.sandbox.accounting_probe import counts_processor_time
from pesquared.sandbox.bubblewrap import Bubblewrap
from pesquared.sandbox.choose import choose
from pesquared.sandbox.escape import find_escapes
from pesquared.sandbox.landlock import Landlocked
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


ONLY_BUBBLEWRAP = SandboxSettings(tier="bubblewrap")


def test_without_bubblewrap_the_next_tier_is_taken_and_the_reason_given(landlock, tmp_path):
    choice = choose({"PATH": str(tmp_path), "HOME": str(tmp_path)})
    assert choice.sandbox.tier == landlock.tier
    assert choice.sandbox.confines
    assert "bubblewrap: it is not installed" in choice.why


def test_a_tier_that_was_asked_for_and_does_not_hold_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="not installed"):
        choose({"PATH": str(tmp_path), "HOME": str(tmp_path)}, ONLY_BUBBLEWRAP)


def test_the_tier_that_was_asked_for_is_taken_though_a_better_one_is_there(landlock):
    assert choose(os.environ, SandboxSettings(tier="landlock")).sandbox.tier == landlock.tier


@pytest.mark.parametrize(
    ("settings", "tier", "confines"),
    [
        (SandboxSettings(tier="none"), "none", False),
        (SandboxSettings(tier="already-isolated"), "already-isolated", True),
    ],
)
def test_tiers_that_confine_nothing_have_to_be_asked_for(settings, tier, confines):
    choice = choose(os.environ, settings)
    assert (choice.sandbox.tier, choice.sandbox.confines) == (tier, confines)


def test_a_machine_that_is_said_to_be_isolated_still_gets_the_best_tier_that_holds(bubblewrap):
    assert choose(os.environ, SandboxSettings(isolated=True)).sandbox.tier == bubblewrap.tier


def test_an_unknown_tier_is_no_setting():
    with pytest.raises(ValueError, match="bubblewrap"):
        SandboxSettings(tier="firejail")


def test_a_bubblewrap_that_fails_is_refused_with_its_words(tmp_path):
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv")
    with pytest.raises(UsageError, match="namespaces are switched off"):
        choose(_program(tmp_path, "echo 'namespaces are switched off' >&2; exit 1"), ONLY_BUBBLEWRAP)


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
    with pytest.raises(UsageError) as error:
        choose(_program(tmp_path, pretender), ONLY_BUBBLEWRAP)
    assert "it reads files outside its tree" in error.value.message
    assert "it writes outside its tree" in error.value.message


def test_the_probe_finds_every_way_out_of_the_tier_that_has_all(unconfined):
    findings = " ".join(find_escapes(unconfined, None))
    for finding in (
        "reads files outside",
        "environment of other",
        "reaches the network",
        "writes outside",
        "links files outside",
        "signals other processes",
        "read-only",
    ):
        assert finding in findings


def test_what_the_user_opens_on_purpose_is_no_reason_to_refuse_a_tier(bubblewrap):
    settings = SandboxSettings(write=("/var/tmp",), network=True, env=("PATH",))
    choice = choose(os.environ, settings)
    assert choice.sandbox.tier == bubblewrap.tier
    assert len(choice.widened) == 3


def test_our_own_environment_cannot_be_read_by_programs_of_the_same_user():
    """Where keys lie. Tried as an ordinary user, since root may read everything."""
    script = (
        "import ctypes, os, subprocess, sys; from pesquared.sandbox.secrecy import hide_ourselves\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)\n"  # as it is for a program that began as this user
        "read = ['/bin/sh', '-c', f'tr -d \\\\0 < /proc/{os.getpid()}/environ']\n"
        "before = subprocess.run(read, env={}, capture_output=True).stdout\n"
        "hide_ourselves()\n"
        "after = subprocess.run(read, env={}, capture_output=True).stdout\n"
        "print(b'canary' in before, b'canary' in after)\n"
    )
    environ = os.environ | {"SOME_API_KEY": "canary"}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


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
    sandbox = choose(os.environ).sandbox.inner
    assert isinstance(sandbox, Bubblewrap | Landlocked | Unconfined)
    assert (sandbox.accounting == "task-clock") == counts_processor_time(
        dataclasses.replace(sandbox, accounting="task-clock")
    )


def test_root_without_other_users_gets_an_answer():
    script = "import os; from pesquared.sandbox.choose import choose; print(choose(os.environ).why)"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run((unshare, "--map-root-user", "true"), check=False).returncode:
        pytest.skip("no user namespaces here")
    command = (unshare, "--map-root-user", sys.executable, "-c", script)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "bubblewrap: root needs another user" in done.stdout
