"""Reads speedscope's JSON, sampled and evented: what py-spy, pyinstrument and many others write.

Format: file-format-spec.json of github.com/jlfwong/speedscope. A file holds several profiles, one a thread or so;
their frames are numbers in a common list. Sampled profiles list stacks, root first; evented ones tell when a frame
is opened and closed, and the time until the next event belongs to the frames that are open.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from pesquared.core.profile import UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.lines import to_text
from pesquared.profiles.problems import Problems

_MOST_WEIGHT = 2.0**64
_PYTHON = (".py", ".pyx")


class _Frame(msgspec.Struct, gc=False):
    name: str
    file: str | None = None
    line: float | None = None


class _Shared(msgspec.Struct):
    frames: list[_Frame]


class _Event(msgspec.Struct, gc=False):
    type: Literal["O", "C"]
    frame: int
    at: float


class _Sampled(msgspec.Struct, tag="sampled"):
    samples: list[list[int]]
    weights: list[float]
    unit: str = "none"
    name: str = ""


class _Evented(msgspec.Struct, tag="evented"):
    events: list[_Event]
    unit: str = "none"
    name: str = ""


class _File(msgspec.Struct):
    shared: _Shared
    profiles: list[_Sampled | _Evented]


class SpeedscopeReader:
    """The reader of the format. The file is held as a whole, up to ``contents.MAX_WHOLE``."""

    name: str = "speedscope"

    def recognises(self, head: bytes) -> bool:
        """A JSON object that names speedscope, or has one of the format's two parts."""
        if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return False
        return b"speedscope" in head or (b'"shared"' in head and b'"frames"' in head) or b'"evented"' in head

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields the samples of all profiles; the origin tells a profile's name (as the thread) and unit."""
        with opened(path, diagnostics) as contents:
            problems = contents.problems
            try:
                file = msgspec.json.decode(contents.whole().removeprefix(b"\xef\xbb\xbf"), type=_File)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                problems.note(0, f"is no speedscope file: {to_text(str(error).encode())[:200]}")
                return
            names = [_name(frame) for frame in file.shared.frames]
            for profile in file.profiles:
                origin = Origin(tid=to_text(profile.name.encode()), event=to_text(profile.unit.encode()))
                if isinstance(profile, _Sampled):
                    yield from _sampled(profile, names, origin, problems)
                else:
                    yield from _evented(profile, names, origin, problems)


def _name(frame: _Frame) -> str:
    """Python's frames as py-spy spells them, so that one function has one name in all formats."""
    text = to_text(frame.name.encode()).strip() or UNKNOWN
    if frame.file and frame.file.endswith(_PYTHON) and not text.endswith(")"):
        return f"{text} ({to_text(frame.file.encode())})"
    return text


def _sampled(profile: _Sampled, names: list[str], origin: Origin, problems: Problems) -> Iterator[Sample]:
    if len(profile.weights) != len(profile.samples):
        problems.note(0, f"has {len(profile.samples)} stacks but {len(profile.weights)} weights")
    for number, (stack, weight) in enumerate(zip(profile.samples, profile.weights, strict=False), 1):
        if not stack or len(stack) > MAX_FRAMES or not 0 <= min(stack) <= max(stack) < len(names):
            problems.add(0, f"sample {number} has no stack, one that is too deep, or frames that are nowhere")
        elif not 0 <= weight <= _MOST_WEIGHT:
            problems.add(0, f"sample {number} weighs {weight:g}")
        else:
            yield Sample(tuple([names[frame] for frame in stack]), weight, origin)


def _evented(profile: _Evented, names: list[str], origin: Origin, problems: Problems) -> Iterator[Sample]:
    """Frames beyond ``MAX_FRAMES`` are opened and closed, but not shown."""
    numbers: list[int] = []
    frames: list[str] = []
    before = profile.events[0].at if profile.events else 0.0
    for count, event in enumerate(profile.events, 1):
        if not 0 <= event.frame < len(names):
            problems.add(0, f"event {count} has a frame that is nowhere")
            continue
        passed = event.at - before
        if frames and 0 < passed <= _MOST_WEIGHT:
            yield Sample(tuple(frames), passed, origin)
        elif passed < 0:
            problems.add(0, f"event {count} is earlier than the one before it")
        before = max(before, event.at)
        if event.type == "O":
            numbers.append(event.frame)
            if len(numbers) <= MAX_FRAMES:
                frames.append(names[event.frame])
        elif numbers and numbers[-1] == event.frame:
            numbers.pop()
            del frames[len(numbers) :]
        else:
            problems.add(0, f"event {count} closes a frame that is not the last one opened")
    if numbers:
        problems.note(0, f"ends with {len(numbers)} frames open")
