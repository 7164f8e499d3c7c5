"""What ``measure`` prints at its end."""

from dataclasses import replace

import pytest

from pesquared.core.measurement import Claim, Measurement, Side
from pesquared.core.verdict import Finding, Gain, Gate, Noise, Part, Verdict, Word
from pesquared.reporters.measurement import measurement_text

GAIN = Gain(0.2, 0.18, 0.22, 20, "cpu", 0.001)
BASE, CANDIDATE = "b" * 40, "c" * 40
FASTER = Verdict(
    Word.ACCEPTED, "faster", "20.0 % less CPU time", (Gate("build", True), Gate("output", True)), GAIN
)
ONE = Measurement(
    Side("main", BASE), Side("", CANDIDATE), FASTER, Noise(0.01, 30, "cpu"), 0.02, 0.001, "a machine", "bubblewrap"
)


def test_all_that_the_word_rests_on_is_there():
    assert measurement_text(ONE).splitlines() == [
        "faster: 20.0 % less CPU time",
        "",
        "  gain      20.0 % [18.0, 22.0] of cpu, 1.25×",
        "  pairs     20, decided at α = 0.001",
        "  noise     ±1.0 % over 30 pairs of the base against itself",
        "  passed    build, output",
        f"  base      main ({BASE[:12]})",
        f"  candidate the working tree ({CANDIDATE[:12]})",
        "  host      a machine",
        "  sandbox   bubblewrap",
    ]


def test_every_other_word_stays_what_it_is_and_the_failed_gate_is_shown():
    gates = (Gate("build", False, "a.c:3: error: no such thing\n\x1b[31mred"),)
    text = measurement_text(replace(ONE, verdict=Verdict(Word.BUILD_FAILED, "build", "the build failed", gates)))
    assert text.startswith("build-failed: the build failed\n")
    assert "  a.c:3: error: no such thing\n" in text
    assert "\x1b" not in text


def test_several_benchmarks_are_a_table():
    parts = (Part("parse", GAIN), Part("print", replace(GAIN, median=-0.1, low=-0.2, high=-0.01)))
    text = measurement_text(replace(ONE, verdict=replace(FASTER, parts=parts)))
    assert "parse        20.0 % [18.0, 22.0]" in text
    assert "−10.0 %" in text


def test_what_a_maintainer_would_check_is_told():
    findings = (Finding("size", "1.2 KiB more"), Finding("warnings", "a.c:3: unused", concern=True))
    text = measurement_text(replace(ONE, verdict=replace(FASTER, findings=findings)))
    assert "\nsize: 1.2 KiB more\nlook at warnings: a.c:3: unused" in text


@pytest.mark.parametrize(
    ("gain", "fits", "agrees", "said"),
    [
        (GAIN, True, True, "agrees with it"),
        (replace(GAIN, low=0.4, median=0.5, high=0.6), True, False, "does not agree with it"),
        (replace(GAIN, metric="wall"), True, None, "cannot be compared"),
        (GAIN, False, None, "which is not the base here"),
    ],
)
def test_a_claim_is_held_against_it(gain, fits, agrees, said):
    one = replace(ONE, claim=Claim(gain, "d" * 40), claim_fits=fits)
    assert one.agrees is agrees
    assert said in measurement_text(one)


def test_a_commit_named_by_its_id_is_not_named_twice():
    assert f"  base      {BASE[:12]}\n" in measurement_text(replace(ONE, base=Side("bbbbb", BASE)))
