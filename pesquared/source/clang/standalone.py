"""The compile view of a function: everything its compiler needs, in the order in which the unit declares it."""

import re
from dataclasses import dataclass, field

from pesquared.source.clang.excerpts import declaration_span, spans_of
from pesquared.source.clang.flatten import with_includes
from pesquared.source.clang.kinds import BODY_NUMBERS, FUNCTION_NUMBERS, RECORD_NUMBERS, numbers
from pesquared.source.clang.library import cindex
from pesquared.source.clang.preprocessing import Preprocessing
from pesquared.source.clang.raw import BREAK, CONTINUE, RECURSE, Cursor, function, overloads, visit
from pesquared.source.clang.toplevel import Top, TopLevel
from pesquared.source.clang.unit import Span, Unit

_K = cindex.CursorKind
_NAMED = numbers({_K.USING_DECLARATION})
_ALWAYS = numbers({_K.USING_DIRECTIVE, _K.NAMESPACE_ALIAS})
_OVERLOADED = _K.OVERLOADED_DECL_REF.value
_NAMING = frozenset({*range(_K.TYPE_REF.value, _K.VARIABLE_REF.value + 1), *range(_K.UNEXPOSED_EXPR.value, 200)})
_METHODS = FUNCTION_NUMBERS - {_K.FUNCTION_DECL.value, _K.FUNCTION_TEMPLATE.value}
_FEATURE = re.compile(r"_[A-Z].*SOURCE|_FILE_OFFSET_BITS|_LARGEFILE\w*|__STDC_\w+|__EXTENSIONS__")
_BODY_MATTERS = re.compile(rb"\b(?:constexpr|consteval|auto|decltype)\b")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_IF = re.compile(rb"^[ \t]*#[ \t]*if", re.MULTILINE)
_ENDIF = re.compile(rb"^[ \t]*#[ \t]*endif[^\n]*", re.MULTILINE)
_FEW = 8
_MANY = 20_000

Key = tuple[int, ...]


