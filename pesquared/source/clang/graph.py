"""Who calls a function, out of the index of the whole code base, each with how it does."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pesquared.core.source import Definition
from pesquared.source.clang.definitions import Entry
from pesquared.source.clang.store import IndexStore

KINDS = ("direct", "virtual", "pointer", "address-taken", "reference")  # the surest first
_MANY = 400  # callers that are looked at
_FAR = 20  # classes that override each other
_CALLERS = """
SELECT DISTINCT definition.entry, edge.kind FROM edge JOIN definition ON definition.id = edge.source
WHERE edge.target = ? LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Calling:
    """A definition that calls, or may call, the target."""

    definition: Definition
    text: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class CallGraph:
    """The calls of a code base.

    Args:
        store: the index, up to date.
        root: the code base.
    """

    store: IndexStore
    root: Path

    def callers(self, target: Entry) -> Iterator[Calling]:
        """The callers, each once, the surest kind first; what the files no longer hold is left out.

        A virtual call names the method that it overrides; a call through a field may mean whatever a table at file
        scope puts into that field.
        """
        found: dict[str, tuple[Definition, str]] = {}
        for usr, kinds in self._ways(target.usr):
            for blob, kind in self.store.connection.execute(_CALLERS, (usr, _MANY)):
                if kind not in kinds:
                    continue
                definition = msgspec.json.decode(blob, type=Entry).definition
                place = f"{definition.key}@{definition.extent.start}"
                other = found.get(place)
                if other is None or KINDS.index(kind) < KINDS.index(other[1]):
                    found[place] = definition, kind
        for definition, kind in sorted(found.values(), key=lambda one: KINDS.index(one[1])):
            text = self._text(definition)
            if text is not None and definition.key != target.definition.key:
                yield Calling(definition, text, kind)

    def _ways(self, usr: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What an edge to the function may have as its target, and of which kinds such an edge then is."""
        yield usr, ("direct", "virtual", "address-taken", "reference")
        seen, level = {usr}, [usr]
        for _ in range(_FAR):
            bases = [base for one in level for base in self._bases(one) if base not in seen]
            seen.update(bases)
            for base in bases:
                yield base, ("virtual",)
            level = bases
        slots = self.store.connection.execute(
            "SELECT DISTINCT key FROM slot WHERE target = ? LIMIT ?", (usr, _MANY)
        )
        for (key,) in slots.fetchall():
            yield key, ("pointer",)

    def _bases(self, derived: str) -> list[str]:
        rows = self.store.connection.execute("SELECT DISTINCT base FROM override WHERE derived = ?", (derived,))
        return [base for (base,) in rows]

    def tables(self, target: Entry) -> tuple[str, ...]:
        """Where tables at file scope hold the function: ``path:line``."""
        rows = self.store.connection.execute(
            "SELECT DISTINCT path, line FROM slot WHERE target = ? ORDER BY path, line LIMIT 8", (target.usr,)
        )
        return tuple(f"{path}:{line}" for path, line in rows)

    def _text(self, definition: Definition) -> bytes | None:
        extent = definition.extent
        try:
            with (self.root / extent.path).open("rb") as file:
                file.seek(extent.start)
                text = file.read(extent.end - extent.start)
        except OSError:
            return None
        return text if hashlib.sha256(text).hexdigest() == extent.sha256 else None
