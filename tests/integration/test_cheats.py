"""Some of the cheats before the real judge in the real sandbox; ``benchmarks/cheats.py`` brings all of them."""

import os
from pathlib import Path

import pytest

from pesquared.core.settings import SandboxSettings
from pesquared.sandbox import choose
from tests.support.cheats.court import in_session
from tests.support.cheats.table import CHEATS

BY_NAME = {cheat.name: cheat for cheat in CHEATS}
OF_THE_PROCESS = {
    "sniffs a tree that cannot be written": ("wrong", "case"),
    "answers left in the tree": ("wrong", "tree-changed"),
    "goes on as a copy of itself that it may not read": ("quarantined", "wall"),
    "ends before the rest": ("wrong", "output"),
    "an alarm that ends it well": ("wrong", "exit-code"),
    "its own printing": ("quarantined", "interposes"),
    "a sanitizer's options": ("quarantined", "interposes"),
    "a table of the benchmark's answers": ("wrong", "case"),
}
OF_ITS_OWN_CLOCK = {
    "its own clock_gettime, by another name": ("quarantined", "interposes"),
    "its own clock_gettime, hidden": ("quarantined", "interposes"),
    "a clock by an edited header": ("quarantined", "interposes"),
    "the work done before the clock is started": ("quarantined", "clock"),
    "the clock's entry overwritten while it runs": ("quarantined", "clock"),
}
NOT_FASTER = (
    "answers left in a daemon",
    "answers left by the tests, in a file that they write",
    "answers left in /tmp",
    "time of a child that nobody waits for",
)


@pytest.fixture(scope="module")
def confined():
    if not choose(os.environ, SandboxSettings()).sandbox.confines:
        pytest.skip("no sandbox holds here")


@pytest.mark.usefixtures("confined")
def test_what_only_looks_faster_is_not_accepted():
    with in_session(itself=False, sanitizers=False) as court:
        for name, expected in OF_THE_PROCESS.items():
            verdict = court.verdict(BY_NAME[name].files)
            assert (name, verdict.word, verdict.reason_code) == (name, *expected)
        for name in NOT_FASTER:
            assert (name, court.verdict(BY_NAME[name].files).accepted) == (name, False)


@pytest.mark.usefixtures("confined")
def test_who_makes_the_clock_is_not_believed():
    with in_session(itself=True, sanitizers=False) as court:
        for name, expected in OF_ITS_OWN_CLOCK.items():
            verdict = court.verdict(BY_NAME[name].files)
            assert (name, verdict.word, verdict.reason_code) == (name, *expected)


def test_every_cheat_has_a_name_of_its_own_and_what_is_excused_is_explained():
    assert len(BY_NAME) == len(CHEATS) >= 40
    threats = (Path(__file__).parents[2] / "docs/explanation/threats.md").read_text()
    assert [cheat.name for cheat in CHEATS if cheat.excused and f"| {cheat.name} |" not in threats] == []
