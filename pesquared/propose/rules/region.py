"""Makes sure that a nest holds nothing that an analysis of its tree would overlook: calls, macros, pragmas."""

import re
from collections.abc import Iterator

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.rule import Refused, walk

# Strings first, so that what looks like a comment inside one is none.
_SKIPPED = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|/\*.*?\*/|//[^\n]*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_GAP_WORDS = frozenset({"for", "while", "do", "if", "else"})
_KNOWN = frozenset({
    "for", "compound", "declaration", "variable", "assign", "binary", "unary", "subscript", "name", "member",
    "literal", "cast", "paren", "conditional",
})  # fmt: skip
_BINARY = frozenset({
    "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||",
})  # fmt: skip
_UNARY = frozenset({"+", "-", "!", "~", "++", "--"})
_NAMES = {"call": "calls a function", "while": "holds another loop", "do": "holds another loop"}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a piece of code with their offsets in it."""
    for match in _SKIPPED.finditer(text):
        if match[0].startswith("/"):
            yield match.start(), match[0]


def without_comments(text: str) -> str:
    """The code with comments and strings blanked out, every character at its place."""
    return _SKIPPED.sub(lambda match: " " * len(match[0]), text)


def check_region(nest: SyntaxNode) -> None:
    """Looks at every node of the nest and at the text between them.

    Raises:
        Refused: there is something that the rule cannot judge.
    """
    for node in walk(nest):
        _check_node(node)
    code = without_comments(nest.text)
    if "#" in code:
        raise Refused("the nest holds a preprocessor line")
    covered = set()
    for node in walk(nest):
        if node.kind in {"name", "literal", "member", "variable", "cast"}:
            covered.update(_WORD.findall(node.text))
    for word in _WORD.findall(code):
        if word not in covered and word != "for":
            raise Refused(f"the nest holds `{word}`, whose meaning is not known")


def check_surroundings(text: str, base: int, path: tuple[SyntaxNode, ...], nest: SyntaxNode) -> None:
    """Makes sure that nothing but code stands before the nest and the loops around it: no pragma, no attribute.

    Args:
        text: the definition's source, one character a byte.
        base: offset of ``text`` in the file.
        path: from the function down to the nest's parent.
        nest: the outer loop.

    Raises:
        Refused: something is there that may say how the loop is to be run.
    """
    for parent, node in zip(path, (*path[1:], nest), strict=True):
        if parent.kind == "other":
            raise Refused("the nest stands inside something this rule does not know")
        if node.kind != "for":
            continue
        before = [child.end for child in parent.children if child.end <= node.start and child.text]
        gap = without_comments(text[max(before, default=parent.start) - base : node.start - base])
        strange = [word for word in _WORD.findall(gap) if word not in _GAP_WORDS]
        if "#" in gap or strange:
            raise Refused(f"the loop is preceded by `{strange[0] if strange else '#'}`, which may concern it")


def _check_node(node: SyntaxNode) -> None:
    if "volatile" in node.type or "_Atomic" in node.type:
        raise Refused(f"`{node.text}` is volatile or atomic")
    if node.in_macro and not _is_harmless_macro(node):
        raise Refused(f"`{node.text or 'part of the nest'}` comes from a macro")
    if node.kind == "binary" and node.operator not in _BINARY:
        raise Refused(f"`{node.text}` is not an operation this rule knows")
    if node.kind == "unary" and node.operator not in _UNARY:
        raise Refused(f"`{node.text}` reaches memory through a pointer")
    for child in node.children:
        # A type's name stands below the variable or cast that uses it, an empty slot below its loop.
        is_type = child.kind == "other" and node.kind in {"variable", "cast"} and not child.children
        is_nothing = child.kind == "other" and child.text.strip() in {"", ";"} and not child.in_macro
        if child.kind not in _KNOWN and not is_type and not is_nothing:
            what = _NAMES.get(child.kind, f"holds `{child.text.split()[0] if child.text.strip() else child.kind}`")
            raise Refused(f"the nest {what}")


def _is_harmless_macro(node: SyntaxNode) -> bool:
    """A macro that stands for one literal, or an expression that only begins or ends with such a one."""
    if node.kind == "literal":
        return _IDENTIFIER.fullmatch(node.text) is not None
    return bool(node.children) and all(
        (child.start, child.end) != (node.start, node.end) and child.end > child.start for child in node.children
    )
