"""Names for things that plug in: short name → where it lives, imported when it is asked for."""

import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, cast

from pesquared.errors import UsageError

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps a short name to ``"package.module:attribute"``. Adding one is one line in the mapping.

    Args:
        what: what the entries are, for messages: "provider", "verifier".
        homes: the mapping.
    """

    def __init__(self, what: str, homes: Mapping[str, str]) -> None:
        self.what = what
        self._homes = dict(homes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __contains__(self, name: object) -> bool:
        return name in self._homes

    def load(self, name: str) -> T:
        """The thing behind ``name``.

        Raises:
            UsageError: nothing has that name; the message says what comes nearest.
        """
        if name not in self._homes:
            near = difflib.get_close_matches(name, self._homes, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(self._homes))}"
            raise UsageError(f"there is no {self.what} called {name!r}", hint)
        module, _, attribute = self._homes[name].partition(":")
        return cast("T", getattr(importlib.import_module(module), attribute))
