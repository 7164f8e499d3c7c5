"""Who calls a function: definitions of the code base whose bodies hold a call of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pesquared.core.protocols import Profile
from pesquared.core.source import Caller, Definition, Evidence
from pesquared.source.clang.definitions import Entry, defined_in
from pesquared.source.clang.graph import KINDS
from pesquared.source.clang.library import cindex
from pesquared.source.clang.symbols import parse_symbol
from pesquared.source.clang.unit import Span, Unit, descendants
from pesquared.source.sizes import about_tokens

if TYPE_CHECKING:
    from pesquared.source.clang.index import ClangIndex

_MANY_UNITS = {"c": 40, "c++": 10}  # to parse one takes 0.05 s, and 0.3 s
_MANY_CALLERS = 8
_LONG_CALLER = 16 << 10


@dataclass(frozen=True, slots=True)
class Callers:
    """The callers shown, heaviest first, and what was left out."""

    shown: tuple[Caller, ...]
    notes: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """About how much of a model's context they take."""
        return about_tokens(*(one.text for one in self.shown))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                "caller", one.definition.name, one.definition.extent.path, one.definition.extent.line, one.kind
            )
            for one in self.shown
        )


def callers_of(index: "ClangIndex", target: Entry, cursor: Any, profile: Profile | None, room: int) -> Callers:
    """The callers, heaviest first, as far as ``room`` tokens go: out of the index, where one is kept."""
    graph = index.shelf.graph(index) if index.shelf is not None else None
    if graph is None or index.shelf is None:
        found, notes = _by_reading(index, target, cursor, profile)
    else:
        found = [
            Caller(
                one.definition,
                _shortened(one.text.decode("utf-8", "surrogateescape")),
                _share(index, profile, one.definition, target.definition),
                one.kind,
            )
            for one in graph.callers(target)
        ]
        notes = list(index.shelf.notes)
        tables = graph.tables(target)
        notes += [f"tables hold it: {', '.join(tables)}"] if tables else []
    heaviest = sorted(
        found, key=lambda one: (-(one.share or 0.0), KINDS.index(one.kind), one.definition.extent.path)
    )
    shown: list[Caller] = []
    for one in heaviest[:_MANY_CALLERS]:
        size = about_tokens(one.text)
        if size <= room:
            room -= size
            shown.append(one)
    if len(heaviest) > len(shown):
        notes.append(f"{len(heaviest) - len(shown)} lighter or longer callers are not shown")
    return Callers(tuple(shown), tuple(notes))


def _by_reading(
    index: "ClangIndex", target: Entry, cursor: Any, profile: Profile | None
) -> tuple[list[Caller], list[str]]:
    """Looks through the units that mention the target's name, those of functions known to be hot first.

    A call that only a macro's text names is not seen, nor is one through a pointer.
    """
    if not _called_by_name(target.definition):
        return [], ["calls of operators and destructors do not name them and were not looked for"]
    word = parse_symbol(target.definition.name).word
    files = sorted(index.tree.calling(word), key=lambda name: name not in index.resolved_files)
    commands = dict.fromkeys([target.command, *(one for name in files for one in index.commands_for(name))])
    limit = _MANY_UNITS[target.definition.language]
    notes = []
    if len(commands) > limit:
        notes.append(f"callers were looked for in {limit} of {len(commands)} units that mention the function")
    found: dict[str, Caller] = {}
    for command in islice(commands, limit):
        unit = index.units.get(command)
        if unit is not None:
            for definition, text in _calling(unit, target, cursor, word):
                share = _share(index, profile, definition, target.definition)
                found.setdefault(f"{definition.key}@{definition.extent.start}", Caller(definition, text, share))
    return list(found.values()), notes


def _called_by_name(definition: Definition) -> bool:
    return not definition.base_name.startswith(("operator", "~"))


def _calling(unit: Unit, target: Entry, cursor: Any, word: str) -> Iterator[tuple[Definition, str]]:
    place = unit.path_of(cursor.location), cursor.location.offset
    for entry, function in defined_in(unit):
        extent = entry.definition.extent
        text = unit.text_of(Span(extent.path, extent.start, extent.end))
        if entry.definition.key == target.definition.key or word not in text:
            continue
        if any(_calls(unit, child, target.usr, place) for child in descendants(function)):
            yield entry.definition, _shortened(text)


def _calls(unit: Unit, child: Any, usr: str, place: tuple[str | None, int]) -> bool:
    """Is it a call of the target? An instance of a template has a USR of its own, but stands at the same place."""
    if child.kind != cindex.CursorKind.CALL_EXPR:
        return False
    callee = child.referenced
    if callee is None:
        return False
    return callee.get_usr() == usr or (unit.path_of(callee.location), callee.location.offset) == place


def _share(index: "ClangIndex", profile: Profile | None, caller: Definition, callee: Definition) -> float | None:
    """The heaviest of the names under which the profile may know the two ends of the edge."""
    if profile is None:
        return None
    shares = [profile.edge_share(one, other) for one in index.names_of(caller) for other in index.names_of(callee)]
    return max((share for share in shares if share is not None), default=None)


def _shortened(text: str) -> str:
    return (
        text
        if len(text) <= _LONG_CALLER
        else f"{text[:_LONG_CALLER]}\n/* {len(text) - _LONG_CALLER} more bytes */"
    )
