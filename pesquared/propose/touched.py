"""Which functions a proposal rewrites, where that is all it does to the rest of the program."""

import re
from collections.abc import Iterable

from pesquared.core.proposal import Edit
from pesquared.core.source import Definition, FunctionContext

# What reaches beyond the text that it stands in: directives, and specialisations of templates that others use.
_FAR_REACHING = re.compile(
    rb"^[ \t]*#[ \t]*(?:define|undef|pragma)\b|\b_Pragma\b|\btemplate\s{0,8}<\s{0,8}>", re.MULTILINE
)


def touched(edits: Iterable[Edit], context: FunctionContext) -> tuple[str, ...] | None:
    """Qualified names of the functions rewritten, the target's first.

    New functions, variables and types do not count: what is unchanged does not use them. None where something else
    is replaced, or something new may change how other code is compiled.
    """
    known = (context.definition, *(caller.definition for caller in context.callers))
    names: dict[str, None] = {}
    for edit in edits:
        if _FAR_REACHING.search(edit.replacement):
            return None
        if edit.start == edit.end:
            continue
        rewritten = next((one for one in known if _lies_in(edit, one)), None)
        if rewritten is None:
            return None
        names[rewritten.name] = None
    return tuple(sorted(names, key=lambda name: name != context.definition.name))


def _lies_in(edit: Edit, definition: Definition) -> bool:
    extent = definition.extent
    return edit.path == extent.path and extent.start <= edit.start and edit.end <= extent.end
