"""Tells the stacks of several benchmarks apart: whose is a stack of the program that runs them all?

A stack belongs to the benchmark whose function stands nearest to its root. What stands above that is the harness,
and is cut off: no doubt about a harness without debug information is one about the benchmark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from pesquared.core.profile import UNKNOWN, UNSEEN, Sample
from pesquared.core.protocols import BenchmarkProfiles
from pesquared.profiles import StackAnalyzer, clean

_ANONYMOUS = "(anonymous namespace)::"
_LONGEST = 4000  # characters of a frame: scopes are peeled off one by one
_BLANK = re.compile(r"\s+")
Stack = tuple[str, ...]
Frames = Mapping[str, Sequence[str]]  # by benchmark: the functions that it may run in


def told_apart(samples: Iterable[Sample], frames: Frames) -> BenchmarkProfiles:
    """The profile of each benchmark; None for those of which there is no sample. Time never sampled is left out.

    Of several functions that a benchmark may run in, the first is taken that the samples show.
    """
    stacks, outside = _apart(samples, frames)
    profiles = {function: StackAnalyzer(own) for function, own in stacks.items()}
    each = {
        name: next((profiles[bare] for frame in listed if (bare := _bare(frame)) in profiles), None)
        for name, listed in frames.items()
    }
    return BenchmarkProfiles(each, StackAnalyzer(one for one in outside if UNSEEN not in one.frames))


def below_harness(samples: Iterable[Sample], frames: Frames) -> Iterator[Sample]:
    """All samples, without what stands above benchmarks."""
    stacks, outside = _apart(samples, frames)
    yield from chain(outside, *stacks.values())


def _apart(samples: Iterable[Sample], frames: Frames) -> tuple[dict[str, list[Sample]], list[Sample]]:
    """The samples by the function of the benchmark that they belong to, and the others."""
    wanted = {_bare(frame) for listed in frames.values() for frame in listed}
    known: dict[str, str] = {}  # text of a frame → the function wanted, "" for others
    stacks: dict[str, list[Sample]] = {}
    harness: set[Stack] = set()  # all that stands above benchmarks, and each beginning of it
    others: list[Sample] = []
    for sample in samples:
        for frame in sample.frames:
            if frame not in known:
                known[frame] = _wanted_by(frame, wanted)
        depth = next((depth for depth, frame in enumerate(sample.frames) if known[frame]), None)
        if depth is None:
            others.append(sample)
            continue
        stacks.setdefault(known[sample.frames[depth]], []).append(_below(sample, depth))
        while depth and sample.frames[:depth] not in harness:
            harness.add(sample.frames[:depth])
            depth -= 1
    return stacks, [_without(harness, sample) for sample in others]


def _without(harness: set[Stack], sample: Sample) -> Sample:
    """Where the stack was cut above the harness, all of it down to the last frame of the harness is taken off.

    What the harness does by itself, and benchmarks that go by no name, are open in nothing that stands above.
    """
    if UNKNOWN not in sample.frames:
        return sample
    for depth in range(len(sample.frames) - 1, 0, -1):
        if sample.frames[depth - 1] != UNKNOWN and sample.frames[:depth] in harness:
            return _below(sample, depth - 1)
    return sample


def _below(sample: Sample, depth: int) -> Sample:
    return Sample(sample.frames[depth:], sample.weight)


def _wanted_by(frame: str, wanted: set[str]) -> str:
    """The wanted function that a frame shows, "" if it shows none: with template arguments if they are wanted."""
    if len(frame) > _LONGEST:
        return ""
    for text in (_bare(_head(frame)), clean(frame).name):
        scopes = text
        while scopes:
            if scopes in wanted:
                return scopes
            scopes = _inner(scopes)
    return ""


def _bare(text: str) -> str:
    """Without blanks, which demanglers set differently."""
    return _BLANK.sub("", text)


def _head(frame: str) -> str:
    """A demangled function without return type, unnamed namespaces and parameters, with template arguments."""
    text = frame.replace(_ANONYMOUS, "")
    depth, begin = 0, 0
    for place, char in enumerate(text):
        if char == "(" and depth == 0:
            return text[begin:place]
        depth += (char == "<") - (char == ">")
        if char == " " and depth == 0:
            begin = place + 1
    return text[begin:]


def _inner(name: str) -> str:
    """``a<b::c>::d`` → ``d``: without the outermost scope; "" if there is none."""
    depth = 0
    for place, char in enumerate(name):
        depth += (char == "<") - (char == ">")
        if depth == 0 and name.startswith("::", place):
            return name[place + 2 :]
    return ""
