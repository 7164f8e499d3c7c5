"""Turns libclang's cursors into the parser-independent tree that rules read (``core.source.SyntaxNode``).

What rules may rely on, beyond the docstring of ``SyntaxNode``:

* implicit casts and other nodes that stand for nothing in the text are looked through; parentheses stay ("paren");
* ``case`` and ``default`` are "label";
* a "for" has exactly four children: initialisation, condition, increment, body. An absent one is an "other"
  without text, and a ``for`` whose parts cannot be told apart (macros) is itself an "other";
* the operator is read from the text between the operands, so one that a macro brings is "";
* beyond ``MAX_DEPTH`` levels or ``MAX_NODES`` nodes the tree is cut: what is there is an "other" without children.
"""

import re
from dataclasses import dataclass, field

from clang import cindex

from pesquared.core.source import SyntaxNode

MAX_DEPTH = 100  # of the tree; readers of the tree recurse
MAX_NODES = 100_000

_K = cindex.CursorKind

_KINDS = {
    _K.FUNCTION_DECL: "function",
    _K.CXX_METHOD: "function",
    _K.CONSTRUCTOR: "function",
    _K.DESTRUCTOR: "function",
    _K.CONVERSION_FUNCTION: "function",
    _K.FUNCTION_TEMPLATE: "function",
    _K.PARM_DECL: "param",
    _K.COMPOUND_STMT: "compound",
    _K.FOR_STMT: "for",
    _K.WHILE_STMT: "while",
    _K.DO_STMT: "do",
    _K.IF_STMT: "if",
    _K.RETURN_STMT: "return",
    _K.BREAK_STMT: "break",
    _K.CONTINUE_STMT: "continue",
    _K.GOTO_STMT: "goto",
    _K.INDIRECT_GOTO_STMT: "goto",
    _K.LABEL_STMT: "label",
    _K.CASE_STMT: "label",
    _K.DEFAULT_STMT: "label",
    _K.DECL_STMT: "declaration",
    _K.VAR_DECL: "variable",
    _K.BINARY_OPERATOR: "binary",
    _K.COMPOUND_ASSIGNMENT_OPERATOR: "assign",
    _K.UNARY_OPERATOR: "unary",
    _K.ARRAY_SUBSCRIPT_EXPR: "subscript",
    _K.DECL_REF_EXPR: "name",
    _K.MEMBER_REF_EXPR: "member",
    _K.CALL_EXPR: "call",
    _K.INTEGER_LITERAL: "literal",
    _K.FLOATING_LITERAL: "literal",
    _K.IMAGINARY_LITERAL: "literal",
    _K.CHARACTER_LITERAL: "literal",
    _K.STRING_LITERAL: "literal",
    _K.CXX_BOOL_LITERAL_EXPR: "literal",
    _K.CSTYLE_CAST_EXPR: "cast",
    _K.CXX_STATIC_CAST_EXPR: "cast",
    _K.CXX_REINTERPRET_CAST_EXPR: "cast",
    _K.CXX_CONST_CAST_EXPR: "cast",
    _K.CXX_FUNCTIONAL_CAST_EXPR: "cast",
    _K.PAREN_EXPR: "paren",
    _K.CONDITIONAL_OPERATOR: "conditional",
}  # fmt: skip

_REFERRING = frozenset({"name", "variable", "param", "member"})
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
_OPERATOR = re.compile(rb"(?:<<|>>|[-+*/%&|^=!<>])=?|&&|\|\||,|~|\+\+|--|<=>")


def syntax_of(cursor: cindex.Cursor, source: bytes, path: str) -> SyntaxNode:
    """The tree of one function definition.

    Args:
        cursor: of the definition, as libclang gives it.
        source: the whole file it stands in, as libclang read it.
        path: of that file; part of the keys of local declarations.
    """
    return _Builder(source, path, _file_name(cursor.extent.start)).build(cursor)


