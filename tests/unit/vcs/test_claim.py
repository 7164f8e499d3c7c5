"""A commit's own word on its gain: read back as it was written, and nothing else is believed to be one."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.core.verdict import Gain, Verdict, Word
from pesquared.vcs.claim import gain_in_message, gain_in_note, is_attempt
from pesquared.vcs.message import compose
from pesquared.vcs.repository import GitRepository
from tests.support.git_repos import git, make_repository

GAIN = Gain(0.341, 0.32, 0.362, 20, "cpu", 0.0005)
gains = st.builds(
    lambda bounds, pairs, metric: Gain(bounds[1], bounds[0], bounds[2], pairs, metric, 0.001),
    st.lists(st.floats(-50, 0.99), min_size=3, max_size=3).map(sorted),
    st.integers(1, 100_000),
    st.sampled_from(["cpu", "wall", "throughput", "hit rate"]),
)


def message(gain, word=Word.ACCEPTED):
    verdict = Verdict(word, "faster", "", (), gain)
    return compose(run="r", function="f", file="a.c", rationale="why", provider="rules", model="", verdict=verdict)


@given(gains)
def test_a_trailer_is_read_back(gain):
    read = gain_in_message(message(gain))
    assert read is not None
    assert (read.pairs, read.metric) == (gain.pairs, gain.metric)
    for name in ("median", "low", "high"):
        assert getattr(read, name) == pytest.approx(getattr(gain, name), abs=0.00051)


@given(gains)
def test_a_note_is_read_back(gain):
    assert gain_in_note(json.dumps({"id": "r/1", "gain": asdict(gain)}).encode()) == gain


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_other_note_is_none(note):
    gain_in_note(note)
    gain_in_message(note.decode("utf-8", "replace"))


@pytest.mark.parametrize(
    "note",
    [
        b"", b"null", b"[]", b'{"gain": null}', b'{"gain": {"median": "x"}}', b"[" * 100_000,
        b'{"gain": {"median": NaN, "low": 0, "high": 0, "pairs": 1, "metric": "cpu", "alpha": 0}}',
        b'{"gain": {"median": 0, "low": 0, "high": Infinity, "pairs": 1, "metric": "cpu", "alpha": 0}}',
        b'{"gain": {"median": 0, "low": 0.5, "high": 0.6, "pairs": 1, "metric": "cpu", "alpha": 0}}',
        b'{"gain": {"median": 0, "low": -Infinity, "high": 0, "pairs": 1, "metric": "cpu", "alpha": 0}}',
        b'{"gain": {"median": 1e999, "low": 0, "high": 0, "pairs": 1e999, "metric": "cpu", "alpha": 0}}',
    ],
)  # fmt: skip
def test_what_is_no_gain_is_none(note):
    assert gain_in_note(note) is None


def test_a_gain_on_chosen_benchmarks_says_so_and_compares_with_no_other():
    verdict = Verdict(Word.ACCEPTED, "faster", "", (), GAIN, benchmarks=("a", "b"))
    text = compose(run="r", function="f", file="a.c", rationale="", provider="x", model="", verdict=verdict)
    read = gain_in_message(text)
    assert read is not None
    assert read.metric == "cpu of 2 benchmarks"
    noted = gain_in_note(json.dumps({"gain": asdict(GAIN), "benchmarks": ["a"]}).encode())
    assert noted is not None
    assert noted.metric == "cpu of 1 benchmark"


@pytest.mark.parametrize("benchmarks", [3, True, {"a": 1}, "ab"])
def test_benchmarks_that_are_no_list_are_no_claim(benchmarks):
    assert gain_in_note(json.dumps({"gain": asdict(GAIN), "benchmarks": benchmarks}).encode()) is None


def test_only_our_commits_are_attempts():
    assert is_attempt(message(GAIN))
    assert not is_attempt("perf: faster\n\nThis is not a PESquared-Run: at all\n")


def test_the_note_goes_before_the_trailer(tmp_path):
    root = make_repository(tmp_path / "code", {"a.c": "int a;\n"})
    repository = GitRepository.open(root)
    assert repository.revisions.claim_of(git(root, "rev-parse", "HEAD")) is None
    base = git(root, "rev-parse", "HEAD")
    git(root, "commit", "-q", "--allow-empty", "-m", message(GAIN))
    commit = git(root, "rev-parse", "HEAD")
    claim = repository.revisions.claim_of(commit)
    assert claim is not None
    assert (claim.gain.median, claim.over) == (0.341, base)
    repository.add_note(commit, json.dumps({"gain": asdict(Gain(0.2, 0.1, 0.3, 9, "wall", 0.1))}))
    noted = repository.revisions.claim_of(commit)
    assert noted is not None
    assert noted.gain.metric == "wall"
    repository.add_note(commit, "x" * (2 << 20))
    assert repository.revisions.claim_of(commit) == claim
