"""Reads a C text into the context a rule is given."""

import hashlib

from clang import cindex

from pesquared.core.proposal import EarlierTry, ProposalRequest, Role, Stage
from pesquared.core.source import Definition, Extent, FunctionContext, Linkage
from pesquared.source.clang.syntax import syntax_of


def context_of(code: str | bytes, name: str, *flags: str, language: str = "c") -> FunctionContext:
    """The context of the function ``name``, as the extractor would give it."""
    source = code if isinstance(code, bytes) else code.encode()
    path = "unit.c" if language == "c" else "unit.cpp"
    unit = cindex.Index.create().parse(path, args=list(flags), unsaved_files=[(path, source)])
    errors = [d.spelling for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
    assert not errors, errors
    cursor = next(c for c in unit.cursor.walk_preorder() if c.spelling == name and c.is_definition())
    start, end = cursor.extent.start.offset, cursor.extent.end.offset
    text = source[start:end]
    extent = Extent(path, start, end, source.count(b"\n", 0, start) + 1, 0, hashlib.sha256(text).hexdigest())
    definition = Definition(name, "", extent, Linkage.EXTERNAL, language, name)
    return FunctionContext(
        definition,
        text.decode("utf-8", "surrogateescape"),
        syntax=syntax_of(cursor, source, path),
        compile_flags=flags,
    )


def request_for(context: FunctionContext, stage: Stage = Stage.OPTIMIZE, *earlier: EarlierTry) -> ProposalRequest:
    return ProposalRequest(1, stage, Role.LEAF, context, ("main", context.definition.name), 0.9, earlier=earlier)
