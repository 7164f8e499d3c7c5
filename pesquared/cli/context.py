"""``pesquared context CODEBASE FUNCTION``: what a model would see of a function."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from pesquared.cli.json_target import JsonTarget
from pesquared.cli.looking import index_folder, look
from pesquared.cli.options import configure
from pesquared.core.protocols import Profile
from pesquared.core.source import Definition
from pesquared.reporters.context import context_document, context_text, view_document
from pesquared.reporters.words import printable, printable_lines
from pesquared.source import DependencyExtractor
from pesquared.source.languages import Keep

INDEX_SECONDS = 60.0


@click.command()
@click.argument("codebase", type=click.Path(path_type=Path))
@click.argument("function")
@click.option("--stacks", type=click.Path(path_type=Path), help="Folded stacks: weigh the callers by them.")
@click.option("--context-tokens", type=click.IntRange(100, 1_000_000), metavar="N", help="About as many tokens.")
@click.option("--compile-view", is_flag=True, help="Print one file that compiles, with all the function needs.")
@click.option("--no-index", is_flag=True, help="Do not read the whole code base; callers may be missing.")
@click.option("--json", "json_file", metavar="FILE|-", help="Write it as one JSON document.")
@click.option("--debug", is_flag=True, help="Print tracebacks of internal errors.")
@click.pass_obj
def context(environ: Mapping[str, str], /, codebase: Path, function: str, **options: object) -> None:
    """Print what a model would see of FUNCTION: its text, what it uses, who calls it, and why each part is there.

    FUNCTION is a name as a profile has it, FILE:FUNCTION, or FILE:LINE. Nothing in CODEBASE is changed.
    """
    settings = configure(codebase, options).settings
    target = JsonTarget.open(options["json_file"])
    keep = None if options["no_index"] else _keep(codebase, environ)
    looking = look(codebase, settings, environ, keep)
    for note in looking.notes:
        click.echo(note, err=True)
    definition = _definition(looking.extractor, function)
    if options["compile_view"]:
        view = looking.extractor.compile_view(definition)
        for problem in view.problems:
            click.echo(f"it does not compile: {printable(problem)}", err=True)
        if not target.takes_stdout:
            click.echo(printable_lines(view.text.replace("\r\n", "\n")), nl=False)
        target.write(view_document(view))
        return
    stacks = options["stacks"]
    tokens = settings.search.context_tokens
    found = looking.extractor.extract(definition, _profile(stacks), tokens)
    if not target.takes_stdout:
        click.echo(context_text(found))
    target.write(context_document(found))


def _definition(extractor: DependencyExtractor, function: str) -> Definition:
    """Raises UsageError where the name fits nothing, or several."""
    found = extractor.index.find(function)
    return found if isinstance(found, Definition) else extractor.definition(found)


def _profile(stacks: object) -> Profile | None:
    if stacks is None:
        return None
    from pesquared.cli.profile_notices import profile_notices
    from pesquared.profiles import StackAnalyzer

    profile = StackAnalyzer.read(Path(str(stacks)))
    for notice in profile_notices(profile):
        click.echo(f"note: {printable(notice)}", err=True)
    return profile


def _keep(codebase: Path, environ: Mapping[str, str]) -> Keep:
    return Keep(index_folder(codebase, environ), INDEX_SECONDS, progress=show_progress)


def show_progress(done: int, total: int) -> None:
    """A line that moves on a terminal, and nothing elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\rindex: {done} of {total} units" + ("\n" if done == total else ""), nl=False, err=True)