@dataclass(slots=True)
class Standalone:
    """Collects what one function needs.

    Args:
        unit: shows it.
        record: its preprocessor's record.
        top: its declarations.
    """

    unit: Unit
    record: Preprocessing
    top: TopLevel
    needed: dict[Span, Top] = field(default_factory=dict)
    whole: set[Span] = field(default_factory=set)  # functions whose bodies are needed

    def text(self, own: Span) -> str:
        """The view of the function at ``own``."""
        targets = list(self.top.around(own))
        self._follow(targets)
        limit = max((self._end(one.span) for one in targets), default=())
        pieces = [(key, text) for key, text in (*self._declarations(), *self._preprocessor()) if key <= limit]
        opened = sorted({self._declared(one.scopes) for one in self.top.all if one.scopes} - {""})
        return "".join(
            text + "\n" for _, text in [((), one) for one in opened] + sorted(pieces, key=lambda one: one[0])
        )

    def _end(self, span: Span) -> Key:
        return self.record.position(self.unit, Span(span.path, span.end, span.end))

    def _declared(self, scopes: tuple[str, ...]) -> str:
        """Namespaces, opened and closed: what is ``using`` them may be all that is left of them."""
        spaces = [one for one in scopes if "namespace" in one]
        return " ".join([*spaces, *("}" for _ in spaces)])

    def _follow(self, targets: list[Top]) -> None:
        waiting = list(targets)
        self.whole.update(one.span for one in targets)
        waiting += [one for target in targets for one in self.top.groups[target.group]]
        waiting += [one for one in self.top.all if one.cursor.kind in _ALWAYS]
        named = [one for one in self.top.all if one.cursor.kind in _NAMED]
        words: set[bytes] = set()
        while waiting and len(self.needed) < _MANY:
            one = waiting.pop()
            if one.span not in self.needed:
                self.needed[one.span] = one
                if self._body_matters(one):
                    self.whole.add(one.span)
                words.update(_WORD.findall(self.unit.bytes_of(one.span)))
                waiting += self._named_by(one.cursor, bodies=one.span in self.whole)
            if not waiting:  # ``using a::b`` counts where somebody says b
                waiting = [one for one in named if self.unit.name(one.cursor).encode() in words]
                named = [one for one in named if one not in waiting]

    def _body_matters(self, one: Top) -> bool:
        """Must its body be there for others to compile?"""
        if one.span in self.whole:
            return True
        if one.cursor.kind not in FUNCTION_NUMBERS:
            return True
        head = self._head(one)
        return not head or bool(_BODY_MATTERS.search(head))  # a macro writes what has no head

    def _named_by(self, cursor: Cursor, *, bodies: bool) -> list[Top]:
        found: dict[Span, Top] = {}
        referenced = function("getCursorReferenced")

        def take(target: Cursor) -> None:
            for one in self.top.declaring(target):
                if one.cursor.kind not in _METHODS or one.span in self.whole:
                    found.setdefault(one.span, one)

        def see(child: Cursor, _: Cursor) -> int:
            kind = child.kind
            if kind in BODY_NUMBERS and not bodies:
                return CONTINUE
            targets = overloads(child) if kind == _OVERLOADED else (child,) if kind in RECORD_NUMBERS else ()
            for target in (referenced(child),) if kind in _NAMING else targets:
                take(target)
            return RECURSE

        visit(cursor, see)
        owner = function("getCursorSemanticParent")(cursor)
        if owner.kind in RECORD_NUMBERS:
            take(owner)
        return list(found.values())

    def _head(self, function_: Top) -> bytes:
        """A function up to its body; all of a declaration."""
        body: list[Span] = []

        def see(child: Cursor, _: Cursor) -> int:
            if child.kind not in BODY_NUMBERS:
                return CONTINUE
            span = self.unit.raw_span(child)
            if span is not None:
                body.append(span)
            return BREAK

        visit(function_.cursor, see)
        span = function_.span if body else declaration_span(self.unit, self.record, function_.span)
        end = body[0].start if body and body[0].path == span.path else span.end
        text = self.unit.content(span.path)[span.start : end]
        if b";" in text and body:  # the parameters stand behind the list of their names, as before C89
            name = text.find(self.unit.name(function_.cursor).encode())
            return text[: text.find(b"(", name)] + b"()"
        return text.rpartition(b":")[0] if function_.cursor.kind == _K.CONSTRUCTOR.value and b":" in text else text

    def _declarations(self) -> list[tuple[Key, str]]:
        all_needed = self.needed.values()
        functions = [one for one in all_needed if one.cursor.kind in FUNCTION_NUMBERS and self._head(one)]
        others = [one for one in all_needed if one not in functions]
        found = []
        for one in functions:
            whole = one.span in self.whole
            text = with_includes(self.unit, self.record, one.span) if whole else self._head(one)
            found.append(self._piece(one.span, text.rstrip(), one.scopes))
        scopes = {one.span.path + str(one.span.start): one.scopes for one in others}
        for span in spans_of(self.unit, self.record, [one.span for one in others]):
            around = scopes.get(span.path + str(span.start), ())
            found.append(self._piece(span, with_includes(self.unit, self.record, span), around))
        return found

    def _piece(self, span: Span, text: bytes, scopes: tuple[str, ...]) -> tuple[Key, str]:
        is_closed = text.endswith((b";", b"}")) and span in self.whole and span in self.needed
        is_function = span in self.needed and self.needed[span].cursor.kind in FUNCTION_NUMBERS
        text = self._balanced(span, text)
        ended = text if is_closed and is_function else text + (b"\n;" if b"#" in text else b";")
        inner = ended.decode("utf-8", "surrogateescape")
        used = scopes if self.unit.command.language == "c++" else ()
        return self.record.position(self.unit, span), " ".join([*used, inner, *("}" for _ in used)])

    def _balanced(self, span: Span, text: bytes) -> bytes:
        """With the ``#endif`` of each ``#if`` in it: conditions stand around parts of declarations, too."""
        content = self.unit.content(span.path)
        at = span.start + len(text)
        for _ in range(_FEW):
            if len(_IF.findall(text)) <= len(_ENDIF.findall(text)):
                break
            end = _ENDIF.search(content, at)
            if end is None:
                break
            text, at = text + content[at : end.end()], end.end()
        return text

    def _preprocessor(self) -> list[tuple[Key, str]]:
        """Includes of foreign headers, and each definition of each macro that is used."""
        found = []
        for one in self.record.includes:
            if one.target is None and one.opened:
                written = self.unit.text_of(one.span)
                line = (
                    f"#include <{written.split('<')[1].split('>')[0]}>"
                    if "<" in written
                    else f'#include "{one.opened}"'
                )
                found.append((self.record.position(self.unit, one.span), line))
        is_function = {one.span for one in self.needed.values() if one.cursor.kind in FUNCTION_NUMBERS}
        read = [
            declaration_span(self.unit, self.record, one) if one in is_function else one for one in self.needed
        ]
        names = self.record.names_in(self.unit, read).keys()
        features = {name for name in self.record.definitions if _FEATURE.fullmatch(name)}
        for name in names | features:
            for span in self.record.definitions[name]:
                key = self.record.position(self.unit, span)
                text = self.unit.text_of(span)
                found.append((key, f"#undef {name}\n#define {text}"))
        return [(key, text) for key, text in found if key[:1] != (-1,)]
