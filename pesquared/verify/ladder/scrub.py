"""Removes what ``[bench] ignore`` names from an output before it is compared."""

from collections.abc import Sequence

from pesquared.verify.matching import TIMEOUT_S, EndlessMatchingError, must_be_an_expression, remove

__all__ = ["EndlessMatchingError", "Scrubber"]

_SETTING = "[bench] ignore"


class Scrubber:
    """Deletes every match of the given expressions, which come with the code base.

    Raises:
        UsageError: an expression is not one, or is too long.
    """

    def __init__(self, patterns: Sequence[str], timeout_s: float = TIMEOUT_S) -> None:
        for pattern in patterns:
            must_be_an_expression(_SETTING, pattern)
        self._patterns = tuple(patterns)
        self._timeout_s = timeout_s

    def __call__(self, data: bytes) -> bytes:
        """``data`` without the matches. What lies behind the first 17 MiB stays as it is, and is compared so.

        Raises:
            EndlessMatchingError: matching takes too long, or its process dies of it.
        """
        return remove(_SETTING, self._patterns, data, self._timeout_s) if self._patterns else data
