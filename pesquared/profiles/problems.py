"""What could not be read of a file: the first lines by name, the rest as a number."""

from pesquared.core.profile import Diagnostic

NAMED_LINES = 20


class Problems:
    """Appends to a list of diagnostics without letting a hostile file fill the memory with them.

    Args:
        source: the file, as the user named it.
        diagnostics: where to append.
    """

    def __init__(self, source: str, diagnostics: list[Diagnostic]) -> None:
        self._source = source
        self._diagnostics = diagnostics
        self._count = 0

    def add(self, line: int, message: str) -> None:
        """A line that is not used; beyond the first ``NAMED_LINES`` it is only counted."""
        self._count += 1
        if self._count <= NAMED_LINES:
            self._diagnostics.append(Diagnostic(self._source, line, message))

    def note(self, line: int, message: str) -> None:
        """Something about the file that cost no line."""
        self._diagnostics.append(Diagnostic(self._source, line, message))

    def close(self) -> None:
        """Says how many there were, if not all were named."""
        if self._count > NAMED_LINES:
            self.note(0, f"{self._count - NAMED_LINES} more lines could not be read, {self._count} in all")
