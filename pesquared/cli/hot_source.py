"""The source of hot functions, read from a code base as it stands; nothing in it is run or written."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pesquared.core.hot import HotFunction, SourceLine
from pesquared.core.profile import Hotspot, LineWeight
from pesquared.core.protocols import SourceIndex
from pesquared.core.source import Ambiguous, Definition, Extent, Missing

_LARGEST = 8 << 20  # bytes of a file


@dataclass(frozen=True, slots=True)
class HotSource:
    """Finds functions and shows their lines."""

    root: Path
    index: SourceIndex

    @classmethod
    def open(cls, codebase: Path) -> "HotSource":
        """Raises UsageError where ``codebase`` is no folder."""
        from pesquared.source import DependencyExtractor

        root = codebase.absolute()
        return cls(root, DependencyExtractor.for_codebase(root).index)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.root.name

    def owns(self, symbol: str) -> bool:
        """Does the code base define it?"""
        return not isinstance(self.index.resolve(symbol), Missing)

    def function(self, hotspot: Hotspot, lines: tuple[LineWeight, ...]) -> HotFunction:
        """The hotspot with its place and its lines."""
        found = self.index.resolve(hotspot.function)
        if hotspot.symbol and isinstance(found, Ambiguous):
            found = self.index.resolve(
                hotspot.symbol
            )  # it tells overloads apart whose types have several spellings
        if not isinstance(found, Definition):
            return HotFunction(hotspot, ambiguous=isinstance(found, Ambiguous), lines=lines)
        extent = found.extent
        return HotFunction(
            hotspot,
            place=f"{extent.path}:{extent.line}",
            lines=lines,
            source=self._source(extent, _shares(lines, extent)),
        )

    def _source(self, extent: Extent, shares: dict[int, float]) -> tuple[SourceLine, ...]:
        path = (self.root / extent.path).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file() or path.stat().st_size > _LARGEST:
            return ()
        text = path.read_bytes()[extent.start : extent.end].decode("utf-8", errors="replace")
        return tuple(
            SourceLine(number, line, shares.get(number, 0.0))
            for number, line in enumerate(text.split("\n"), extent.line)
        )


def _shares(lines: tuple[LineWeight, ...], extent: Extent) -> dict[int, float]:
    """By line of the definition. Builds spell paths in many ways, so that the file's name has to do."""
    name = PurePosixPath(extent.path).name
    shares: dict[int, float] = defaultdict(float)
    for line in lines:
        if PurePosixPath(line.file).name == name and extent.line <= line.line <= extent.end_line:
            shares[line.line] += line.share
    return shares
