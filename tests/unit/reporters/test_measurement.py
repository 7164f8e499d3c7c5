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


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        (Word.NOT_FASTER, "not-faster", "20, a gain ruled out at β = 0.05"),
        (Word.SLOWER, "slower", "20, a gain ruled out at β = 0.05"),
        (Word.NOT_FASTER, "guard-wall", "20"),
        (Word.INCONCLUSIVE, "max-pairs", "20, which reached neither α = 0.001 nor β = 0.05"),
        (Word.INCONCLUSIVE, "not-repeated", "20, fresh ones, after others had reached α = 0.001"),
        (Word.INCONCLUSIVE, "tail", "20, fresh ones, after others had reached α = 0.001"),
        (Word.INCONCLUSIVE, "interrupted", "20"),
    ],
)
def test_a_level_is_named_where_it_decided_and_only_there(word, code, said):
    lines = measurement_text(replace(ONE, verdict=Verdict(word, code, "", (), GAIN))).splitlines()
    assert f"  pairs     {said}" in lines
    exact = replace(ONE, verdict=replace(FASTER, gain=replace(GAIN, pairs=1, alpha=0.0)))
    assert "  pairs     1" in measurement_text(exact).splitlines()


def test_a_noise_that_is_not_known_is_no_figure():
    text = measurement_text(replace(ONE, noise=Noise(None, 1, "cpu")))
    assert "  noise     not known (1 pair) of the base against itself" in text


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
