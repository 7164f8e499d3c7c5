"""Reads pprof's ``profile.proto``, packed by gzip or not: what Go, gperftools and many samplers write.

Format: proto/profile.proto of github.com/google/pprof. It is read with a reader of its own, ``wire``: the protobuf
runtime would bind generated code to one of its versions, and would build all of a hostile file in memory first.
A location holds a function and, before it, those inlined there; both are listed leaf first.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from pesquared.core.profile import UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.lines import to_text
from pesquared.profiles.problems import Problems
from pesquared.profiles.readers.wire import WireError, fields, numbers, signed

_MOST_INLINED = 64  # functions of one location
_MOST_COLUMNS = 8
_LONGEST_NAME = 1 << 16

# Field numbers of the messages.
_SAMPLE_TYPE, _SAMPLE, _MAPPING, _LOCATION, _FUNCTION, _STRING, _DEFAULT_TYPE = 1, 2, 3, 4, 5, 6, 14
_SAMPLES = frozenset((_SAMPLE,))
_TABLES = frozenset(range(1, 16)) - _SAMPLES
_MOST_BROKEN = 10_000  # samples; a file that holds so many is no profile any more
_REMEMBERED = 1 << 18  # frames of stacks
_FIRST_BYTES = frozenset(b"\x0a\x12\x1a\x22\x2a\x32\x38\x40\x48\x50\x5a\x60\x6a\x70")


@dataclass(slots=True)
class _Tables:
    """All but the samples. Numbers refer to each other, and may refer to nothing."""

    strings: list[str] = field(default_factory=list)
    types: list[int] = field(default_factory=list)  # names of the kinds of weight
    default_type: int = 0
    mappings: dict[int, int] = field(default_factory=dict)  # → file name
    functions: dict[int, tuple[int, int]] = field(default_factory=dict)  # → name, mangled name
    locations: dict[int, tuple[int, tuple[int, ...]]] = field(default_factory=dict)  # → mapping, functions

    def columns(self) -> list[tuple[int, Origin]]:
        """Where each kind of weight stands in a sample. The default comes first; if none is named, the last."""
        names = [self.string(index) for index in self.types] or [""]
        wanted = self.string(self.default_type)
        first = names.index(wanted) if wanted in names else len(names) - 1
        order = [first, *(column for column in range(len(names)) if column != first)]
        return [(column, Origin(event=names[column])) for column in order[:_MOST_COLUMNS]]

    def string(self, index: int) -> str:
        return self.strings[index] if index < len(self.strings) else ""

    def frames(self, location: int) -> tuple[str, ...]:
        """What stands at a location, leaf first."""
        mapping, functions = self.locations.get(location, (0, ()))
        names = tuple(self._function(number) for number in functions)
        if names:
            return (*(f"{name}_[i]" if name != UNKNOWN else name for name in names[:-1]), names[-1])
        module = self.string(self.mappings.get(mapping, 0)).rsplit("/", 1)[-1].strip("[]")
        return (f"[{module}]" if module else UNKNOWN,)

    def _function(self, number: int) -> str:
        """The mangled name where there is one: it tells overloads apart."""
        shown, system = (self.string(index) for index in self.functions.get(number, (0, 0)))
        return (system if system.startswith(("_Z", "_R")) else shown or system) or UNKNOWN


class PprofReader:
    """The reader of the format."""

    name: str = "pprof"

    def recognises(self, head: bytes) -> bool:
        """A message whose first field is one of a profile, and which is no text."""
        if b"\0" not in head or head[0] not in _FIRST_BYTES:
            return False
        try:
            return next(fields(head), (_DEFAULT_TYPE + 1, b""))[0] <= _DEFAULT_TYPE
        except WireError:
            return False

    def read(self, path: Path, diagnostics: list[Diagnostic]) -> Iterator[Sample]:
        """Yields a sample for each record and each kind of weight, the file's default kind first."""
        with opened(path, diagnostics) as contents:
            data, problems = contents.whole(), contents.problems
            tables = _Tables()
            try:
                for number, value in fields(data, _SAMPLES):
                    _add(tables, number, value)
            except WireError as error:
                problems.note(0, f"is damaged or cut off: {error}")
            yield from _samples(data, tables, problems)


