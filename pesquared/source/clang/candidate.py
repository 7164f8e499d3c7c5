"""Looks at a rewrite before a build is spent on it: is all that others can see still there, and the same?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pesquared.core.source import Definition, Linkage
from pesquared.errors import PesquaredError
from pesquared.source.clang.definitions import defined_in
from pesquared.source.clang.library import parse
from pesquared.source.clang.unit import Unit

if TYPE_CHECKING:
    from pesquared.source.clang.index import ClangIndex

Interface = dict[tuple[str, str], tuple[str, str]]  # file and key → name and what others see of it


def interface_change(index: "ClangIndex", definition: Definition, files: Mapping[str, bytes]) -> str:
    """What is missing or other for other units once ``files`` hold what is given; "" if nothing is.

    One unit is parsed, the one that shows the definition. What does not compile there, by libclang's word, is left
    for the compiler to judge. Functions that only their own file can see may come, go and change.

    Args:
        index: the code base as it is.
        definition: what is rewritten.
        files: new contents by path, relative to the code base.
    """
    try:
        unit, _, _ = index.locate(definition)
    except PesquaredError:
        return ""  # the tree has moved on
    unsaved = {str(unit.root / path): content for path, content in files.items()}
    parsed = parse(unit.root / unit.command.file, unit.command.arguments, detailed=False, unsaved=unsaved)
    if unit.problems or parsed is None:
        return ""
    changed = Unit(unit.root, unit.command, parsed, files)
    if changed.problems:
        return ""
    before, after = _interface(unit, files), _interface(changed, files)
    for key, (name, told) in before.items():
        if key not in after:
            return f"{name} is no longer defined, or no longer for others to see"
        if after[key][1] != told:
            return f"{name} has to stay {told!r} for its callers, not {after[key][1]!r}"
    return ""


def _interface(unit: Unit, files: Mapping[str, bytes]) -> Interface:
    found: Interface = {}
    for entry, cursor in defined_in(unit):
        one = entry.definition
        if one.extent.path in files and one.linkage is Linkage.EXTERNAL:
            told = str(cursor.type.get_canonical().spelling)
            found[one.extent.path, entry.usr] = one.name, f"{one.name}: {told}"
    return found