@dataclass(slots=True)
class _Open:
    """A node whose children are still being visited."""

    cursor: cindex.Cursor
    depth: int
    waiting: list[cindex.Cursor]
    cut: bool
    done: list[SyntaxNode] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    source: bytes
    path: str
    file: str
    visited: int = 0

    def build(self, root: cindex.Cursor) -> SyntaxNode:
        """Visits with a stack of its own: the source decides how deep it is nested."""
        stack = [self._open(root, 0)]
        while True:
            top = stack[-1]
            if top.waiting:
                stack.append(self._open(top.waiting.pop(), top.depth + 1))
                continue
            stack.pop()
            node = self._node(top.cursor, top.cut, tuple(top.done))
            if not stack:
                return node
            stack[-1].done.append(node)

    def _open(self, cursor: cindex.Cursor, depth: int) -> _Open:
        cursor = _look_through(cursor)
        self.visited += 1
        cut = depth >= MAX_DEPTH or self.visited > MAX_NODES
        return _Open(cursor, depth, [] if cut else list(cursor.get_children())[::-1], cut)

    def _node(self, cursor: cindex.Cursor, cut: bool, children: tuple[SyntaxNode, ...]) -> SyntaxNode:
        extent = cursor.extent
        start = extent.start.offset
        end = max(start, extent.end.offset)
        elsewhere = _file_name(extent.start) != self.file or end > len(self.source)
        text = "" if elsewhere else self.source[start:end].decode("utf-8", "surrogateescape")
        kind = "other" if cut else _KINDS.get(cursor.kind, "other")
        operator = ""
        if kind in {"binary", "assign", "unary"}:
            operator = self._operator(start, end, children)
            kind = "assign" if operator == "=" else kind
        if kind == "for":
            slots = self._for_slots(start, children)
            kind, children = ("for", slots) if slots else ("other", children)
        return SyntaxNode(
            kind,
            start,
            end,
            text,
            operator=operator,
            type=cursor.type.get_canonical().spelling,
            reference=self._reference(cursor) if kind in _REFERRING else "",
            children=children,
            in_macro=elsewhere
            or _from_macro(extent.start)
            or _from_macro(extent.end)
            # libclang moves the end of an expansion to the end of the macro call
            or any(child.in_macro and child.end == end for child in children),
        )

    def _operator(self, start: int, end: int, children: tuple[SyntaxNode, ...]) -> str:
        """What is written between two operands, or beside the only one."""
        if len(children) == 2:
            between = self._code(children[0].end, children[1].start)
        elif len(children) == 1:
            between = self._code(start, children[0].start) + self._code(children[0].end, end)
        else:
            between = b""
        return between.decode() if _OPERATOR.fullmatch(between) else ""

    def _code(self, start: int, end: int) -> bytes:
        """A stretch of the file without comments and white space."""
        return b"".join(_COMMENT.sub(b" ", self.source[start:end]).replace(b"\\\n", b"").split())

    def _for_slots(self, start: int, children: tuple[SyntaxNode, ...]) -> tuple[SyntaxNode, ...]:
        """Initialisation, condition, increment, body; libclang leaves out the absent ones, semicolons tell which.

        Empty if they cannot be told apart.
        """
        slots: dict[int, SyntaxNode] = {}
        position, semicolons = start, 0
        for child in children[:-1]:
            semicolons += self._code(position, child.start).count(b";")
            if semicolons in slots or semicolons > 2 or child.start < position:
                return ()
            slots[semicolons] = child
            semicolons += child.kind == "declaration"  # its extent holds the semicolon
            position = child.end
        if not children or semicolons + self._code(position, children[-1].start).count(b";") != 2:
            return ()
        absent = SyntaxNode("other", start, start, "")
        return (*(slots.get(slot, absent) for slot in range(3)), children[-1])

    def _reference(self, cursor: cindex.Cursor) -> str:
        """The declaration's USR; for what lives in a function, whose USRs may be shared, its place."""
        declaration = cursor.referenced
        if declaration is None:
            return ""
        is_variable = declaration.kind in {_K.VAR_DECL, _K.PARM_DECL}
        is_local = is_variable and declaration.linkage == cindex.LinkageKind.NO_LINKAGE
        usr = "" if is_local else declaration.get_usr()
        place = self.path if _file_name(declaration.location) == self.file else _file_name(declaration.location)
        return usr or f"{place}:{declaration.location.offset}"


def _look_through(cursor: cindex.Cursor) -> cindex.Cursor:
    """Steps down through nodes that are nothing in the text: implicit casts, temporaries."""
    while cursor.kind == _K.UNEXPOSED_EXPR:
        children = list(cursor.get_children())
        if len(children) != 1 or children[0].extent != cursor.extent:
            break
        cursor = children[0]
    return cursor


def _file_name(location: cindex.SourceLocation) -> str:
    return location.file.name if location.file else ""


def _from_macro(location: cindex.SourceLocation) -> bool:
    """Does it stand in a macro expansion?

    ``clang_getSpellingLocation`` does not tell: for what a macro's body brings it answers with the macro call.
    The raw location does: clang marks those of expansions by the highest bit (``SourceLocation::MacroIDBit``).
    """
    return bool(location.int_data & 0x8000_0000)