def _samples(data: bytes, tables: _Tables, problems: Problems) -> Iterator[Sample]:
    columns = tables.columns()
    first = columns[0][0]
    stacks = _Stacks(tables)
    broken = 0
    for count, record in enumerate(_records(data), 1):
        try:
            frames, weights = _record(record, stacks)
        except WireError as error:
            wrong = f"is damaged: {error}"
        else:
            wrong = _fault(frames, weights)
        if wrong:
            problems.add(0, f"sample {count} {wrong}")
            broken += 1
            if broken == _MOST_BROKEN:
                problems.note(0, f"{broken} samples cannot be used; the rest is left out")
                return
            continue
        for column, origin in columns:
            if column < len(weights) and (weights[column] or column == first):
                yield Sample(frames, float(weights[column]), origin)


def _fault(frames: tuple[str, ...], weights: list[int]) -> str:
    if not frames:
        return "has no stack"
    if not weights:
        return "has no weight"
    return "has a negative weight" if min(weights) < 0 else ""


def _records(data: bytes) -> Iterator[bytes]:
    """The samples' bytes, up to where the file is damaged, which has been said by then."""
    with suppress(WireError):
        yield from (value for _, value in fields(data, _TABLES) if isinstance(value, bytes))


def _record(record: bytes, stacks: "_Stacks") -> tuple[tuple[str, ...], list[int]]:
    """Frames, root first, and weights, one of each kind."""
    locations: list[int | bytes] = []
    weights: list[int] = []
    for number, value in fields(record):
        if number == 1:
            locations.append(value)
        elif number == 2:
            weights += map(signed, numbers(value))
    return stacks.of(tuple(locations)), weights


class _Stacks:
    """Frames by locations. Some stacks are remembered: samples that differ in their labels share them."""

    def __init__(self, tables: _Tables) -> None:
        self._tables = tables
        self._frames: dict[int, tuple[str, ...]] = {}
        self._known: dict[tuple[int | bytes, ...], tuple[str, ...]] = {}
        self._room = _REMEMBERED

    def of(self, locations: tuple[int | bytes, ...]) -> tuple[str, ...]:
        """Root first, at most ``MAX_FRAMES``, those nearest to the leaf.

        Args:
            locations: numbers, or several packed into bytes, leaf first.
        """
        known = self._known.get(locations)
        if known is None:
            known = self._made(chain.from_iterable(map(numbers, locations)))
            if self._room > 0:
                self._room -= len(known) + len(locations)
                self._known[locations] = known
        return known

    def _made(self, locations: Iterable[int]) -> tuple[str, ...]:
        frames: list[str] = []
        for location in islice(locations, MAX_FRAMES):
            known = self._frames.get(location)
            if known is None:
                known = self._frames[location] = self._tables.frames(location)
            frames += known
        del frames[MAX_FRAMES:]
        frames.reverse()
        return tuple(frames)


def _add(tables: _Tables, number: int, value: int | bytes) -> None:
    """Takes a field of the profile. A name that is too long to be one is cut."""
    if isinstance(value, int):
        if number == _DEFAULT_TYPE:
            tables.default_type = value
    elif number == _STRING:
        tables.strings.append(to_text(value[:_LONGEST_NAME]) if value else "")
    elif number == _LOCATION:
        _add_location(tables, value)
    elif number == _FUNCTION:
        parts = _numbers_of(value, 1, 2, 3)
        tables.functions[parts[1]] = (parts[2], parts[3])
    elif number == _MAPPING:
        parts = _numbers_of(value, 1, 5)
        tables.mappings[parts[1]] = parts[5]
    elif number == _SAMPLE_TYPE:
        tables.types.append(_numbers_of(value, 1)[1])


def _add_location(tables: _Tables, message: bytes) -> None:
    location = mapping = 0
    functions: list[int] = []
    for number, value in fields(message):
        if isinstance(value, int):
            if number == 1:
                location = value
            elif number == 2:
                mapping = value
        elif number == 4 and len(functions) < _MOST_INLINED:
            functions.append(_numbers_of(value, 1)[1])
    tables.locations[location] = (mapping, tuple(functions))


def _numbers_of(message: bytes, *wanted: int) -> dict[int, int]:
    """The number fields ``wanted`` of a message; 0 where it has none."""
    found = dict.fromkeys(wanted, 0)
    for number, value in fields(message):
        if number in found and isinstance(value, int):
            found[number] = value
    return found
