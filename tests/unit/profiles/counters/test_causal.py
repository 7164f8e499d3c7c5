"""coz's experiments, and what they say about the program as a whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.profiles.counters.causal import MIN_EXPERIMENTS, curves
from pesquared.profiles.counters.coz import CozReader, Experiment
from tests.support.profile_specimens import COZ, FOLDED
from tests.support.reading import reading


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("coz") / "profile.coz", CozReader())


def test_experiments_with_their_progress(read):
    experiments, said = read(COZ)
    assert said == []
    assert len(experiments) == 13
    assert experiments[1] == Experiment("parse.c:10", 0.2, 90000.0, {"round": 10.0})
    assert experiments[-1].selected == "IO"


def test_the_programs_speedup_by_line(read):
    ranked, thin = curves(read(COZ)[0])
    assert ranked.selected == "parse.c:10"
    assert [(point.speedup, round(point.program, 9), point.experiments) for point in ranked.points] == [
        (0.2, 0.1, 3),
        (0.4, 0.2, 3),
        (0.6, 0.3, 3),
    ]
    assert ranked.slope == pytest.approx(0.5)
    assert ranked.interval == pytest.approx((0.5, 0.5), abs=1e-6)
    assert ranked.experiments == 12
    assert (thin.selected, thin.points, thin.slope, thin.interval) == ("IO", (), None, None)


@pytest.mark.parametrize(
    "line",
    [
        b"experiment\tselected=\tspeedup=0.5\tduration=10",
        b"experiment\tselected=a.c:1\tspeedup=1.5\tduration=10",
        b"experiment\tselected=a.c:1\tspeedup=-0.5\tduration=10",
        b"experiment\tselected=a.c:1\tspeedup=nan\tduration=10",
        b"experiment\tselected=a.c:1\tspeedup=0.5\tduration=0",
        b"experiment\tselected=/usr/include/coz.h:10\tspeedup=0.5\tduration=10",
        b"nonsense",
        b"{" * 5000,
    ],
)
def test_what_is_not_used_is_said(read, line):
    experiments, said = read(line + b"\nthroughput-point\tname=x\tdelta=9\n" + COZ)
    assert len(experiments) == 13
    assert "not used" in said[0]


def test_json_lines_say_the_same(read):
    line = (
        b'{"type":"experiment","selected":"a.c:1","speedup":0.5,"duration":900,"selected_samples":3}\n'
        b'{"type":"throughput-point","name":"x","delta":7}\n'
    )
    assert read(line) == ([Experiment("a.c:1", 0.5, 900.0, {"x": 7.0})], [])


def test_older_files_call_points_progress_points(read):
    assert read(COZ.replace(b"throughput-point", b"progress-point"))[0] == read(COZ)[0]


def test_it_is_known_by_its_lines():
    assert CozReader().recognises(COZ)
    assert not CozReader().recognises(FOLDED)


def runs(slope, experiments, speedups=(0.0, 0.25, 0.5, 0.75), selected="a.c:1", progress=10.0):
    return [
        Experiment(selected, speedup, 1e6 * (1 - slope * speedup), {"x": progress})
        for speedup in speedups
        for _ in range(experiments)
    ]


@settings(max_examples=60, deadline=None)
@given(st.floats(-0.9, 0.99), st.integers(3, 9))
def test_a_slope_is_found_again(slope, experiments):
    (curve,) = curves(runs(slope, experiments))
    assert curve.slope == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize(
    "experiments",
    [
        runs(0.5, 2),  # fewer than it takes
        runs(0.5, 9, speedups=(0.0, 0.5)),  # one point is no line
        runs(0.5, 9, speedups=(0.25, 0.5, 0.75)),  # nothing to compare with
        runs(0.5, 3, progress=1.0),  # hardly any progress
    ],
)
def test_thin_data_is_not_ranked(experiments):
    (thin,) = curves(experiments)
    assert thin.slope is None
    assert thin.interval is None
    assert next(curve.selected for curve in curves([*experiments, *runs(-0.5, 5, selected="b.c:2")])) == "b.c:2"


def test_scatter_widens_the_interval():
    noisy = [*runs(0.2, MIN_EXPERIMENTS), *runs(0.8, MIN_EXPERIMENTS, speedups=(0.0, 0.3, 0.6, 0.9))]
    (curve,) = curves(noisy)
    assert curve.interval is not None
    low, high = curve.interval
    assert high - low > 0.05
