"""``pesquared hotspots STACKS [CODEBASE]``: where the time goes."""

from dataclasses import replace
from pathlib import Path

import click

from pesquared.cli.hot_source import HotSource
from pesquared.cli.json_target import JsonTarget
from pesquared.core.hot import HotFunction, HotReport
from pesquared.core.profile import Hotspot
from pesquared.errors import UsageError
from pesquared.profiles import Filters, StackAnalyzer
from pesquared.reporters.hot_markdown import hot_markdown
from pesquared.reporters.hotspots import hotspots_document, hotspots_text

TOP = 20
TOKENS = 4000


@click.command()
@click.argument("stacks", type=click.Path(path_type=Path))
@click.argument("codebase", type=click.Path(path_type=Path), required=False)
@click.option("--also", type=click.Path(path_type=Path), multiple=True, metavar="STACKS", help="More stacks.")
@click.option("--top", type=click.IntRange(1, 10_000), default=TOP, metavar="N", help="Functions.  [default: 20]")
@click.option("--chains", is_flag=True, help="Show the call chains that lead to each.")
@click.option("--comm", multiple=True, metavar="NAME", help="Count only this process; may be repeated.")
@click.option("--thread", multiple=True, metavar="TID", help="Count only this thread; may be repeated.")
@click.option("--event", default="", metavar="NAME", help="Which event counts.  [default: time on the CPU]")
@click.option("--since-frame", default="", metavar="NAME", help="Let stacks begin here; leave out others.")
@click.option("--path-map", multiple=True, metavar="FROM=TO", help="Where sources of the build are here.")
@click.option(
    "--symfs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Where the programs of a perf.data from elsewhere are, under their full paths.",
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write the result as one JSON document.")
@click.option("--markdown", is_flag=True, help="Print it for a person or a model to read, with source lines.")
@click.option(
    "--tokens",
    type=click.IntRange(100),
    default=TOKENS,
    metavar="N",
    help="Budget of --markdown.  [default: 4000]",
)
def hotspots(
    stacks: Path,
    codebase: Path | None,
    *,
    also: tuple[Path, ...],
    top: int,
    chains: bool,
    symfs: Path | None,
    json_file: str | None,
    markdown: bool,
    tokens: int,
    **options: tuple[str, ...] | str,
) -> None:
    """Say where STACKS spend their time: functions, shares, call chains.

    With CODEBASE only its functions are listed. What they call outside of it, the C library or the kernel,
    counts as theirs.
    """
    target = JsonTarget.open(json_file)
    filters = replace(_filters(options), symfs=symfs)
    source = HotSource.open(codebase) if codebase is not None else None
    profile = StackAnalyzer.read(stacks, *also, filters=filters)
    report = _report(profile, source, top)
    if markdown:
        from pesquared.llm.tokens import estimate_tokens

        text = hot_markdown(report, lambda one: estimate_tokens(one) <= tokens)
    else:
        text = hotspots_text(report, chains=chains)
    click.echo(text, err=target.takes_stdout)
    target.write(hotspots_document(report))


def _filters(options: dict[str, tuple[str, ...] | str]) -> Filters:
    pairs = []
    for pair in options["path_map"]:
        before, found, after = pair.partition("=")
        if not (found and before.strip("/") and after):
            raise UsageError(f"--path-map {pair}: not FROM=TO", "name two folders: --path-map /build/src=src")
        pairs.append((before, after))
    return Filters(
        comms=tuple(options["comm"]),
        threads=tuple(options["thread"]),
        event=str(options["event"]),
        since_frame=str(options["since_frame"]),
        path_map=tuple(pairs),
    )


def _report(profile: StackAnalyzer, source: HotSource | None, top: int) -> HotReport:
    functions: list[HotFunction] = []
    in_all, owned = 0, 0.0
    for hotspot in profile.hotspots(source.owns if source else None):
        in_all += 1
        owned += hotspot.self_share
        if len(functions) < top:
            functions.append(_function(hotspot, profile, source))
    return HotReport(
        total=profile.total,
        functions=tuple(functions),
        functions_in_all=in_all,
        owned_share=min(owned, 1.0),
        left_out=tuple(str(diagnostic) for diagnostic in profile.diagnostics),
        exact_chains=profile.keeps_all_stacks,
        codebase=source.name if source else "",
    )


def _function(hotspot: Hotspot, profile: StackAnalyzer, source: HotSource | None) -> HotFunction:
    lines = profile.lines(hotspot.function)
    return source.function(hotspot, lines) if source else HotFunction(hotspot, lines=lines)
