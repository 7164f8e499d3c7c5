"""Reads pprof's ``profile.proto``, packed by gzip or not: what Go, gperftools and many samplers write.

Format: proto/profile.proto of github.com/google/pprof. It is read with a reader of its own, ``wire``: the protobuf
runtime would bind generated code to one of its versions, and would build all of a hostile file in memory first.
A location holds a function and, before it, those inlined there; both are listed leaf first.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pesquared.core.profile import UNKNOWN, Diagnostic, Origin, Sample
from pesquared.profiles.contents import opened
from pesquared.profiles.frames import MAX_FRAMES
from pesquared.profiles.lines import to_text
from pesquared.profiles.problems import Problems
from pesquared.profiles.wire import WireError, fields, numbers, signed

_MOST_INLINED = 64  # functions of one location
_MOST_COLUMNS = 8
_LONGEST_NAME = 1 << 16

# Field numbers of the messages.
_SAMPLE_TYPE, _SAMPLE, _MAPPING, _LOCATION, _FUNCTION, _STRING, _DEFAULT_TYPE = 1, 2, 3, 4, 5, 6, 14
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
                for number, value in fields(data):
                    _add(tables, number, value)
            except WireError as error:
                problems.note(0, f"is damaged or cut off: {error}")
            yield from _samples(data, tables, problems)


def _samples(data: bytes, tables: _Tables, problems: Problems) -> Iterator[Sample]:
    columns = tables.columns()
    stacks = _Stacks(tables)
    count = 0
    for record in _records(data):
        count += 1
        try:
            locations, weights = _record(record)
        except WireError as error:
            problems.add(0, f"sample {count} is damaged: {error}")
            continue
        frames = stacks.of(locations)
        if not frames:
            problems.add(0, f"sample {count} has no stack")
        elif not weights or min(weights) < 0:
            problems.add(0, f"sample {count} has {'a negative weight' if weights else 'no weight'}")
        else:
            yield from (
                Sample(frames, float(weights[column]), origin)
                for place, (column, origin) in enumerate(columns)
                if column < len(weights) and (place == 0 or weights[column])
            )


def _records(data: bytes) -> Iterator[bytes]:
    """The samples' bytes, up to where the file is damaged, which has been said by then."""
    with suppress(WireError):
        yield from (value for number, value in fields(data) if number == _SAMPLE and isinstance(value, bytes))


def _record(record: bytes) -> tuple[list[int], list[int]]:
    """Locations, leaf first, and weights, one of each kind."""
    locations: list[int] = []
    weights: list[int] = []
    for number, value in fields(record):
        if number == 1:
            locations += numbers(value)
        elif number == 2:
            weights += map(signed, numbers(value))
    return locations, weights


class _Stacks:
    """Frames by locations."""

    def __init__(self, tables: _Tables) -> None:
        self._tables = tables
        self._frames: dict[int, tuple[str, ...]] = {}

    def of(self, locations: list[int]) -> tuple[str, ...]:
        """Root first, at most ``MAX_FRAMES``, those nearest to the leaf."""
        frames: list[str] = []
        for location in locations[:MAX_FRAMES]:
            known = self._frames.get(location)
            if known is None:
                known = self._frames[location] = self._tables.frames(location)
            frames.extend(known)
        del frames[MAX_FRAMES:]
        frames.reverse()
        return tuple(frames)


def _add(tables: _Tables, number: int, value: int | bytes) -> None:
    """Takes a field of the profile. A name that is too long to be one is cut."""
    if isinstance(value, int):
        if number == _DEFAULT_TYPE:
            tables.default_type = value
    elif number == _STRING:
        tables.strings.append(to_text(value[:_LONGEST_NAME]))
    elif number == _SAMPLE_TYPE:
        tables.types.append(_numbers_of(value, 1)[1])
    elif number == _MAPPING:
        parts = _numbers_of(value, 1, 5)
        tables.mappings[parts[1]] = parts[5]
    elif number == _FUNCTION:
        parts = _numbers_of(value, 1, 2, 3)
        tables.functions[parts[1]] = (parts[2], parts[3])
    elif number == _LOCATION:
        parts = _numbers_of(value, 1, 2)
        lines = (line for field, line in fields(value) if field == 4 and isinstance(line, bytes))
        functions = tuple(_numbers_of(line, 1)[1] for line in islice(lines, _MOST_INLINED))
        tables.locations[parts[1]] = (parts[2], functions)


def _numbers_of(message: bytes, *wanted: int) -> dict[int, int]:
    """The number fields ``wanted`` of a message; 0 where it has none."""
    found = dict.fromkeys(wanted, 0)
    for number, value in fields(message):
        if number in found and isinstance(value, int):
            found[number] = value
    return found
