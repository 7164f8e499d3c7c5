"""The model's view of a function: what its text uses, nearest first, as far as there is room."""

from dataclasses import dataclass, field

from pesquared.core.source import Evidence
from pesquared.source.clang.closure import owner_of
from pesquared.source.clang.excerpts import callee_signature, replaced, spans_of, variable_text
from pesquared.source.clang.kinds import ENUM, FUNCTION_NUMBERS, RECORD_NUMBERS, VARIABLE
from pesquared.source.clang.preprocessing import Preprocessing, define_line
from pesquared.source.clang.raw import Cursor
from pesquared.source.clang.records import abridged
from pesquared.source.clang.references import Declared, References
from pesquared.source.clang.unit import Span, Unit
from pesquared.source.sizes import about_tokens

_MANY_DECLARATIONS = 2000


@dataclass(slots=True)
class View:
    """What is shown. ``room`` is left, in tokens."""

    room: int
    types: list[Span] = field(default_factory=list)
    shortened: dict[Span, bytes] = field(default_factory=dict)  # what stands for a record
    variables: list[Span] = field(default_factory=list)
    callees: list[str] = field(default_factory=list)
    macros: dict[str, Span] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # names

    def takes(self, name: str, size: int) -> bool:
        """Is there room? What does not fit is remembered by name."""
        if size > self.room:
            self.left_out.append(name)
            return False
        self.room -= size
        return True


@dataclass(frozen=True, slots=True)
class Lens:
    """Looks at a function's surroundings in one unit."""

    unit: Unit
    references: References
    record: Preprocessing

    def look(self, target: Cursor, own: Span, room: int) -> View:
        """What the function at ``own`` uses, within ``room`` tokens; its own text does not count."""
        view = View(room)
        direct = self.references.of(target, bodies=True)
        called = (self.unit.name(one.cursor) for one in direct.declared if one.kind in FUNCTION_NUMBERS)
        used = _Used(direct.members, frozenset(called))
        level = [("", one) for one in (*direct.declared, *owner_of(self.references, target))]
        seen: set[Span] = set()
        self._add_macros(view, [own])
        while level and len(seen) <= _MANY_DECLARATIONS:
            following: list[tuple[str, Declared]] = []
            for via, one in sorted(level, key=lambda pair: pair[1].kind not in FUNCTION_NUMBERS):
                inside = own.path == one.span.path and own.start <= one.span.start < own.end
                if one.span not in seen and not inside:
                    seen.add(one.span)
                    name = self.unit.name(one.cursor)
                    for part in self._take(view, one, via, used):
                        following += [(name, found) for found in self._named_by(part)]
            level = following
        self._add_macros(view, [*view.variables, *(span for span in view.types if span not in view.shortened)])
        return view

    def _named_by(self, part: Cursor) -> tuple[Declared, ...]:
        return self.references.of(part, bodies=False).declared

    def _take(self, view: View, one: Declared, via: str, used: "_Used") -> tuple[Cursor, ...]:
        """Shows a declaration if there is room; returns the parts of it whose references matter, too."""
        name = self.unit.name(one.cursor)
        if one.kind in FUNCTION_NUMBERS:
            text = callee_signature(self.unit, self.record, one)
            # One that a type or a global names is not this function's business.
            if via or text in view.callees or not view.takes(name, about_tokens(text)):
                return ()
            view.callees.append(text)
            self._note(view, "callee", name, one.span, via)
            return (one.cursor,)
        if one.kind == VARIABLE:
            if not view.takes(name, about_tokens(variable_text(self.unit, one.span))):
                return ()
            view.variables.append(one.span)
            self._note(view, "global", name, one.span, via)
            return (one.cursor,)
        return self._take_type(view, one, via, used)

    def _take_type(self, view: View, one: Declared, via: str, used: "_Used") -> tuple[Cursor, ...]:
        name = self.unit.name(one.cursor)
        text = self.unit.bytes_of(one.span)
        parts: tuple[Cursor, ...] = (one.cursor,)
        if one.kind in RECORD_NUMBERS:
            short = abridged(self.unit, one, used.members, used.names)
            if short.text != text:
                view.shortened[one.span] = text = short.text
            parts = (one.cursor,) if short.kept is None else short.kept
        elif b"{" in text and b"}" in text and one.kind != ENUM:  # the record in a typedef comes by itself
            text = text[: text.find(b"{")] + text[text.rfind(b"}") :]
        if not view.takes(name, about_tokens(text.decode("utf-8", "surrogateescape"))):
            return ()
        view.types.append(one.span)
        self._note(view, "type", name, one.span, via)
        return parts

    def _add_macros(self, view: View, spans: list[Span]) -> None:
        for name, place in self.record.names_in(self.unit, spans).items():
            if name not in view.macros and view.takes(name, about_tokens(define_line(self.unit, place))):
                view.macros[name] = place
                self._note(view, "macro", name, place, "")

    def _note(self, view: View, kind: str, name: str, span: Span, via: str) -> None:
        view.evidence.append(Evidence(kind, name, span.path, self.unit.line_of(span.path, span.start), via))

    def macro_lines(self, view: View) -> tuple[str, ...]:
        """The macros that are shown, in order of their first definitions."""
        order = {name: at for at, name in enumerate(self.record.definitions)}
        return tuple(
            define_line(self.unit, view.macros[one]) for one in sorted(view.macros, key=lambda one: order[one])
        )

    def type_texts(self, view: View) -> tuple[str, ...]:
        """The types that are shown, in the order of the unit."""
        spans = spans_of(self.unit, self.record, view.types)
        return tuple(replaced(self.unit, span, view.shortened) + ";" for span in spans)

    def variable_texts(self, view: View) -> tuple[str, ...]:
        """The globals that are shown, in the order of the unit."""
        return tuple(variable_text(self.unit, one) for one in spans_of(self.unit, self.record, view.variables))


@dataclass(frozen=True, slots=True)
class _Used:
    """What the function's own text names: fields by place, functions by name."""

    members: frozenset[Span]
    names: frozenset[str]
