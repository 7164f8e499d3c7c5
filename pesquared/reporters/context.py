"""A function's context: as Markdown for people, as JSON for programs."""

from collections.abc import Iterator

from pesquared.core.source import CompileView, FunctionContext
from pesquared.core.words import percent
from pesquared.reporters.words import printable, printable_lines

SCHEMA = 1
TAGS = {"c++": "cpp"}


def context_text(context: FunctionContext) -> str:
    """What a model would see, in the order in which it sees it."""
    return "\n\n".join(_parts(context))


def _parts(context: FunctionContext) -> Iterator[str]:
    definition = context.definition
    extent = definition.extent
    yield f"# {printable(definition.name)}"
    partial = "; partial: the parser met errors" if context.partial else ""
    yield (
        f"{printable(extent.path)}:{extent.line}, bytes {extent.start} to {extent.end}; "
        f"{definition.linkage.value} linkage; about {context.tokens} tokens{partial}"
    )
    for title, texts in (
        ("Definition", (context.text,)),
        ("Includes", context.includes),
        ("Types", context.types),
        ("Macros", context.macros),
        ("Globals", context.variables),
        ("Calls", context.callees),
    ):
        if texts:
            yield f"## {title}\n\n{_fenced(texts, definition.language)}"
    for one in context.callers:
        share = "" if one.share is None else f", {percent(one.share)} of the profile"
        place = f"{one.definition.extent.path}:{one.definition.extent.line}"
        head = f"## Called by {one.definition.name} ({one.kind}{share}), {place}"
        yield f"{printable(head)}\n\n{_fenced((one.text,), definition.language)}"
    if context.notes:
        yield "## Notes\n\n" + "\n".join(f"- {printable(note)}" for note in context.notes)
    yield "## Why each part is there\n\n" + "\n".join(_reasons(context))


def _fenced(texts: tuple[str, ...], language: str) -> str:
    body = printable_lines("\n".join(texts).replace("\r\n", "\n"))
    fence = "```"
    while fence in body:
        fence += "`"
    return f"{fence}{TAGS.get(language, language)}\n{body}\n{fence}"


def _reasons(context: FunctionContext) -> Iterator[str]:
    for one in context.evidence:
        if one.kind == "caller":
            why = f"calls it ({one.via})"
        else:
            why = f"named by {one.via}" if one.via else "named by the function"
        yield printable(f"- {one.kind} {one.name or '(no name)'}, {one.path}:{one.line}: {why}")


def context_document(context: FunctionContext) -> dict[str, object]:
    """The whole context, as docs/reference/json.md has it."""
    definition = context.definition
    extent = definition.extent
    return {
        "schema": SCHEMA,
        "name": definition.name,
        "signature": definition.signature,
        "path": extent.path,
        "line": extent.line,
        "start": extent.start,
        "end": extent.end,
        "sha256": extent.sha256,
        "language": definition.language,
        "linkage": definition.linkage.value,
        "from_macro": definition.from_macro,
        "text": context.text,
        "includes": list(context.includes),
        "types": list(context.types),
        "macros": list(context.macros),
        "variables": list(context.variables),
        "callees": list(context.callees),
        "callers": [
            {
                "name": one.definition.name,
                "path": one.definition.extent.path,
                "line": one.definition.extent.line,
                "kind": one.kind,
                "share": one.share,
                "text": one.text,
            }
            for one in context.callers
        ],
        "evidence": [
            {"kind": one.kind, "name": one.name, "path": one.path, "line": one.line, "via": one.via}
            for one in context.evidence
        ],
        "compile_flags": list(context.compile_flags),
        "tokens": context.tokens,
        "partial": context.partial,
        "notes": list(context.notes),
    }


def view_document(view: CompileView) -> dict[str, object]:
    """The compile view, as docs/reference/json.md has it."""
    return {
        "schema": SCHEMA,
        "text": view.text,
        "minimal": view.minimal,
        "arguments": list(view.arguments),
        "problems": list(view.problems),
    }
