"""speedscope: sampled and evented profiles, and JSON that is neither."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.readers.speedscope import SpeedscopeReader
from tests.support.profile_specimens import SPEEDSCOPE
from tests.support.reading import reading, weighed


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    return reading(tmp_path_factory.mktemp("speedscope") / "x.json", SpeedscopeReader())


def document(*profiles, frames=("a", "b", "c")):
    return json.dumps({"shared": {"frames": [{"name": name} for name in frames]}, "profiles": profiles}).encode()


def evented(*events):
    listed = [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events]
    return document({"type": "evented", "events": listed, "unit": "none", "name": ""})


def sampled(stacks, weights):
    return document({"type": "sampled", "samples": stacks, "weights": weights})


def test_both_kinds(read):
    samples, said = read(SPEEDSCOPE)
    assert said == []
    assert weighed(samples) == [
        (("main", "work (/src/w.py)", "leaf"), 4), (("main", "work (/src/w.py)"), 2.5), (("main",), 1),
        (("main",), 2), (("main", "leaf"), 3), (("main",), 1),
    ]  # fmt: skip
    assert [(sample.origin.tid, sample.origin.event) for sample in samples[2:4]] == [
        ("T1", "seconds"),
        ("T2", "seconds"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (sampled([[0, 9]], [1]), "frames that are nowhere"),
        (sampled([[-1]], [1]), "frames that are nowhere"),
        (sampled([[]], [1]), "has no stack"),
        (sampled([[0] * (MAX_FRAMES + 1)], [1]), "too deep"),
        (sampled([[0]], [-1]), "weighs -1"),
        (sampled([[0], [1]], [1]), "2 stacks but 1 weights"),
        (evented(("O", 9, 0)), "nowhere"),
        (evented(("O", 0, 0), ("C", 1, 1)), "not the last one opened"),
        (evented(("C", 1, 1)), "not the last one opened"),
        (evented(("O", 0, 5), ("C", 0, 1)), "earlier"),
        (evented(("O", 0, 5)), "1 frames open"),
        (b'{"shared": 1, "profiles": []}', "is no speedscope file"),
        (b'{"shared":' * 100_000, "is no speedscope file"),
        (sampled([[0]], [1]).replace(b"[1]", b"[NaN]"), "is no speedscope file"),
        (sampled([[0]], [1]).replace(b"[1]", b"[1e999]"), "is no speedscope file"),
        (sampled([[0]], [1]).replace(b'"a"', b'"\xff"'), "is no speedscope file"),
        (b"", "is no speedscope file"),
    ],
)
def test_what_cannot_be_used_is_said(read, content, said):
    assert any(said in text for text in read(content)[1])


def test_frames_beyond_the_deepest_are_not_shown(read):
    samples, _ = read(evented(*(("O", 0, n) for n in range(MAX_FRAMES + 10))))
    assert max(len(sample.frames) for sample in samples) == MAX_FRAMES


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=5), st.integers(0, 10**9))))
def test_sampled_stacks_are_read_back(read, stacks):
    samples, said = read(sampled([stack for stack, _ in stacks], [weight for _, weight in stacks]))
    assert weighed(samples) == [(tuple("abc"[frame] for frame in stack), weight) for stack, weight in stacks]
    assert said == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), max_size=40))
def test_the_time_of_evented_profiles_is_all_there(read, opens):
    depth, events = 0, []
    for opening in opens:
        if opening or depth:
            depth += 1 if opening else -1
            events.append(("O" if opening else "C", 0, len(events)))
    events += [("C", 0, len(events) + n) for n in range(depth)]
    samples, said = read(evented(*events))
    assert said == []
    idle = sum(1 for n in range(1, len(events)) if sum(1 if kind == "O" else -1 for kind, _, _ in events[:n]) == 0)
    assert sum(sample.weight for sample in samples) == max(len(events) - 1, 0) - idle
