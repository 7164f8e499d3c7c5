"""What the benchmark prints and writes, held against the baseline's, but for what varies by itself.

How a stream is compared is the verifier's business where it wants it to be, else that of ``reference.Lines``. A
stream of which more than numbers varies on the unchanged code is not compared at all, and that is said.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from pesquared.errors import BaselineError
from pesquared.verify.blame import VerifierError, in_words
from pesquared.verify.diagnosis import one_line
from pesquared.verify.ladder.reference import Lines, show
from pesquared.verify.verifier import UNREADABLE, PerformanceVerifier

_NAMED = 3  # lines

Scrub = Callable[[bytes], bytes]


class Reference(Protocol):
    """One stream of the unchanged code."""

    def learn(self, data: bytes) -> bool:
        """Takes in another run of the baseline; False if it cannot be compared."""

    def difference(self, data: bytes) -> str | None:
        """What is wrong with a candidate's, readable and on one line."""

    def excused(self) -> Iterator[tuple[int, bytes]]:
        """Lines with a number that never varied and may differ all the same, with their numbers from 0."""

    def masked(self) -> Iterator[tuple[int, bytes]]:
        """Lines with a number that is not compared as it stands, with their numbers from 0."""

    def says_something(self) -> bool:
        """Could it show a wrong result?"""


class Judged:
    """A stream that the verifier compares itself."""

    def __init__(self, verifier: PerformanceVerifier, name: str, data: bytes) -> None:
        self._verifier = verifier
        self._name = name
        self._data = data

    def learn(self, data: bytes) -> bool:
        return self.difference(data) is None

    def difference(self, data: bytes) -> str | None:
        said = self._verifier.differs(self._name, self._data, data)
        return None if said is None else one_line(said) or "it is wrong"

    def excused(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def masked(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def says_something(self) -> bool:
        return bool(self._data.strip())


class OutputGate:
    """The compared streams of a benchmark: "stdout", "stderr", "file:PATH".

    Args:
        scrub: takes away what is never compared.
        tolerance: by which share of itself a number may differ.
        verifier: may say what of a stream is comparable, or compare it itself.
    """

    def __init__(self, scrub: Scrub, tolerance: float = 0.0, verifier: PerformanceVerifier | None = None) -> None:
        self._scrub = scrub
        self._tolerance = tolerance
        self._verifier = verifier
        self._references: dict[str, Reference | None] = {}  # None: the file is not there
        self._dropped: set[str] = set()

    def unlearned(self) -> "OutputGate":
        """A gate that compares in the same way and knows nothing yet: for runs under other conditions."""
        return OutputGate(self._scrub, self._tolerance, self._verifier)

    @property
    def comparable(self) -> bool:
        """Is any stream left that could show a wrong result?"""
        return bool(self.telling)

    @property
    def telling(self) -> tuple[str, ...]:
        """Names of the streams that could show a wrong result."""
        return tuple(
            name
            for name in self.compared
            if (reference := self._references[name]) is not None and reference.says_something()
        )

    @property
    def blind(self) -> bool:
        """Is there output, and does all of it vary by itself? An output that stays empty is one to compare."""
        return not self.comparable and (bool(self._dropped) or any(self.untelling()))

    @property
    def compared(self) -> tuple[str, ...]:
        """Names of the streams that are compared."""
        return tuple(name for name in self._references if name not in self._dropped)

    def learn(self, streams: Mapping[str, bytes | None]) -> list[str]:
        """Takes in a run of the baseline; returns a notice for each stream that cannot be compared.

        Raises:
            BaselineError: the verifier cannot read what the unchanged code prints.
        """
        notices = []
        for name, data in streams.items():
            if name in self._dropped:
                continue
            try:
                steady = self._takes_in(name, data)
            except UNREADABLE as error:
                raise BaselineError(
                    f"{name} of the unchanged code cannot be read: {one_line(in_words(error))}",
                    "look at what the benchmark prints, and at the verifier's comparable() and differs()",
                ) from error
            if not steady:
                self._dropped.add(name)
                notices.append(
                    f"{name} varies by itself from run to run, in more than numbers: it is not compared"
                )
        return notices

    def _takes_in(self, name: str, data: bytes | None) -> bool:
        reduced = self._reduced(name, data)
        if name not in self._references:
            self._references[name] = None if reduced is None else self._reference(name, reduced)
            return True
        reference = self._references[name]
        return reduced is None if reference is None else reduced is not None and reference.learn(reduced)

    def _reference(self, name: str, data: bytes) -> Reference:
        if self._verifier is not None and self._verifier.compares:
            return Judged(self._verifier, name, data)
        return Lines(data, self._tolerance)

    def _reduced(self, name: str, data: bytes | None) -> bytes | None:
        """What is compared of a stream."""
        if data is None:
            return None
        return self._scrub(data if self._verifier is None else self._verifier.comparable(name, data))

    def excused(self) -> Iterator[str]:
        """What is taken for a timing though it never varied: "stdout, line 3: “took 0.01 s”"."""
        for name in self.compared:
            reference = self._references[name]
            if reference is not None:
                for number, line in reference.excused():
                    yield f"{name}, line {number + 1}: {show(line, line)}"

    def untelling(self) -> Iterator[str]:
        """What is masked in streams in which nothing else is: "stdout, line 1: “12.5 ms”"."""
        for name in set(self.compared) - set(self.telling):
            reference = self._references[name]
            for number, line in reference.masked() if reference else ():
                yield f"{name}, line {number + 1}: {show(line, line)}"

    def difference(self, streams: Mapping[str, bytes | None]) -> str | None:
        """The first difference of a candidate's run, readable and on one line, or None."""
        for name in self.compared:
            reference, data = self._references[name], streams.get(name)
            if reference is None or data is None:
                if (reference is None) != (data is None):
                    return (
                        f"{name}: {'there is no such file' if data is None else 'the baseline has no such file'}"
                    )
                continue
            try:
                first = reference.difference(self._reduced(name, data) or b"")
            except (*UNREADABLE, VerifierError) as error:
                first = f"it cannot be read: {one_line(in_words(error))}"
            if first is not None:
                return f"{name}: {first}"
        return None


def excused_lines(gate: OutputGate) -> Iterator[str]:
    """A notice that names the lines in which a number may differ though it never did, if there are any."""
    if lines := list(gate.excused()):
        yield (
            "taken for timings though they never varied, so that a candidate's may be up to ten times as large: "
            f"{_some(lines)}. A result is better printed to four digits"
        )


def masked_streams(gate: OutputGate) -> Iterator[str]:
    """A notice that names what is masked in outputs that hold nothing else, if there are any."""
    if lines := sorted(gate.untelling()):
        yield (
            "no result is compared in an output that holds nothing but numbers which vary by themselves or are "
            f"taken for timings: {_some(lines)}"
        )


def _some(lines: list[str]) -> str:
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"{'; '.join(lines[:_NAMED])}{more}"
