"""Makes the compile view of a function, and compiles it: what is minimal and fails gives way to the whole unit."""

from pathlib import Path

from pesquared.core.source import CompileView
from pesquared.source.clang.flatten import flattened
from pesquared.source.clang.library import parse
from pesquared.source.clang.preprocessing import Preprocessing
from pesquared.source.clang.standalone import Standalone
from pesquared.source.clang.toplevel import TopLevel
from pesquared.source.clang.unit import Span, Unit

NAME = "pesquared-compile-view"  # of a file that is in no folder


def compile_view(unit: Unit, record: Preprocessing, own: Span) -> CompileView:
    """The view of the function at ``own``. Where neither compiles, the minimal one and what is wrong with it."""
    arguments = unit.command.arguments
    text = Standalone(unit, record, TopLevel.of(unit)).text(own)
    problems = check(unit, text)
    if not problems:
        return CompileView(text, minimal=True, arguments=arguments)
    whole = flattened(unit, record)
    if not check(unit, whole):
        return CompileView(whole, minimal=False, arguments=arguments)
    return CompileView(text, minimal=True, arguments=arguments, problems=problems)


def check(unit: Unit, text: str, *, beside: bool = False) -> tuple[str, ...]:
    """The first errors of a text that is compiled as the unit is; with ``beside``, as if it were in its folder."""
    file = (unit.root / unit.command.file).parent / NAME if beside else Path(unit.command.directory, NAME)
    content = {str(file): text.encode("utf-8", "surrogateescape")}
    parsed = parse(file, unit.command.arguments, detailed=False, unsaved=content)
    return (
        ("libclang cannot parse it at all",) if parsed is None else Unit(unit.root, unit.command, parsed).problems
    )
