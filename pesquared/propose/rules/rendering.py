"""Writes the exchanged nest in the style of the one it replaces."""

import re
from dataclasses import dataclass

from pesquared.core.source import SyntaxNode
from pesquared.propose.rules.guards import substituted
from pesquared.propose.rules.nests import Nest
from pesquared.propose.rules.region import comments

_STATEMENT_END = re.compile(rb"(?:\s|/\*.*?\*/|//[^\n]*\n)*;", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the author lays out code."""

    indent: str  # of the nest
    unit: str  # of one level
    newline: str
    braces: bool  # around single statements


def nest_end(source: bytes, base: int, nest: SyntaxNode) -> int:
    """Where the nest ends in the file, with the semicolon that libclang does not count as part of a body."""
    end = nest.end - base
    if source[end - 1 : end] in {b"}", b";"}:
        return nest.end
    match = _STATEMENT_END.match(source, end)
    return base + match.end() if match else nest.end


def layout_of(source: bytes, base: int, nest: Nest) -> Layout:
    """Reads it off the nest itself; four blanks a level where nothing tells."""
    indent = _indent(source, nest.node.start - base)
    inner = _indent(source, nest.inner.node.start - base)
    unit = inner[len(indent) :] if inner.startswith(indent) else ""
    newline = "\r\n" if b"\r\n" in source else "\n"
    return Layout(
        indent, unit or ("\t" if "\t" in indent else "    "), newline, nest.outer.body.kind == "compound"
    )


def _indent(source: bytes, position: int) -> str:
    line = source[source.rfind(b"\n", 0, position) + 1 : position]
    return line[: len(line) - len(line.lstrip())].decode("latin-1")


def exchanged(nest: Nest, layout: Layout, rounds: str) -> list[str]:
    """The new nest's lines, without the indent of the whole.

    Args:
        nest: the loops as they are.
        layout: of the source.
        rounds: a test that the old outer loop runs, where the new one may not be run otherwise; "" for none.
    """
    statement = f"{nest.statement.text};"
    if nest.accumulator is not None:
        statement = f"{substituted(nest.statement, {nest.accumulator.key: nest.target.text})};"
    setting = f"{nest.target.text} = {nest.initial};"
    lines = _block(nest.outer.header, [setting], layout) if nest.initial else []
    new = _block(nest.inner.header, _block(nest.outer.header, [statement], layout), layout)
    return lines + (_block(f"if ({rounds})", new, layout) if rounds else new)


def guarded(original: str, new: list[str], conditions: tuple[str, ...], layout: Layout) -> list[str]:
    """Both nests, chosen at run time. The original's own lines are only indented."""
    first, *rest = original.split(layout.newline)
    old = [first, *(line.removeprefix(layout.indent) for line in rest)]
    unit = layout.unit
    head, *more = conditions
    test = [f"if ({head}", *(f"    && {clause}" for clause in more)]
    return [
        "/* The order of the loops matters only where the arrays overlap. */",
        *test[:-1],
        f"{test[-1]}) {{",
        *_indented(new, unit),
        "} else {",
        *_indented(old, unit),
        "}",
    ]


def lost_comments(nest: Nest) -> list[str]:
    """Comments of the nest that stand in no piece of it that is kept; each becomes lines before the new nest."""
    kept = [*nest.outer.node.children[:3], *nest.inner.node.children[:3], nest.statement, nest.target]
    spans = [(node.start - nest.node.start, node.end - nest.node.start) for node in kept]
    text = nest.node.text.encode("utf-8", "surrogateescape").decode("latin-1")
    lines: list[str] = []
    for start, comment in comments(text):
        if not any(low <= start < high for low, high in spans):
            readable = comment.encode("latin-1").decode("utf-8", "surrogateescape")
            lines.extend(line.strip() for line in readable.splitlines())
    return lines


def without_variable(source: bytes, declaration: SyntaxNode, name: str, base: int) -> bytes:
    """The source without the declaration of one variable; unchanged where that is not plain to do."""
    start, end = declaration.start - base, declaration.end - base
    if len(declaration.children) == 1:
        line = source.rfind(b"\n", 0, start) + 1
        after = re.compile(rb"[ \t]*\r?\n").match(source, end)
        if after and not source[line:start].strip():
            start, end = line, after.end()
        return source[:start] + source[end:]
    word = re.escape(name.encode())
    pieces = re.split(rb"\b" + word + rb"\b\s*,\s*|\s*,\s*" + word + rb"\b(?=\s*[,;])", source[start:end])
    return source[:start] + b"".join(pieces) + source[end:] if len(pieces) == 2 else source


def placed(lines: list[str], layout: Layout) -> bytes:
    """The text that takes the nest's place; its first line stands where the nest's first line stood."""
    first, *rest = lines
    text = layout.newline.join([first, *(f"{layout.indent}{line}" if line else line for line in rest)])
    return text.encode("utf-8", "surrogateescape")


def braced(before: bytes, text: bytes, layout: Layout) -> bytes:
    """Both joined, ``text`` in a block of its own, since it stands where one statement is expected.

    The brace goes to the end of the line before, unless that may end in a comment.
    """
    newline = layout.newline.encode()
    header = before.rstrip()
    line = header[header.rfind(b"\n") + 1 :]
    indent = line[: len(line) - len(line.lstrip())]
    if b"//" in line or b"*/" in line or header.count(b"\n") == before.count(b"\n"):
        return before + b"{ " + text + b" }"
    return header + b" {" + newline + layout.indent.encode() + text + newline + indent + b"}"


def _block(head: str, body: list[str], layout: Layout) -> list[str]:
    if layout.braces or head.startswith("if "):
        return [f"{head} {{", *_indented(body, layout.unit), "}"]
    return [head, *_indented(body, layout.unit)]


def _indented(lines: list[str], unit: str) -> list[str]:
    return [f"{unit}{line}" if line else line for line in lines]
